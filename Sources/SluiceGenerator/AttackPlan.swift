import SluiceRecords

/// Decides which attacks and near misses an archive contains, and when.
///
/// A round is one of each scenario. Every round has its own part of the archive, so that two attacks without an IP
/// never meet in one window. The number of rounds grows slowly: two up to 24 days, then one more for every eight days.
struct AttackPlan {
  /// The maximum duration of a scenario, its later sign-in included.
  static let scenarioHoursMax: Int64 = 7
  static let archiveHoursMin = 24

  var world: World
  var archiveStart: Int64
  var hours: Int

  static func rounds(hours: Int) -> Int { max(2, 1 + hours / (24 * 8)) }

  /// Returns the number of attacker networks that rounds need, for each IP version.
  static func attackPairs(rounds: Int) -> Int { rounds * Scenario.all.count }

  func plant(rounds: Int) -> PlantedEvents {
    var planter = Planter(world: world, archiveStart: archiveStart, hours: hours)
    for round in 0..<rounds {
      for (i, scenario) in Scenario.all.enumerated() {
        var random = Random(world.seed, 8, UInt64(round), UInt64(i))
        var stage = Stage(
          world: world, number: round * Scenario.all.count + i,
          start: start(round, of: rounds, &random), random: random)
        scenario.play(&stage)
        planter.count(attack: scenario.isAttack)
        for (spec, repeated) in stage.events { planter.plant(spec, repeated: repeated) }
      }
    }
    return planter.finish()
  }

  /// Returns a start in the round's part of the archive, on a five-minute boundary.
  ///
  /// It leaves room for the scenario and for twenty minutes before the next part.
  private func start(_ round: Int, of rounds: Int, _ random: inout Random) -> Int64 {
    let partSize = Int64(hours) * 3_600_000 / Int64(rounds)
    let room = partSize - Self.scenarioHoursMax * 3_600_000 - 40 * 60_000
    precondition(room > 0, "an archive with attacks needs \(Self.archiveHoursMin) hours")
    let moment =
      archiveStart + Int64(round) * partSize + 20 * 60_000 + Int64(random.below(Int(room / 1000))) * 1000
    return moment - moment % 300_000
  }
}

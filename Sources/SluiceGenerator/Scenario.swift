/// The place and time of one scenario, and the events that it has produced.
struct Stage {
  let world: World
  /// The number of the scenario in the archive; it selects networks and people.
  let number: Int
  /// The start, on a five-minute boundary.
  let start: Int64
  var random: Random
  private(set) var events: [(spec: EventSpec, repeated: Bool)] = []

  init(world: World, number: Int, start: Int64, random: Random) {
    self.world = world
    self.number = number
    self.start = start
    self.random = random
  }

  func network(v6: Bool = false) -> Int { world.attackNetwork(number, v6: v6) }

  /// Returns the i-th person of this scenario; different for different i. 7,919 is prime.
  func user(_ i: Int) -> Int { (number * 613 + i * 7919) % World.userCount }

  /// Returns the i-th attempted name; two in five belong to a user.
  func target(_ i: Int) -> EventSpec.Actor {
    i % 5 < 2 ? .user(user(i)) : .stranger((number * 389 + i) % World.strangerCount)
  }

  /// - Parameter after: milliseconds since the start.
  mutating func event(
    _ kind: Int, _ actor: EventSpec.Actor, from network: Int?, after: Int, agent: Int = 0,
    isProxy: Bool = false,
    outcome: Int? = nil, suspected: StaticString = "false", repeated: Bool = false
  ) {
    let spec = EventSpec(
      time: start + Int64(after), kind: kind, actor: actor, network: network,
      agent: world.attackAgent(number + agent), outcome: outcome.map { world.threatOutcomes[$0] },
      isProxy: isProxy, threatSuspected: suspected, serial: 0)
    events.append((spec, repeated))
  }

  /// Adds one failed sign-in for each of `targets`, evenly spaced with some jitter from `from` on.
  mutating func attempts(
    _ targets: some Sequence<Int>, from network: Int?, at from: Int, every step: Int, isProxy: Bool = false,
    repeated: Bool = false
  ) {
    for (i, target) in targets.enumerated() {
      let roll = random.below(10)
      let kind =
        roll == 0
        ? EventKind.lockedOut : roll == 1 ? EventKind.directoryFailure : EventKind.invalidCredentials
      event(
        kind, self.target(target), from: network, after: from + i * step + random.below(max(step / 2, 1)),
        agent: random.below(3) / 2, isProxy: isProxy, repeated: repeated && i == 0)
    }
  }

  mutating func locks(_ users: some Sequence<Int>, from network: Int?, at from: Int, every step: Int) {
    for (i, user) in users.enumerated() {
      event(EventKind.accountLock, .user(self.user(user)), from: network, after: from + i * step)
    }
  }

  /// - Parameters:
  ///   - reason: the index in `World.threatReasons`.
  ///   - result: the index in `World.threatResults`.
  mutating func threat(
    reason: Int, result: Int, actor: Int, from network: Int?, after: Int, suspected: StaticString = "true"
  ) {
    event(
      EventKind.threat, .address(actor), from: network, after: after,
      outcome: reason * World.threatResults.count + result, suspected: suspected)
  }
}

/// One kind of attack or of near miss.
struct Scenario: Sendable {
  var name: String
  /// Whether it must be detected.
  var isAttack: Bool
  var play: @Sendable (inout Stage) -> Void

  static let all = stuffing + lockouts + threats
}

private let second = 1000
private let minute = 60_000
private let hour = 3_600_000

extension Scenario {
  private static let stuffing: [Scenario] = [
    Scenario(name: "stuffing, one burst, then a sign-in", isAttack: true) { stage in
      stage.attempts(0..<40, from: stage.network(), at: 20 * second, every: 4 * second)
      stage.event(
        EventKind.signIn, stage.target(5), from: stage.network(), after: 47 * minute)
    },
    Scenario(name: "stuffing over two hours", isAttack: true) { stage in
      stage.attempts(0..<240, from: stage.network(), at: second, every: 30 * second)
      stage.event(
        EventKind.signIn, stage.target(100), from: stage.network(), after: 3 * hour)
    },
    Scenario(name: "stuffing from IPv6, 15 users, 10 of them twice", isAttack: true) { stage in
      let network = stage.network(v6: true)
      stage.attempts(0..<15, from: network, at: minute, every: 5 * second, repeated: true)
      stage.attempts(0..<10, from: network, at: 3 * minute, every: 5 * second)
    },
    Scenario(name: "stuffing without an IP", isAttack: true) { stage in
      stage.attempts(0..<26, from: nil, at: 30 * second, every: 7 * second)
    },
    Scenario(name: "stuffing through a proxy", isAttack: true) { stage in
      stage.attempts(0..<30, from: stage.network(), at: 10 * second, every: 6 * second, isProxy: true)
      stage.attempts(0..<15, from: stage.network(), at: 4 * minute, every: 3 * second, isProxy: true)
    },
    Scenario(name: "24 attempts", isAttack: false) { stage in
      stage.attempts(0..<24, from: stage.network(), at: 10 * second, every: 5 * second)
    },
    Scenario(name: "14 users twice", isAttack: false) { stage in
      stage.attempts(0..<14, from: stage.network(), at: 10 * second, every: 4 * second)
      stage.attempts(0..<14, from: stage.network(), at: 2 * minute, every: 4 * second)
    },
    // All in one slide, so that no window contains the users without the third attempt.
    Scenario(name: "30 users, one with three attempts", isAttack: false) { stage in
      stage.attempts(0..<30, from: stage.network(), at: 10 * second, every: 4 * second)
      stage.attempts([3, 3], from: stage.network(), at: 3 * minute, every: 10 * second)
    },
    Scenario(name: "40 attempts, one a minute", isAttack: false) { stage in
      stage.attempts(0..<40, from: stage.network(v6: true), at: 0, every: minute)
    },
  ]

  private static let lockouts: [Scenario] = [
    Scenario(name: "eight accounts locked", isAttack: true) { stage in
      stage.locks(0..<8, from: stage.network(), at: 40 * second, every: 20 * second)
      stage.event(EventKind.signIn, .user(stage.user(4)), from: stage.network(), after: 30 * minute)
    },
    Scenario(name: "one account locked six times", isAttack: true) { stage in
      stage.locks([1, 1, 1, 1, 1, 1], from: stage.network(v6: true), at: second, every: 45 * second)
    },
    Scenario(name: "seven accounts locked without an IP", isAttack: true) { stage in
      stage.locks(0..<7, from: nil, at: 5 * second, every: 30 * second)
    },
    Scenario(name: "seven locks on either side of an edge", isAttack: true) { stage in
      stage.locks(0..<14, from: stage.network(), at: 5 * minute - 70 * second, every: 10 * second)
    },
    Scenario(name: "five accounts locked", isAttack: false) { stage in
      stage.locks(0..<5, from: stage.network(), at: 40 * second, every: 20 * second)
    },
    Scenario(name: "three locks on either side of an edge", isAttack: false) { stage in
      stage.locks(0..<3, from: stage.network(), at: 5 * minute - 1 - 20 * second, every: 10 * second)
      stage.locks(3..<6, from: stage.network(), at: 5 * minute, every: 10 * second)
    },
  ]

  private static let threats: [Scenario] = [
    Scenario(name: "three ThreatInsight sessions, more than an hour apart", isAttack: true) { stage in
      let network = stage.network()
      for session in 0..<3 {
        for i in 0..<(4 + 2 * session) {
          stage.threat(
            reason: (session + i) % 3, result: i % 3, actor: network, from: network,
            after: session * 100 * minute + i * 4 * minute)
        }
      }
    },
    Scenario(name: "ThreatInsight in log mode, IPv6", isAttack: true) { stage in
      let network = stage.network(v6: true)
      for i in 0..<5 {
        stage.threat(
          reason: i % 2, result: 1, actor: network, from: network, after: i * 50 * minute,
          suspected: i == 2 ? "TRUE" : "true")
      }
    },
    Scenario(name: "ThreatInsight, the address only with the actor", isAttack: true) { stage in
      for i in 0..<4 {
        stage.threat(reason: 1, result: 2, actor: stage.network(), from: nil, after: i * 2 * minute)
      }
    },
    Scenario(name: "ThreatInsight, not suspected or for other reasons", isAttack: false) { stage in
      let network = stage.network()
      stage.threat(reason: 1, result: 1, actor: network, from: network, after: minute, suspected: "false")
      stage.threat(reason: 3, result: 0, actor: network, from: network, after: 2 * minute)
      stage.threat(reason: 4, result: 0, actor: network, from: network, after: 3 * minute)
      stage.threat(reason: 6, result: 2, actor: network, from: network, after: 4 * minute)
    },
  ]
}

/// Writes the events of one hour, planted ones included, into one LZ4 frame.
///
/// All randomness comes from the seed and the hour's number, so an hour's bytes do not depend on the thread or the time
/// of writing. One event in a thousand is repeated after a few other events. Times within a file are out of order by a
/// few seconds.
struct HourWriter: ~Copyable {
  /// The size of the line buffer in bytes before it is compressed; a multiple of every block size.
  private static let chunkSize = FrameOptions.BlockSize.megabytes4.rawValue
  private static let lockBuckets = 12
  private static let lockCells = 1024
  private static let locksMax: UInt8 = 2

  private let world: World
  private let form: FrameOptions
  private var writer: EventWriter
  private var lines: UnsafeLineBuffer
  /// A ring of recent visitors: people act in bursts (sign-in, policy, factor, application).
  private var recent: [Visitor] = []
  private static let recentCount = 8

  /// A user at a network with an agent.
  private struct Visitor {
    var user, network, agent: Int
    var isProxy: Bool
  }

  /// The number of locks written, by bucket of five minutes and hash of the IP.
  private var locks: [UInt8]

  init(world: World, form: FrameOptions) {
    self.world = world
    self.form = form
    writer = EventWriter(world: world)
    lines = UnsafeLineBuffer(capacity: Self.chunkSize + 4 * EventWriter.eventSizeMax)
    locks = [UInt8](repeating: 0, count: Self.lockBuckets * Self.lockCells)
  }

  struct Written: Sendable {
    var plainSize = 0
    var fileSize = 0
    var duplicates = 0
  }

  /// - Parameters:
  ///   - start: the hour's first millisecond.
  ///   - background: the number of lines besides the planted ones.
  mutating func write(
    hour: Int, start: Int64, background: Int, planted: PlantedEvents, to path: String
  ) throws -> Written {
    var file = try FrameFile(path: path, form: form)
    var random = Random(world.seed, 6, UInt64(hour))
    var written = Written()
    var last = 0..<0
    var waiting = (planted.hours[hour] ?? [])[...]
    lines.clear()
    for i in locks.indices { locks[i] = 0 }
    recent.removeAll(keepingCapacity: true)

    for i in 0..<background {
      let nominal = Int(Int64(i) * 3_600_000 / Int64(background))
      while let next = waiting.first, next.position < start + Int64(nominal) {
        waiting.removeFirst()
        add(planted.lines[next.line])
      }
      if !last.isEmpty, random.once(in: 1000) {
        lines.reserve(last.count)
        lines.addAgain(last)
        written.duplicates += 1
      } else {
        let begin = lines.count
        let after = min(max(nominal + random.within(-3000...3000), 0), 3_599_999)
        let spec = backgroundEvent(hour: hour, index: i, start: start, after: after, &random)
        writer.write(spec, &random, to: &lines)
        // Sometimes choose another line to repeat, so that repetitions have some distance.
        if last.isEmpty || i % 8 == 0 { last = begin..<lines.count }
      }
      if lines.count >= Self.chunkSize {
        try file.write(lines.base, count: Self.chunkSize)
        written.plainSize += Self.chunkSize
        lines.drop(first: Self.chunkSize)
        last = 0..<0
      }
    }
    for next in waiting { add(planted.lines[next.line]) }
    try file.write(lines.base, count: lines.count)
    written.plainSize += lines.count
    written.fileSize = try file.finish()
    return written
  }

  private mutating func add(_ line: [UInt8]) {
    lines.reserve(line.count)
    lines.add(line)
  }

  private mutating func backgroundEvent(
    hour: Int, index: Int, start: Int64, after: Int, _ random: inout Random
  ) -> EventSpec {
    let visitor = nextVisitor(index, &random)
    let user = visitor.user
    var spec = EventSpec(
      time: start + Int64(after), kind: Int(world.kindTable[random.below(1000)]), actor: .user(user),
      network: nil, agent: visitor.agent, serial: EventSpec.serial(hour: hour, index: index))
    switch spec.kind {
    case EventKind.threat:
      let scanner = world.scanner(min(random.below(World.scannerCount), random.below(World.scannerCount)))
      // Reasons 5 and 6 do not contain the rule's phrase, as `World` requires.
      let outcome =
        (5 + random.below(2)) * World.threatResults.count + random.below(World.threatResults.count)
      spec.actor = .address(scanner)
      spec.network = scanner
      spec.outcome = world.threatOutcomes[outcome]
      spec.threatSuspected = random.once(in: 3) ? "false" : "true"
    case EventKind.invalidCredentials, EventKind.lockedOut, EventKind.directoryFailure:
      if random.once(in: 4) { spec.actor = .mistyped(user) }
      spec.network = failingNetwork(user, &random)
    case EventKind.accountLock:
      let network = failingNetwork(user, &random)
      spec.network = network
      let cell = after / 300_000 * Self.lockCells + (network & (Self.lockCells - 1))
      if locks[cell] < Self.locksMax { locks[cell] += 1 } else { spec.kind = EventKind.signIn }
    default:
      if EventKind.all[spec.kind].subject == .system {
        spec.actor = .system
      } else {
        spec.network = visitor.network
        spec.isProxy = visitor.isProxy
      }
    }
    return spec
  }

  /// Returns a recent visitor in three of five events, else a new one.
  private mutating func nextVisitor(_ index: Int, _ random: inout Random) -> Visitor {
    if recent.count == Self.recentCount, random.below(5) < 3 { return recent[random.below(Self.recentCount)] }
    let user = Int(world.userTable[random.below(world.userTable.count)])
    let visitor = Visitor(
      user: user, network: network(user, &random), agent: agent(of: user, &random),
      isProxy: random.once(in: 60))
    if recent.count < Self.recentCount {
      recent.append(visitor)
    } else {
      recent[index % Self.recentCount] = visitor
    }
    return visitor
  }

  /// Returns a network that few people share, for the reason given at `World`.
  private func failingNetwork(_ user: Int, _ random: inout Random) -> Int {
    switch random.below(10) {
    case 0..<6: world.ownNetwork(of: user, 0)
    case 6..<8: world.ownNetwork(of: user, 1)
    default: world.branchNetwork(world.users[user].branch)
    }
  }

  /// Returns a network for an ordinary event.
  ///
  /// A third of these events come through the organization's few egress addresses, most of them through the first.
  private func network(_ user: Int, _ random: inout Random) -> Int {
    switch random.below(100) {
    case 0..<34: world.ownNetwork(of: user, 0)
    case 34..<54: world.ownNetwork(of: user, 1)
    case 54..<68: world.branchNetwork(world.users[user].branch)
    default: world.hub(random.below(1 + random.below(World.hubCount)))
    }
  }

  /// Returns one of a user's two agents.
  private func agent(of user: Int, _ random: inout Random) -> Int {
    let hash = Random.mix(UInt64(user) << 1 | (random.once(in: 4) ? 1 : 0))
    return Int(world.agentTable[Int(hash & UInt64(world.agentTable.count - 1))])
  }
}

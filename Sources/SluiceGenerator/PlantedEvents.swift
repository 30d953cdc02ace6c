/// The planted lines of an archive, ready to be merged into the hourly files.
struct PlantedEvents: Sendable {
  struct Placed: Sendable {
    /// The position of the line in its hour's stream, in milliseconds since the epoch.
    ///
    /// It is the event's time with some disorder; a repetition is later.
    var position: Int64
    var line: Int
  }

  /// The lines, newlines included.
  fileprivate(set) var lines: [[UInt8]] = []
  fileprivate(set) var hours: [Int: [Placed]] = [:]
  fileprivate(set) var duplicates = 0
  fileprivate(set) var attacks = 0
  fileprivate(set) var nearMisses = 0

  var placedCount: Int { lines.count + duplicates }
}

/// Renders planned events and assigns them to hours.
///
/// One line in forty is repeated, byte for byte, a few seconds later in the same file.
struct Planter: ~Copyable {
  private var result = PlantedEvents()
  private var writer: EventWriter
  private var random: Random
  private var buffer = UnsafeLineBuffer(capacity: EventWriter.eventSizeMax)
  private let archiveStart: Int64
  /// The hour in the serials of planted events; no file has it.
  private let serialHour: Int

  init(world: World, archiveStart: Int64, hours: Int) {
    writer = EventWriter(world: world)
    random = Random(world.seed, 7)
    self.archiveStart = archiveStart
    serialHour = hours
  }

  mutating func count(attack: Bool) {
    if attack { result.attacks += 1 } else { result.nearMisses += 1 }
  }

  mutating func plant(_ spec: EventSpec, repeated: Bool = false) {
    var spec = spec
    spec.serial = EventSpec.serial(hour: serialHour, index: result.lines.count)
    buffer.clear()
    writer.write(spec, &random, to: &buffer)
    place(spec.time + Int64(random.below(4000)), spec.time)
    if random.once(in: 40) || repeated {
      place(spec.time + Int64(random.within(4000...30_000)), spec.time)
      result.duplicates += 1
    }
    result.lines.append(buffer.bytes(0..<buffer.count))
  }

  private mutating func place(_ position: Int64, _ time: Int64) {
    let hour = Int((time - archiveStart) / 3_600_000)
    let end = archiveStart + Int64(hour + 1) * 3_600_000
    result.hours[hour, default: []].append(.init(position: min(position, end - 1), line: result.lines.count))
  }

  consuming func finish() -> PlantedEvents {
    for hour in result.hours.keys {
      result.hours[hour]?.sort { ($0.position, $0.line) < ($1.position, $1.line) }
    }
    return result
  }
}

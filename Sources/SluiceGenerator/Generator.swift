import SluiceRecords
import SluiceReference
import SluiceSystem

/// Options of the archive to generate.
package struct GeneratorOptions: Sendable {
  /// The total number of lines, planted and repeated ones included.
  package var events: Int
  package var seed: UInt64
  /// A directory that is empty or does not exist.
  package var output: String
  /// The start of the archive; a full hour.
  package var start: EventTime
  /// The number of hourly files; nil for one per 20,000 events, at least 24.
  package var hours: Int?
  package var threads: Int
  package var lz4: FrameOptions
  /// Whether to plant attacks and near misses.
  ///
  /// They need 24 hours. Rounds of them are omitted if `events` has no room for them.
  package var attacks: Bool

  package static let defaultStart = EventTime(
    milliseconds: Int64(EventTime.daysSinceEpoch(year: 2026, month: 1, day: 5)) * 86_400_000)

  package init(
    events: Int, seed: UInt64, output: String, start: EventTime = defaultStart, hours: Int? = nil,
    threads: Int = 1, lz4: FrameOptions = FrameOptions(), attacks: Bool = true
  ) {
    self.events = events
    self.seed = seed
    self.output = output
    self.start = start
    self.hours = hours
    self.threads = threads
    self.lz4 = lz4
    self.attacks = attacks
  }
}

package struct GeneratorSummary: Sendable {
  package var files = 0
  package var events = 0
  /// The size of the lines, newlines included.
  package var plainSizeBytes = 0
  package var compressedSizeBytes = 0
  package var duplicates = 0
  package var attacks = 0
  package var nearMisses = 0
  package var plantedEvents = 0
  package var expectedDetections = 0
  package var archivePath: String
  package var expectedPath: String
}

/// Generates a synthetic archive, `OUTPUT/archive/YYYY/MM/DD/HH.json.lz4`, and its detections,
/// `OUTPUT/expected.ndjson`.
///
/// The expected detections are those of the planted events; `World` explains why the background adds none. The same
/// options give the same bytes for any number of threads. The memory needed is that of the planted events and one chunk
/// per thread.
///
/// The archive is renamed last, so an unfinished one never looks complete: it is `OUTPUT/archive.partial`.
///
/// - Throws: `GeneratorError` or `OutputError`.
package func generate(_ options: GeneratorOptions) throws -> GeneratorSummary {
  let hours = options.hours ?? max(24, (options.events + 19_999) / 20_000)
  try check(options, hours: hours)
  var summary = GeneratorSummary(
    archivePath: options.output + "/archive", expectedPath: options.output + "/expected.ndjson")
  let unfinished = summary.archivePath + ".partial"
  try Folders.make(options.output)
  try Folders.checkEmpty(options.output)

  let (world, planted) = plant(options, hours: hours)
  let start = options.start.milliseconds
  let paths = try makePaths(unfinished, start: start, hours: hours)
  let counts = backgroundCounts(options.events - planted.placedCount, start: options.start, hours: hours)

  let written = try parallelMap(
    count: hours, threads: max(options.threads, 1), state: { HourWriter(world: world, form: options.lz4) }
  ) { writer, hour in
    try writer.write(
      hour: hour, start: start + Int64(hour) * 3_600_000, background: counts[hour], planted: planted,
      to: paths[hour])
  }

  var lines: [[UInt8]] = []
  for placed in planted.hours.values.joined() { lines.append(planted.lines[placed.line].dropLast()) }
  // The triage's file counts depend on how the archive is split into files.
  var reference = ReferenceOptions()
  reference.triages = false
  let detections = referenceDetections(lines: lines, options: reference).detections
  var files = OutputFiles()
  let expected = try files.open(summary.expectedPath)
  try files.write(detections.flatMap { $0.ndjson + [UInt8(ascii: "\n")] }, to: expected)
  try files.commit()
  try Folders.rename(unfinished, to: summary.archivePath, in: options.output)

  summary.files = hours
  summary.events = options.events
  summary.plainSizeBytes = written.reduce(0) { $0 + $1.plainSize }
  summary.compressedSizeBytes = written.reduce(0) { $0 + $1.fileSize }
  summary.duplicates = written.reduce(planted.duplicates) { $0 + $1.duplicates }
  summary.attacks = planted.attacks
  summary.nearMisses = planted.nearMisses
  summary.plantedEvents = planted.placedCount
  summary.expectedDetections = detections.count
  return summary
}

private func check(_ options: GeneratorOptions, hours: Int) throws {
  func require(_ ok: Bool, _ message: String) throws {
    if !ok { throw GeneratorError.invalid(message) }
  }
  try require(options.events >= 0, "the number of events must not be negative")
  try require(options.start.milliseconds % 3_600_000 == 0, "the start must be a full hour")
  try require(options.start.milliseconds >= 0, "the start must not lie before 1970")
  try require((1..<1 << 23).contains(hours), "the number of hours must be at least 1 and below 8,388,608")
  try require(options.events / hours < 1 << 22, "at most 4,194,303 events an hour; take more hours")
  try require(
    !options.attacks || hours >= AttackPlan.archiveHoursMin,
    "attacks need an archive of \(AttackPlan.archiveHoursMin) hours")
}

/// Plants as many rounds as the archive's length suggests and its number of events allows.
private func plant(_ options: GeneratorOptions, hours: Int) -> (World, PlantedEvents) {
  var rounds = options.attacks ? AttackPlan.rounds(hours: hours) : 0
  while true {
    let world = World(seed: options.seed, attackPairs: AttackPlan.attackPairs(rounds: rounds))
    let plan = AttackPlan(world: world, archiveStart: options.start.milliseconds, hours: hours)
    let planted = plan.plant(rounds: rounds)
    if rounds == 0 || planted.placedCount <= options.events { return (world, planted) }
    rounds -= 1
  }
}

private func makePaths(_ archive: String, start: Int64, hours: Int) throws -> [String] {
  var paths: [String] = []
  var lastDay = ""
  for hour in 0..<hours {
    // The text is 2026-01-05T10:…
    let text = EventTime(milliseconds: start + Int64(hour) * 3_600_000).description
    let day = archive + "/" + text.prefix(10).split(separator: "-").joined(separator: "/")
    if day != lastDay { try Folders.make(day) }
    lastDay = day
    paths.append("\(day)/\(text.dropFirst(11).prefix(2)).json.lz4")
  }
  return paths
}

/// Distributes the background over the hours: nights and weekends are quiet.
private func backgroundCounts(_ total: Int, start: EventTime, hours: Int) -> [Int] {
  let byHour = [3, 3, 2, 2, 3, 4, 6, 9, 12, 14, 14, 13, 11, 13, 14, 14, 13, 11, 8, 6, 5, 5, 4, 4]
  let weights = (0..<hours).map { hour in
    let absolute = Int(start.milliseconds / 3_600_000) + hour
    // 1970-01-01 was a Thursday.
    let isWeekend = (absolute / 24 + 3) % 7 >= 5
    return byHour[absolute % 24] * (isWeekend ? 2 : 5)
  }
  let sum = weights.reduce(0, +)
  var before = 0
  return weights.map { weight in
    func share(_ part: Int) -> Int {
      let product = total.multipliedFullWidth(by: part)
      return sum.dividingFullWidth(product).quotient
    }
    defer { before += weight }
    return share(before + weight) - share(before)
  }
}

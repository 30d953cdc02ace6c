import ArgumentParser
import SluiceEngine
import SluiceGenerator
import SluiceRecords
import SluiceSystem

/// `sluice generate`: a synthetic archive and the detections that it must give.
struct GenerateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate",
    abstract: "Make a synthetic archive with planted attacks and their expected detections.",
    discussion: """
      Writes DIR/archive/YYYY/MM/DD/HH.json.lz4, one LZ4 frame an hour, and DIR/expected.ndjson, the \
      detections that a scan of DIR/archive with --no-triage --no-evidence must give. The same options give the same bytes, whatever the \
      number of threads. DIR/archive gets its name when all is written; a run that fails or is killed leaves \
      DIR/archive.partial.

      Exit status: 0 all was written; 3 failed; 64 wrong usage.
      """)

  @Option(name: .long, help: "Lines in the archive, planted and repeated ones included.")
  var events: Int

  @Option(name: .long, help: "Seed of all that is random.")
  var seed: UInt64 = 1

  @Option(
    name: .long, help: ArgumentHelp("A directory that is empty or does not exist yet.", valueName: "dir"),
    completion: .directory)
  var output: String

  @Option(
    name: .long,
    help: ArgumentHelp("The first hour, UTC, such as 2026-01-05T00.", valueName: "time"))
  var start: FirstHour = FirstHour(time: GeneratorOptions.defaultStart)

  @Option(
    name: .long, help: "Number of hourly files. Default: one for every 20,000 events, at least 24.")
  var hours: Int?

  @Option(name: .long, help: "Threads that write. Default: as many as this process may use processors.")
  var threads: Int = availableProcessors()

  @Option(name: .long, help: "Size of the LZ4 blocks: 64K, 256K, 1M or 4M.")
  var blockSize: FrameOptions.BlockSize = .megabytes4

  @Flag(inversion: .prefixedNo, help: "Whether LZ4 blocks refer to the block before.")
  var linked = false

  @Flag(help: "Write a checksum after every LZ4 block.")
  var blockChecksum = false

  @Flag(inversion: .prefixedNo, help: "Whether to write a checksum of each file's content.")
  var contentChecksum = true

  @Flag(help: "State each file's plain size in its header.")
  var contentSize = false

  @Option(name: .long, help: "LZ4 compression level: 0 fast, 3 to 12 smaller, below 0 faster.")
  var level = 0

  @Flag(inversion: .prefixedNo, help: "Whether to plant attacks and near misses.")
  var attacks = true

  func validate() throws {
    guard (0...1_000_000_000_000).contains(events) else {
      throw ValidationError("--events takes a number from 0 to a million millions.")
    }
    guard (1...256).contains(threads) else {
      throw ValidationError("--threads takes a number from 1 to 256.")
    }
    if let hours, hours < 1 { throw ValidationError("--hours must be at least 1.") }
    if !(-1000...12).contains(level) { throw ValidationError("--level must lie between -1000 and 12.") }
  }

  func run() throws {
    let form = FrameOptions(
      blockSize: blockSize, linked: linked, blockChecksum: blockChecksum, contentChecksum: contentChecksum,
      contentSize: contentSize, level: level)
    let options = GeneratorOptions(
      events: events, seed: seed, output: output, start: start.time, hours: hours, threads: threads,
      lz4: form,
      attacks: attacks)
    do {
      var files = OutputFiles()
      let target = try files.open(nil)
      let summary = try generate(options)
      let text =
        """
        \(summary.archivePath): \(NumberFormat.count(summary.files, "file")), \(NumberFormat.count(summary.events, "event")), \
        \(NumberFormat.count(summary.plainSizeBytes, "byte")), \(summary.compressedSizeBytes) compressed
        \(summary.expectedPath): \(NumberFormat.count(summary.expectedDetections, "detection")) of \
        \(NumberFormat.count(summary.attacks, "planted attack")) \
        (beside \(NumberFormat.count(summary.nearMisses, "near miss", "near misses")))

        """
      try files.write(Array(text.utf8), to: target)
    } catch {
      fail("\(error)")
      throw ExitStatus.failed
    }
  }
}

/// A full hour as an option's value: `2026-01-05T10`, with or without a trailing `:00:00Z` or `:00:00.000Z`.
struct FirstHour: ExpressibleByArgument, CustomStringConvertible {
  var time: EventTime

  init(time: EventTime) { self.time = time }

  init?(argument: String) {
    let parts = argument.split(separator: "T", omittingEmptySubsequences: false)
    let date = parts[0].split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
    guard date.count == 3, let year = date[0], let month = date[1], let day = date[2] else { return nil }
    var hour = 0
    if parts.count == 2 {
      guard let given = Int(parts[1].prefix(2)) else { return nil }
      guard ["", ":00", ":00Z", ":00:00", ":00:00Z", ":00:00.000Z"].contains(parts[1].dropFirst(2)) else {
        return nil
      }
      hour = given
    }
    guard parts.count <= 2, (1970...9999).contains(year), (1...12).contains(month), (1...31).contains(day),
      (0..<24).contains(hour)
    else { return nil }
    let days = EventTime.daysSinceEpoch(year: year, month: month, day: day)
    time = EventTime(milliseconds: Int64(days) * 86_400_000 + Int64(hour) * 3_600_000)
    // A 30th of February would become a day in March.
    guard time.date == (year, month, day) else { return nil }
  }

  var description: String { time.description }
  var defaultValueDescription: String { String(description.prefix(13)) }
}

extension FrameOptions.BlockSize: ExpressibleByArgument {
  package init?(argument: String) {
    switch argument.uppercased() {
    case "64K", "64KB": self = .kilobytes64
    case "256K", "256KB": self = .kilobytes256
    case "1M", "1MB": self = .megabyte1
    case "4M", "4MB": self = .megabytes4
    default: return nil
    }
  }

  package static var allValueStrings: [String] { allCases.map(\.defaultValueDescription) }
  package static var allValueDescriptions: [String: String] { [:] }

  package var defaultValueDescription: String {
    switch self {
    case .kilobytes64: "64K"
    case .kilobytes256: "256K"
    case .megabyte1: "1M"
    case .megabytes4: "4M"
    }
  }
}

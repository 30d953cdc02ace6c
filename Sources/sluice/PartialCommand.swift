import ArgumentParser
import SluiceEngine
import SluiceReport
import SluiceSystem

/// `sluice partial`: the observations of part of an archive, as a file.
struct PartialCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "partial",
    abstract: "Write the observations of some part of an archive to a file, for 'sluice merge'.",
    discussion: """
      A partial holds the events that passed the filters of the active rules, and the statistics, but no verdict: \
      'sluice merge' evaluates rules with these filters, with any thresholds, windows and exceptions, on any number of partials, and \
      finds what a scan of all their files would. So an archive can be read by many machines, each some of the files.

      Partials can be concatenated into one file. Their format is described in Sources/SluiceEngine/SluiceEngine.docc/PartialFormat.md.

      Exit status: 0 all input was read; 2 finished, but some input could not be read or was rejected, or a folder holds no file, which \
      the partial says too; \
      3 failed, nothing was written; 64 wrong usage.
      """)

  @Argument(
    help: "Files, directories (read with all below them), or - for standard input.", completion: .file())
  var paths: [String]

  @Option(help: ArgumentHelp("Write the partial here.", valueName: "file"), completion: .file())
  var output: String

  @Option(
    help: ArgumentHelp("Write the statistics of this part here, as JSON.", valueName: "file"),
    completion: .file())
  var stats: String?

  @Option(
    help: ArgumentHelp(
      "Number of shards, a power of two up to 65536; the same for all partials that are merged.",
      valueName: "k"))
  var shards: Int = Tuning().shardCount

  @Flag(
    help:
      """
      Let shards be dealt out to several 'merge --shard-range': no frame holds rows of two shards, and a \
      rule that does not group by the client IP has all its rows in one shard.
      """
  )
  var framePerShard = false

  @Option(
    help: ArgumentHelp(
      """
      Read only the lines that begin in blocks that begin at bytes FIRST..END of the file, END not \
      included; of one file of LZ4 with independent blocks and an event a line.
      """,
      valueName: "range"))
  var range: ByteRange?

  @Option(
    name: .customLong("rule"),
    help: ArgumentHelp("Only for this rule, also one that is off; may be repeated.", valueName: "id"),
    completion: DetectionInput.ruleIDs)
  var ruleIDs: [String] = []

  @OptionGroup var rules: RulesOption
  @OptionGroup var archive: ArchiveOptions
  @OptionGroup var memory: MemoryOption

  @Flag(help: "Require every line, not only those that a rule may match, to be whole, valid JSON.")
  var strict = false

  @Flag(help: "Say nothing on standard error but why a result is missing or incomplete.")
  var quiet = false

  mutating func validate() throws {
    guard (1...65536).contains(shards), shards & (shards - 1) == 0 else {
      throw ValidationError("--shards takes a power of two from 1 to 65536.")
    }
  }

  func run() throws {
    let book = try rules.book(isQuiet: quiet)
    var options = ScanOptions(paths: paths)
    options.rules = try book.rules(ruleIDs)
    options.threads = archive.threads
    options.verifies = archive.verify
    options.isStrict = strict
    options.limits = archive.limits
    options.memoryBytes = memory.bytes
    options.tuning.shardCount = shards

    let runStats: RunStats
    do {
      var files = OutputFiles()
      let target = try files.open(output)
      let statsTarget = try stats.map { path throws(OutputError) in try files.open(path) }
      let listing = ArchiveListing(paths: paths)
      try files.check(against: listing)
      runStats = try archive.showingProgress(isQuiet: quiet) { progress in
        options.progress = progress
        return try files.write(to: target) { descriptor in
          try Scan(options).writePartial(
            of: listing, range: range?.bytes, to: descriptor, framesPerShard: framePerShard)
        }
      }
      if let statsTarget { try files.write(runStats.json + [UInt8(ascii: "\n")], to: statsTarget) }
      try files.commit()
    } catch {
      fail("\(error)")
      throw ExitStatus.afterError(error)
    }
    try conclude(Outcome(runStats), notes: Summary(runStats).notes, isToFile: output != "-", isQuiet: quiet)
  }
}

/// A range of bytes, such as `0..4194304`.
struct ByteRange: ExpressibleByArgument {
  var bytes: Range<Int>

  init?(argument: String) {
    let ends = argument.split(separator: ".", omittingEmptySubsequences: false)
    guard ends.count == 3, ends[1].isEmpty, let first = Int(ends[0]), let end = Int(ends[2]), first >= 0,
      first < end
    else { return nil }
    bytes = first..<end
  }
}

import ArgumentParser
import SluiceEngine
import SluiceRecords
import SluiceSystem

/// `sluice merge`: partials to detections.
struct MergeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge",
    abstract: "Evaluate rules on partials, and write what a scan of their files would have found.",
    discussion: """
      The partials must have been made with the filters of all active rules. Thresholds, windows, exceptions and the requested \
      time may differ. --rule selects some of the rules that the partials were made with.

      Partials of ranges must be from one version of their file. Bytes of the file that are in no partial are reported.

      The archive is not read. With --triage-from, detections are triaged with the files given there, as in 'scan'.

      Exit status: 0 all input was read; 1 with --exit-code, if there are detections that no exception covers; \
      2 finished, but by the partials' totals some input could not be read or was rejected, bytes of a file are \
      in no partial, no record was read at all, or less than --min-files and --newest expect; 3 failed, nothing \
      was written: for example, a partial is damaged or cut, two are of the same bytes or of two versions of a \
      file, one does not fit the others, or the number of sources is not the expected one; 64 wrong \
      usage.
      """)

  @Argument(help: "Files of partials.", completion: .file())
  var partials: [String]

  @Option(
    help: ArgumentHelp("Fail unless the partials are of so many files, or ranges of files.", valueName: "n"))
  var expect: Int?

  @Option(
    help: ArgumentHelp(
      """
      Evaluate only shards FIRST..LAST, both included; rows of others may be missing. Rules that do not \
      group by the client IP need partials made with --frame-per-shard.
      """,
      valueName: "range"))
  var shardRange: ShardRange?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Triage by these files and directories, as far as they are near in time. Give it after the partials.",
      valueName: "path"),
    completion: .file())
  var triageFrom: [String] = []

  @OptionGroup(title: "Expectations")
  var expected: ExpectationOptions

  @OptionGroup(title: "Output")
  var output: DetectionOutput

  @OptionGroup(title: "Input")
  var detection: DetectionInput

  @OptionGroup var memory: MemoryOption

  @OptionGroup(title: "Archive, for triage")
  var archive: ArchiveOptions

  mutating func validate() throws {
    if partials.contains("-") {
      throw ValidationError("partials are read by place, so that they must be files, not standard input.")
    }
    if triageFrom.contains("-") {
      throw ValidationError("--triage-from takes files, which can be read twice.")
    }
  }

  func run() throws {
    let book = try detection.rulebook()
    var options = ScanOptions(paths: triageFrom)
    detection.set(&options, book)
    options.rules = try detection.rules(output.ruleIDs, of: book)
    options.hasEvidence = output.evidence
    options.expectation = expected.expectation
    options.threads = archive.threads
    options.verifies = archive.verify
    options.limits = archive.limits
    options.memoryBytes = memory.bytes
    try output.write(
      book, isQuiet: detection.quiet, inputs: { ArchiveListing(paths: partials + triageFrom) }
    ) { _ in
      try archive.showingProgress(isQuiet: detection.quiet) { progress in
        options.progress = progress
        return try Scan(options).merging(partials, expected: expect, shards: shardRange?.shards)
      }
    }
  }
}

/// A range of shards, such as `3..5`.
struct ShardRange: ExpressibleByArgument {
  var shards: ClosedRange<Int>

  init?(argument: String) {
    let ends = argument.split(separator: ".", omittingEmptySubsequences: false)
    guard ends.count == 3, ends[1].isEmpty, let first = Int(ends[0]), let last = Int(ends[2]), first >= 0,
      first <= last
    else { return nil }
    shards = first...last
  }
}

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
      The partials must have been made for the filters of all active rules; thresholds, windows, exceptions and the time asked for may \
      be others. Of the rules for which they were made --rule picks some.

      Partials of ranges must be of one state of their file. Bytes of it that are in no partial are named.

      The archive is not read, so detections are triaged only with --triage-from, by the files there, as 'scan' does.

      Exit status: 0 all input was read; 1 with --exit-code, if there are detections that no exception covers; \
      2 finished, but by the partials' totals some input could not be read or was rejected, bytes of a file are \
      in no partial, no record was read at all, or less than --min-files and --newest expect; 3 failed, nothing \
      was written: among other things if a partial is damaged or cut, if two are of the same bytes or of two \
      states of a file, if one does not fit the others, or if there are not as many sources as expected; 64 wrong \
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

  @OptionGroup(title: "What is expected")
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

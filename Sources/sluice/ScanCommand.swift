import ArgumentParser
import SluiceEngine
import SluiceRecords

struct ScanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scan",
    abstract: "Scan an archive and write its detections.",
    discussion: """
      --output, --stats and --risk replace their files as a whole, by renaming: whenever a run fails or is killed, each holds \
      what it held before, or all of the new. A symbolic link is replaced, not followed; /dev/stdout, /dev/fd/N, character \
      devices and pipes are written to. A run that is killed while it writes may leave a file sluice-*.part beside them, \
      which is safe to delete.

      A detection that an exception of --rules covers is written with "suppressed": its exception's id, owner, reason and \
      expiry. It is not in the table and not counted by --exit-code; the table's end, or standard error, says how many each \
      exception hid, and which have expired or were not used.

      The table shows episodes, the worst first: windows of one rule and key that overlap or touch are one row, with the figures \
      of its largest window. csv, ocsf (Detection Finding, class 2004) and ecs (Elastic Common Schema) write one record a window, \
      as ndjson does; navigator writes one layer of the ATT&CK Navigator, in which a technique's score is its number of detections.

      --risk adds a rule's risk score, for each detection that no exception covers, to its client IP and to each user that it \
      names.

      With --output a line on standard error says how the run ended. --quiet leaves that out; a run that ends with status 2 \
      always says why.

      Exit status: 0 all input was read; 1 with --exit-code, if there are detections that no exception covers; 2 finished, \
      but some input could not be read or was rejected, a folder holds no file, no record was read at all, or less than \
      --min-files and --newest expect; 3 failed, nothing was written (if only some of the files could be \
      replaced, the message says so); 64 wrong usage.
      """)

  @Argument(
    help: "Files, directories (read with all below them), or - for standard input.", completion: .file())
  var paths: [String]

  @Flag(
    inversion: .prefixedNo,
    help:
      "Whether to find out, by reading near files again, what else each detection's client IP did: who is compromised."
  )
  var triage = true

  @OptionGroup(title: "Expectations")
  var expected: ExpectationOptions

  @OptionGroup(title: "Output")
  var output: DetectionOutput

  @OptionGroup(title: "Input")
  var input: ScanInput

  func run() throws {
    let book = try input.detection.rulebook()
    var options = input.options(paths, book)
    options.rules = try input.detection.rules(output.ruleIDs, of: book)
    options.triages = triage
    options.expectation = expected.expectation
    options.hasEvidence = output.evidence
    try output.write(
      book, isQuiet: input.detection.quiet, inputs: { ArchiveListing(paths: paths) }
    ) { listing in
      try input.archive.showingProgress(isQuiet: input.detection.quiet) { progress in
        options.progress = progress
        return try Scan(options).run(listing: listing)
      }
    }
  }
}

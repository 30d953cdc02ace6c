import ArgumentParser
import Glibc
import SluiceEngine
import SluiceReport
import SluiceSystem

/// `sluice what-if`: how often a rule would have fired with other thresholds.
struct WhatIfCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "what-if",
    abstract: "Show how often a rule would have fired for each value of one of its thresholds.",
    discussion: """
      TERM is a comparison of the rule's condition whose number takes each value of a range in turn, both ends included:

        sluice what-if okta-credential-stuffing 'unique_users >= 10..30' archive
        sluice what-if okta-credential-stuffing 'pct_users_few_attempts >= 50..95.5 step 0.5' archive

      The column and the operator must be those of one comparison with a number in the condition, as 'sluice rules' shows it; \
      the last part of a column's name will do. The rest of the condition stays as it is. Whole numbers go by ones if no step \
      is given; there are at most \(ThresholdRange.countMax) values. The archive is scanned once, and every window is evaluated \
      for every value, so that each line is what a scan with that value would give, also where a higher value finds more.

      An episode is a run of windows of one key that fire and overlap or touch. Suppressed are the detections that an exception \
      of --rules covers; they are among the detections.

      Exit status: 0 all input was read; 2 finished, but some input could not be read or was rejected, or no record was \
      read; 3 failed, nothing was written; 64 wrong usage.
      """)

  @Argument(help: "The rule, also one that is off.", completion: DetectionInput.ruleIDs)
  var rule: String

  @Argument(help: ArgumentHelp("COLUMN OPERATOR FROM..TO, or FROM..TO step N.", valueName: "term"))
  var term: String

  @Argument(
    help: "Files, directories (read with all below them), or - for standard input.", completion: .file())
  var paths: [String]

  @Option(help: "How the answer is written: table or json.")
  var format: Format = .table

  @OptionGroup(title: "Input")
  var input: ScanInput

  enum Format: String, ExpressibleByArgument, CaseIterable { case table, json }

  func run() throws {
    let book = try input.detection.rulebook()
    let rules = try input.detection.rules([rule], of: book)
    let term: ThresholdTerm
    do {
      term = try ThresholdTerm(self.term, in: rules[0])
    } catch {
      fail("\(error)")
      throw ExitStatus.usage
    }
    let stats: RunStats
    do {
      var options = input.options(paths, book)
      let result = try input.archive.showingProgress(isQuiet: input.detection.quiet) { progress in
        options.progress = progress
        return try Scan(options).curve(of: term)
      }
      stats = result.stats
      let text =
        switch format {
        case .table: Array(result.curve.table.description.utf8)
        case .json: result.curve.json(isComplete: stats.isComplete) + [UInt8(ascii: "\n")]
        }
      try writeToReader(STDOUT_FILENO, text[...])
    } catch {
      fail("\(error)")
      throw ExitStatus.failed
    }
    try conclude(
      Outcome(stats), notes: Summary(stats).notes, isToFile: false, isQuiet: input.detection.quiet)
  }
}

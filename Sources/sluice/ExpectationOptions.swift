import ArgumentParser
import SluiceEngine
import SluiceRules

/// A job's expectations of its archive, so that a clean result of a missing or stale archive is noticed.
struct ExpectationOptions: ParsableArguments {
  @Option(help: ArgumentHelp("End with status 2 if fewer files were read.", valueName: "n"))
  var minFiles: Int?

  @Option(
    help: ArgumentHelp(
      """
      End with status 2 if the newest event is older than this, such as 26h or 2d. Its time is known to the \
      hour, and the hour's end counts.
      """,
      valueName: "age"))
  var newest: DurationArgument?

  mutating func validate() throws {
    if let minFiles, minFiles < 0 { throw ValidationError("--min-files must not be negative.") }
  }

  var expectation: Expectation {
    var expectation = Expectation()
    expectation.fileCountMin = minFiles ?? 0
    expectation.newestAgeMaxMilliseconds = newest?.milliseconds
    return expectation
  }
}

/// A duration as rules files write it.
struct DurationArgument: ExpressibleByArgument {
  var milliseconds: Int64

  init(milliseconds: Int64) { self.milliseconds = milliseconds }

  init?(argument: String) {
    guard let milliseconds = DurationText.milliseconds(argument) else { return nil }
    self.milliseconds = milliseconds
  }

  var defaultValueDescription: String { DurationText.text(milliseconds) }
}

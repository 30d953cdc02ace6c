import ArgumentParser
import SluiceSystem

/// The exit statuses of all commands, except 0 for a complete result.
enum ExitStatus {
  /// The result is complete and has detections that no exception covers. It is used only with `--exit-code`.
  static let detections = ExitCode(1)
  /// The run finished, but its result is incomplete.
  static let incomplete = ExitCode(2)
  /// The run failed, and there is no result.
  static let failed = ExitCode(3)
  /// Wrong usage, or a faulty rules file: 64.
  static let usage = ExitCode.validationFailure

  /// Returns the status of a run that ends with an error.
  static func afterError(_ error: any Error) -> ExitCode {
    (error as? OutputError)?.isWrongUsage == true ? usage : failed
  }
}

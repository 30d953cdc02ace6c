import SluiceRecords

/// An error or a warning about a rules file, with its line and column.
public struct RuleDiagnostic: Error, Hashable, Sendable {
  public var file: String
  /// The line, from 1. Columns also start at 1 and count Unicode scalars.
  public var line: Int
  public var column: Int
  public var message: String
  /// Whether it is only a warning, so that the rules are used nevertheless.
  public var isWarning: Bool

  /// `FILE:LINE:COLUMN: message`, as compilers write it.
  public var text: SafeText {
    isWarning
      ? "\(file):\(line):\(column): warning: \(message)" : "\(file):\(line):\(column): \(message)"
  }
}

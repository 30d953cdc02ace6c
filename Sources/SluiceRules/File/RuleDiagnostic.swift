import SluiceRecords

/// An error or a warning about a rules file, with its line and column.
package struct RuleDiagnostic: Error, Hashable, Sendable {
  package var file: String
  /// The line, from 1. Columns also start at 1 and count Unicode scalars.
  package var line: Int
  package var column: Int
  package var message: String
  /// Whether it is only a warning, so that the rules are used nevertheless.
  package var isWarning: Bool

  /// `FILE:LINE:COLUMN: message`, as compilers write it.
  package var text: SafeText {
    isWarning
      ? "\(file):\(line):\(column): warning: \(message)" : "\(file):\(line):\(column): \(message)"
  }
}

/// What is wrong, or doubtful, in a rules file, and where.
public struct RuleDiagnostic: Error, Hashable, Sendable {
  public var file: String
  /// From 1; columns count Unicode scalars.
  public var line: Int
  public var column: Int
  public var message: String
  /// Doubtful only: the rules are taken nevertheless.
  public var isWarning: Bool

  /// `FILE:LINE:COLUMN: message`, as compilers write it.
  public var text: SafeText {
    isWarning
      ? "\(file):\(line):\(column): warning: \(message)" : "\(file):\(line):\(column): \(message)"
  }
}

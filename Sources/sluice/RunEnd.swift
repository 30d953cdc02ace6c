import ArgumentParser
import SluiceEngine

/// Says on standard error how a run ended, and ends one that is incomplete with status 2, never without a
/// word.
///
/// - Parameters:
///   - notes: what a reader may not expect; nil if the result shows them.
///   - isToFile: whether the result went where nobody sees it, so that a line says what it is.
func conclude(_ outcome: Outcome, notes: [Diagnostic]?, isToFile: Bool, isQuiet: Bool) throws {
  if !isQuiet {
    notes?.forEach { complain(of: $0) }
    if isToFile { complain(of: outcome.line, level: outcome.incompleteness == nil ? .info : .warning) }
  }
  guard let incompleteness = outcome.incompleteness else { return }
  if isQuiet || notes?.isEmpty == true && !isToFile { complain(of: incompleteness) }
  throw ExitCode(2)
}

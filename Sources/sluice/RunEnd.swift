import ArgumentParser
import SluiceEngine
import SluiceRecords
import SluiceReport

/// Reports on standard error how a run ended, and throws exit status 2 if the run is incomplete, never silently.
///
/// - Parameters:
///   - notes: notes about the result's limits; nil if the result shows them.
///   - isToFile: whether the result went to a file, so that one line must describe it.
func conclude(_ outcome: Outcome, notes: [Diagnostic]?, isToFile: Bool, isQuiet: Bool) throws {
  if !isQuiet {
    notes?.forEach { complain(of: $0) }
    if isToFile { complain(of: outcome.line, level: outcome.incompleteness == nil ? .info : .warning) }
  }
  guard let incompleteness = outcome.incompleteness else { return }
  if isQuiet || notes?.isEmpty == true && !isToFile { complain(of: incompleteness) }
  throw ExitStatus.incomplete
}

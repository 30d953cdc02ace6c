import SluiceEngine
import SluiceRecords
import SluiceRules

/// The suppressing, expired and unused exceptions, for people; empty if there are no exceptions.
///
/// An exception has a line if it suppressed something. It has a line if it had expired for a detection, or before an
/// event that was seen. All others are unused.
package struct ExceptionSummary {
  private let exceptions: [(exception: RuleException, use: ExceptionUse)]
  private let lastKnown: EventTime?

  package init(_ stats: RunStats) {
    exceptions = stats.exceptions
    lastKnown = stats.lastKnown
  }

  package var notes: [Diagnostic] { lines.map { Diagnostic($0) } }

  package var lines: [SafeText] {
    var lines: [SafeText] = []
    var unused: [SafeText] = []
    for (exception, use) in exceptions where use.hidden > 0 {
      lines.append(
        "Hidden by \(exception.id) (\(exception.owner): \(exception.reason)): \(NumberFormat.count(use.hidden, "detection"))."
      )
    }
    for (exception, use) in exceptions {
      if let expires = exception.expires, use.expired > 0 || lastKnown.map({ $0 >= expires }) ?? false {
        let covered: SafeText =
          use.expired > 0 ? ", which would have covered \(NumberFormat.count(use.expired, "detection"))" : ""
        lines.append("Expired on \(expires): \(exception.id) (\(exception.owner))\(covered).")
      } else if use.hidden == 0 {
        unused.append("\(exception.id)")
      }
    }
    if !unused.isEmpty { lines.append("Unused: \(SafeText.joined(unused, separator: ", ")).") }
    return lines
  }
}

import SluiceEngine
import SluiceRecords

/// Unusable input and unmet expectations, for standard error and the end of tables.
struct InputDiagnostics {
  var skipped: ArchiveListing.Skipped
  var records: RecordStats
  var problems: [Problem]
  var shortfalls: [Shortfall]
  /// A hint at where the problems are that are not shown.
  var allProblems: SafeText

  private static let problemsShownMax = 10

  var all: [Diagnostic] {
    var notes = passedOver + (rejection.map { [$0] } ?? [])
    notes += problems.prefix(Self.problemsShownMax).map(note)
    let more = problems.count - Self.problemsShownMax
    if more > 0 { notes.append("and \(NumberFormat.count(more, "more problem")); \(allProblems).") }
    return notes + shortfalls.map(note)
  }

  private var passedOver: [Diagnostic] {
    var notes: [Diagnostic] = []
    if skipped.symbolicLinks > 0 {
      notes.append(
        "\(NumberFormat.count(skipped.symbolicLinks, "symbolic link")) inside directories passed over; name what they lead to."
      )
    }
    if skipped.specialFiles > 0 {
      notes.append(
        """
        \(NumberFormat.count(skipped.specialFiles, "pipe, socket or device", "pipes, sockets and devices")) inside directories \
        passed over.
        """)
    }
    return notes
  }

  private var rejection: Diagnostic? {
    let rejectedCount = records.rejectedCount
    if rejectedCount == 0 { return nil }
    let reasons = records.rejectedByReason.map { "\($0.count) \($0.name)" }
    return Diagnostic(
      """
      \(rejectedCount) of \(NumberFormat.count(records.count, "record")) \(NumberFormat.form(rejectedCount, "was", "were")) rejected \
      (\(reasons.joined(separator: ", "))).
      """,
      ["rejected": .integer(rejectedCount), "records": .integer(records.count)])
  }

  private func note(_ problem: Problem) -> Diagnostic {
    let location: SafeText = problem.isOfWholePath ? "" : ", byte \(problem.offset)"
    return Diagnostic(
      "\(problem.file)\(location): \(problem.reason): \(problem.message)",
      [
        "file": .text(LogText(problem.file)), "offset": .integer(problem.offset),
        "reason": .text(LogText(problem.reason.text)),
      ])
  }

  private func note(_ shortfall: Shortfall) -> Diagnostic {
    Diagnostic(
      "\(shortfall.reason): \(shortfall.message)",
      ["reason": .text(LogText(shortfall.reason.rawValue))])
  }

  // MARK: Incomplete results

  /// The number of problems that lose input. A damaged partial is not one, because it was made again.
  private var lossCount: Int { problems.count { $0.reason != .partial } }

  /// The first reason why the result is incomplete, and the number of further reasons.
  var incompleteness: Diagnostic {
    let loss = problems.first { $0.reason != .partial }.map(note)
    guard let first = loss ?? rejection ?? shortfalls.first.map(note) else {
      return "Incomplete: some of the input was not used."
    }
    let more = lossCount + (records.rejectedCount > 0 ? 1 : 0) + shortfalls.count - 1
    let rest: SafeText =
      more > 0 ? " (and \(NumberFormat.count(more, "more reason")); leave out --quiet to see more)" : ""
    return Diagnostic("Incomplete: \(first.text)\(rest)", first.values)
  }

  var incompletenessCounts: SafeText {
    let counts = [
      (lossCount, "problem", "problems"), (records.rejectedCount, "rejected record", "rejected records"),
      (shortfalls.count, "unmet expectation", "unmet expectations"),
    ]
    let text = counts.filter { $0.0 > 0 }.map { NumberFormat.count($0.0, $0.1, $0.2) }.joined(separator: ", ")
    return "incomplete\(text.isEmpty ? "" : ": ")\(text)"
  }
}

extension InputDiagnostics {
  init(_ stats: RunStats) {
    self.init(
      skipped: stats.skipped, records: stats.records, problems: stats.problems, shortfalls: stats.shortfalls,
      allProblems: "--stats FILE writes all of them")
  }
}

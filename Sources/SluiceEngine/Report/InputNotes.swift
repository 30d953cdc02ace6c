import SluiceRecords

/// What of the input could not be used, and what a reader may not expect; for standard error and the end of tables.
struct InputNotes {
  var fileCount: Int
  var linksPassedOver: Int
  var specialsPassedOver: Int
  var records: Int
  /// By reason.
  var rejected: [String: Int]
  var problems: [Problem]
  /// Where problems stand that are not shown.
  var allProblems: SafeText

  private static let problemsShownMax = 10

  var all: [Note] {
    var notes: [Note] = []
    if fileCount == 0, problems.isEmpty { notes.append("There was no file to read.") }
    if linksPassedOver > 0 {
      notes.append(
        "\(Amount.count(linksPassedOver, "symbolic link")) inside directories passed over; name what they lead to."
      )
    }
    if specialsPassedOver > 0 {
      notes.append(
        """
        \(Amount.count(specialsPassedOver, "pipe, socket or device", "pipes, sockets and devices")) inside directories \
        passed over.
        """)
    }
    let rejectedCount = rejected.values.reduce(0, +)
    if rejectedCount > 0 {
      let reasons = rejected.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
      notes.append(
        Note(
          """
          \(rejectedCount) of \(Amount.count(records, "record")) \(Amount.form(rejectedCount, "was", "were")) rejected \
          (\(reasons.joined(separator: ", "))).
          """,
          ["rejected": .integer(rejectedCount), "records": .integer(records)]))
    }
    for problem in problems.prefix(Self.problemsShownMax) {
      let place: SafeText = problem.isOfWholePath ? "" : ", byte \(problem.offset)"
      notes.append(
        Note(
          "\(problem.file)\(place): \(problem.reason): \(problem.message)",
          [
            "file": .text(LogText(problem.file)), "offset": .integer(problem.offset),
            "reason": .text(LogText(problem.reason)),
          ]))
    }
    let more = problems.count - Self.problemsShownMax
    if more > 0 { notes.append("and \(Amount.count(more, "more problem")); \(allProblems).") }
    return notes
  }
}

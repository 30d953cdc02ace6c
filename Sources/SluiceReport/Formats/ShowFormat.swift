import SluiceEngine
import SluiceRecords

/// Output formats of the events of a detection.
package enum ShowFormat: String, CaseIterable, Sendable {
  case ndjson, table

  package static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }

  /// Returns the events as output. - Parameter isShown: whether the output goes to a terminal. Control characters and
  /// characters that hide text are escaped then.
  package func render(_ shown: RetrievedEvents, isShown: Bool) -> [UInt8] {
    switch self {
    case .ndjson:
      shown.events.flatMap { event in
        (isShown ? Array(SafeText(LogText(event.text)).description.utf8) : event.text) + [UInt8(ascii: "\n")]
      }
    case .table: Array(table(shown).map { "\($0.trimmed)\n" }.joined().utf8)
    }
  }

  private func table(_ shown: RetrievedEvents) -> [SafeText] {
    func cell(_ text: LogText?) -> SafeText { text.map { SafeText($0) } ?? "-" }
    let headings: [SafeText] = ["TIME (UTC)", "EVENT", "RESULT", "REASON", "USER", "CLIENT IP", ""]
    return SafeText.aligned(
      [headings]
        + shown.events.map { event in
          [
            "\(event.time)", cell(event.eventType), cell(event.result), cell(event.reason), cell(event.user),
            "\(event.clientIP.map { "\($0)" } ?? "-")", event.kind == .signIn ? "sign-in" : "",
          ]
        })
  }
}

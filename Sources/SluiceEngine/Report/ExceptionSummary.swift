/// How often an exception was of use in a run.
public struct ExceptionUse: Equatable, Sendable {
  /// Detections that it suppressed.
  public var hidden: Int
  /// Detections that are shown, and that it would have suppressed, had it not expired.
  public var expired: Int
}

/// What exceptions hid, which of them have expired, and which were of no use, for people; nothing if there are none.
public struct ExceptionSummary {
  private let exceptions: [(exception: Exception, use: ExceptionUse)]

  public init(_ figures: Figures) { exceptions = figures.exceptions }

  public var lines: [SafeText] {
    var lines: [SafeText] = []
    for (exception, use) in exceptions where use.hidden > 0 {
      lines.append(
        "Hidden by \(exception.id) (\(exception.owner): \(exception.reason)): \(count(use.hidden)).")
    }
    for (exception, use) in exceptions where use.expired > 0 {
      let day = exception.expires.map { "on \($0)" } ?? ""
      lines.append(
        "Expired \(day): \(exception.id) (\(exception.owner)), which would have hidden \(count(use.expired))."
      )
    }
    let unused = exceptions.filter { $0.use.hidden == 0 && $0.use.expired == 0 }
    if !unused.isEmpty {
      lines.append("Unused: \(unused.map(\.exception.id).joined(separator: ", ")).")
    }
    return lines
  }

  private func count(_ detections: Int) -> String {
    "\(detections) \(detections == 1 ? "detection" : "detections")"
  }
}

import SluiceRecords
import SluiceTestSupport

@testable import SluiceEngine

/// An attack from 203.0.113.7 that fires between 10:00 and 10:12:30, and other events, in one file for each hour.
struct TriageFixture {
  static let base = EventTime(milliseconds: 1_767_607_200_000)  // 2026-01-05T10:00:00Z
  static let first = base
  static let last = time(minutes: 12, seconds: 0)

  static func time(
    hours: Int = 0, minutes: Int = 0, seconds: Int = 0, milliseconds: Int = 0
  ) -> EventTime {
    let offset = ((hours * 60 + minutes) * 60 + seconds) * 1000 + milliseconds
    return EventTime(milliseconds: base.milliseconds + Int64(offset))
  }

  /// 25 users, one every half minute.
  var events: [EventBuilder] = (0..<25).map { number in
    var event = EventBuilder(eventType: "user.session.start", at: time(seconds: 30 * number))
    event.user = .string("user\(number)@example.org")
    event.reason = "INVALID_CREDENTIALS"
    return event
  }

  mutating func add(_ event: EventBuilder, _ change: (inout EventBuilder) -> Void = { _ in }) {
    var event = event
    change(&event)
    events.append(event)
  }

  static func success(_ user: JSONTree?, at time: EventTime) -> EventBuilder {
    var event = EventBuilder(eventType: "user.session.start", at: time)
    event.user = user
    event.result = "SUCCESS"
    return event
  }

  static func threat(_ result: JSONTree?, at time: EventTime) -> EventBuilder {
    var event = EventBuilder(eventType: "security.threat.detected", at: time)
    event.actorType = "IP address"
    event.actorID = "203.0.113.7"
    event.user = "unknown"
    event.result = result
    event.reason = "Password Spray"
    return event
  }

  /// Writes every event into the file of its hour, and scans.
  func scan(_ change: (inout ScanOptions) -> Void = { _ in }) -> ScanResult {
    let folder = TemporaryFolder()
    let byHour = Dictionary(grouping: events) { event in
      guard case .string(let text) = event.published else { return "none" }
      return String(text.prefix(13))
    }
    for (hour, events) in byHour { folder.write("\(hour).json", events.map(\.line).joinedLines()) }
    var options = ScanOptions(paths: [folder.path])
    options.threads = 1
    change(&options)
    return scanned(options)
  }

  /// Returns the triage of the stuffing, which must be the rule's only detection: every other window holds fewer than
  /// 25.
  func triage(_ change: (inout ScanOptions) -> Void = { _ in }) -> Triage? {
    scan(change).detections.first { $0.rule.id == "okta-credential-stuffing" }?.triage
  }
}

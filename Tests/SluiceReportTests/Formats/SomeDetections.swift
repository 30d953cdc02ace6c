import Foundation
@testable import SluiceEngine
import SluiceRecords
@testable import SluiceReport
import SluiceTestSupport
import Testing

/// Hand-made detections for tests of the output formats.
enum SomeDetections {
  /// 2026-01-05T10:00:00Z.
  static let base: Int64 = 1_767_607_200_000

  static func detection(
    _ rule: RuleMetadata = .accountsLockedOut, address: UInt32? = 0xCB00_7107, minute: Int64 = 0,
    lasts: Int64 = 5,
    events: Int = 6, users: [String] = ["a@example.org", "b@example.org"], message: LogText = "A message."
  ) -> Detection {
    let start = EventTime(milliseconds: base + minute * 60_000)
    let end = EventTime(milliseconds: base + (minute + lasts) * 60_000)
    let column = rule == .credentialStuffing ? "Esql.target_users" : "user"
    return Detection(
      rule: rule, clientIP: address.map { IPAddress(v4: $0) }, windowStart: start, windowEnd: end,
      firstSeen: EventTime(milliseconds: start.milliseconds + 1000),
      lastSeen: EventTime(milliseconds: end.milliseconds - 1000),
      eventCount: events,
      columns: [
        .init("count", .integer(events)), .init(column, .list(users.map { .text(LogText($0)) })),
        .init("none", .null),
      ], message: message)
  }

  static let suppression = Detection.Suppression(
    exception: "office", owner: "jane", reason: "=known", expires: nil)

  /// For each hostile text, one detection in which it is every value from the log or a rules file.
  static let hostile: [Detection] = HostileText.all.enumerated().map { number, text in
    var rule = RuleMetadata.accountsLockedOut
    rule.title = text
    rule.vendor = text
    rule.severity = text
    var detection = detection(rule, address: UInt32(number), users: [text], message: LogText(text))
    detection.suppressed = .init(exception: text, owner: text, reason: text, expires: nil)
    return detection
  }

  /// Returns the result of a run with these detections.
  static func result(_ detections: [Detection]) -> ScanResult {
    let folder = TemporaryFolder()
    let line = #"{"eventType":"policy.evaluate","published":"2026-01-05T10:00:00Z","uuid":"1"}"#
    do {
      var result = try Scan(ScanOptions(paths: [folder.write("a.json", Array(line.utf8))])).run()
      result.detections = detections
      return result
    } catch {
      fatalError("\(error)")
    }
  }

  static func text(
    _ format: OutputFormat, _ detections: [Detection], _ options: RenderOptions = RenderOptions()
  ) -> String {
    String(decoding: format.render(result(detections), options), as: UTF8.self)
  }

  static func object(_ text: some StringProtocol) throws -> NSDictionary {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? NSDictionary)
  }

  static func objects(_ format: OutputFormat, _ detections: [Detection]) throws -> [NSDictionary] {
    try text(format, detections).split(separator: "\n").map(object)
  }
}

extension NSDictionary {
  /// Returns a value by its path.
  func at(_ path: String...) -> NSObject? {
    path.reduce(self as NSObject?) { ($0 as? NSDictionary)?[$1] as? NSObject }
  }
}

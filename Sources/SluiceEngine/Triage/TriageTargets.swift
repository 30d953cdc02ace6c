import SluiceRecords
import SluiceRules

/// The client IPs to triage, their detections and their time ranges.
struct TriageTargets: Sendable {
  static let before: Int64 = 3_600_000
  static let after: Int64 = 24 * 3_600_000

  /// Rules whose detections are triaged.
  let rules: [Rule]
  /// Indices of detections, by client IP.
  let detections: [IPAddress: [Int]]
  /// Ascending and disjoint ranges, by client IP.
  private let ranges: [IPAddress: [ClosedRange<EventTime>]]

  /// Selects the detections to triage: those with a client IP whose rules group by it.
  init(_ all: [Detection], of rules: [Rule]) {
    let byAddress = rules.filter { $0.clientIP != .none }
    let ids = Set(byAddress.map(\.id))
    var detections: [IPAddress: [Int]] = [:]
    var fired: Set<String> = []
    for (index, detection) in all.enumerated() where ids.contains(detection.rule.id) {
      guard let address = detection.clientIP else { continue }
      detections[address, default: []].append(index)
      fired.insert(detection.rule.id)
    }
    self.rules = byAddress.filter { fired.contains($0.id) }
    self.detections = detections
    ranges = detections.mapValues { Self.joined($0.map { all[$0].triageRange }) }
  }

  var isEmpty: Bool { detections.isEmpty }

  /// Returns whether a client IP is triaged at a time.
  func include(_ address: IPAddress, at time: EventTime) -> Bool {
    guard let ranges = ranges[address] else { return false }
    let index = ranges.partitioningIndex(where: { time <= $0.upperBound })
    return index < ranges.count && ranges[index].contains(time)
  }

  func include(_ address: IPAddress) -> Bool { ranges[address] != nil }

  /// Ranges of all client IPs, ascending and disjoint.
  var allRanges: [ClosedRange<EventTime>] { Self.joined(Array(ranges.values.joined())) }

  private static func joined(_ ranges: [ClosedRange<EventTime>]) -> [ClosedRange<EventTime>] {
    var joined: [ClosedRange<EventTime>] = []
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = joined.last, range.lowerBound <= last.upperBound {
        joined[joined.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
      } else {
        joined.append(range)
      }
    }
    return joined
  }
}

extension Detection {
  var triageRange: ClosedRange<EventTime> {
    EventTime(
      milliseconds: firstSeen.milliseconds - TriageTargets.before)...EventTime(
        milliseconds: lastSeen.milliseconds + TriageTargets.after)
  }
}

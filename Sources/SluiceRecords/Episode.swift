/// Windows of one rule and key that overlap or touch: the detections with one episode id, and their peak values.
///
/// Tables show episodes; records contain every window.
public struct Episode: Sendable {
  /// The detections by window start; never empty.
  public let detections: [Detection]

  /// The compromised users of all windows, without repetition, because windows may differ; nil if unknown.
  public let compromisedUsers: [LogText]?

  fileprivate init(_ detections: [Detection]) {
    self.detections = detections.sorted(by: Detection.inOrder)
    compromisedUsers = detections.lazy.map(\.compromisedUsers).distinct
  }

  private var first: Detection { detections[0] }

  public var id: String { first.episode }
  public var rule: RuleMetadata { first.rule }
  public var clientIP: IPAddress? { first.clientIP }
  public var restOfKey: [Detection.Column] { first.restOfKey }
  public var incident: String { first.incident }
  public var alsoSeenBy: [String] { first.alsoSeenBy }
  public var windowCount: Int { detections.count }
  public var firstSeen: EventTime { detections.lazy.map(\.firstSeen).min() ?? first.firstSeen }
  public var lastSeen: EventTime { detections.lazy.map(\.lastSeen).max() ?? first.lastSeen }
  /// The event count of the window with the most events. A sum would count events in overlapping windows repeatedly.
  public var peakEventCount: Int { detections.lazy.map(\.eventCount).max() ?? first.eventCount }
  /// The largest counts of users and of attempts in a window; nil for a rule that does not count them.
  public var peakUserCount: Int? { detections.lazy.compactMap(\.userCount).max() }
  public var peakAttemptCount: Int? { detections.lazy.compactMap(\.attemptCount).max() }
  public var compromisedCount: Int? { compromisedUsers?.count }
}

extension Sequence<[LogText]?> {
  /// The distinct elements of the lists that are not nil, sorted; nil if all lists are nil.
  var distinct: [LogText]? {
    var all: Set<LogText>?
    for case let list? in self { all = (all ?? []).union(list) }
    return all?.sorted()
  }
}

extension Episode {
  /// Returns the episodes of detections by first event time, then in the order of every output.
  ///
  /// Omitted detections, such as suppressed ones, do not contribute to the counts.
  public static func grouped(_ detections: some Sequence<Detection>) -> [Episode] {
    Dictionary(grouping: detections, by: \.episode).values.map(Episode.init).sorted(by: inOrder)
  }

  public static func inOrder(_ a: Episode, _ b: Episode) -> Bool {
    let (aSeen, bSeen) = (a.firstSeen, b.firstSeen)
    return aSeen != bSeen ? aSeen < bSeen : Detection.inOrder(a.first, b.first)
  }
}

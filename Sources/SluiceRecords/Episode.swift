/// A run of windows of one rule and key that overlap or touch: the detections of one episode id, with peak figures.
///
/// The unit that people read; records hold every window.
public struct Episode: Sendable {
  /// By window start; never empty.
  public let detections: [Detection]

  /// Of all windows, each once, as windows may differ in whom they name; nil where that is not known.
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
  /// Of the window with the most events; windows that overlap hold the same events, so that a sum would say too much.
  public var peakEventCount: Int { detections.lazy.map(\.eventCount).max() ?? first.eventCount }
  /// Of the window with the most users, and the most attempts; nil for a rule that counts none.
  public var peakUserCount: Int? { detections.lazy.compactMap(\.userCount).max() }
  public var peakAttemptCount: Int? { detections.lazy.compactMap(\.attemptCount).max() }
  public var compromisedCount: Int? { compromisedUsers?.count }
}

extension Sequence<[LogText]?> {
  /// What is in some of the lists, in order; nil if there is none but nil.
  var distinct: [LogText]? {
    var all: Set<LogText>?
    for case let list? in self { all = (all ?? []).union(list) }
    return all?.sorted()
  }
}

extension Episode {
  /// The episodes of some detections, by when they were first seen, then in the order of every output.
  ///
  /// Detections that are left out, such as suppressed ones, are not in the figures.
  public static func grouped(_ detections: some Sequence<Detection>) -> [Episode] {
    Dictionary(grouping: detections, by: \.episode).values.map(Episode.init).sorted(by: inOrder)
  }

  public static func inOrder(_ a: Episode, _ b: Episode) -> Bool {
    let (aSeen, bSeen) = (a.firstSeen, b.firstSeen)
    return aSeen != bSeen ? aSeen < bSeen : Detection.inOrder(a.first, b.first)
  }
}

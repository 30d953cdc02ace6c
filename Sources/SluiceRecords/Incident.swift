/// Episodes of one client IP, of any rules, within an hour of each other: one attack, however many rules detected it.
///
/// The hour is between the last event of all previous episodes and the first event of the next one, and is inclusive.
/// Without a client IP, attackers cannot be distinguished, so each episode is an incident. Suppressed detections count
/// like others, so an exception changes only its own mark.
public struct Incident: Sendable {
  /// The episodes by first event time; never empty.
  public let episodes: [Episode]

  /// The compromised users of all episodes, without repetition; nil if unknown.
  public let compromisedUsers: [LogText]?

  fileprivate init(_ episodes: [Episode]) {
    self.episodes = episodes.sorted(by: Episode.inOrder)
    compromisedUsers = episodes.lazy.map(\.compromisedUsers).distinct
  }

  private var first: Episode { episodes[0] }

  /// The id of its first detection, which may be an omitted one.
  public var id: String { first.incident }
  public var clientIP: IPAddress? { first.clientIP }
  public var firstSeen: EventTime { first.firstSeen }
  public var lastSeen: EventTime { episodes.lazy.map(\.lastSeen).max() ?? first.lastSeen }
  public var compromisedCount: Int? { compromisedUsers?.count }

  static let gapMillisecondsMax: Int64 = 3_600_000

  /// Returns incidents by first event time.
  public static func grouped(_ episodes: [Episode]) -> [Incident] {
    Dictionary(grouping: episodes, by: \.incident).values.map(Incident.init)
      .sorted { Episode.inOrder($0.first, $1.first) }
  }
}

extension Detection {
  /// Sets each detection's incident and the other rules that detected it.
  ///
  /// - Parameter detections: all detections of a run, in any order, with their episodes set.
  public static func joinIncidents(_ detections: inout [Detection]) {
    var episodes: [String: EpisodeSpan] = [:]
    for detection in detections {
      episodes[detection.episode, default: EpisodeSpan(detection)].take(detection)
    }
    var incidents: [String: (id: String, rules: Set<String>)] = [:]
    for (address, spans) in Dictionary(grouping: episodes, by: \.value.first.clientIP) {
      let spans = spans.sorted { isEarlier($0.value.first, $1.value.first) }
      for incident in address == nil ? spans.map({ [$0] }) : chains(spans) {
        let found = (incident[0].value.first.id, Set(incident.map(\.value.first.rule.id)))
        for (episode, _) in incident { incidents[episode] = found }
      }
    }
    for index in detections.indices {
      guard let (id, rules) = incidents[detections[index].episode] else { continue }
      detections[index].incident = id
      detections[index].alsoSeenBy = rules.subtracting([detections[index].rule.id]).sorted {
        LogText($0) < LogText($1)
      }
    }
  }

  private struct EpisodeSpan {
    /// The detection with the earliest event.
    var first: Detection
    var lastSeen: EventTime

    init(_ detection: Detection) { (first, lastSeen) = (detection, detection.lastSeen) }

    mutating func take(_ detection: Detection) {
      if isEarlier(detection, first) { first = detection }
      lastSeen = max(lastSeen, detection.lastSeen)
    }
  }

  private static func isEarlier(_ a: Detection, _ b: Detection) -> Bool {
    a.firstSeen != b.firstSeen ? a.firstSeen < b.firstSeen : inOrder(a, b)
  }

  private typealias NamedSpan = (key: String, value: EpisodeSpan)

  /// - Parameter spans: spans of one client IP, in time order.
  private static func chains(_ spans: [NamedSpan]) -> [[NamedSpan]] {
    var chains: [[NamedSpan]] = []
    var lastSeen: EventTime?
    for span in spans {
      let isNear = lastSeen.map { last in
        span.value.first.firstSeen.milliseconds - last.milliseconds <= Incident.gapMillisecondsMax
      }
      if isNear == true { chains[chains.count - 1].append(span) } else { chains.append([span]) }
      lastSeen = max(lastSeen ?? span.value.lastSeen, span.value.lastSeen)
    }
    return chains
  }
}

/// Episodes of one client IP, of any rules, that lie within an hour of each other: one attack, however many rules saw it.
///
/// The hour is between the last event of all before and the first event of the next, and is closed. Without a client IP
/// nothing tells one attacker from another: there each episode is an incident. Suppressed detections count like others, so
/// that an exception changes nothing but its own mark.
public struct Incident: Sendable {
  /// By when they were first seen; never empty.
  public let episodes: [Episode]

  /// Of all episodes, each once; nil where that is not known.
  public let compromisedUsers: [LogText]?

  fileprivate init(_ episodes: [Episode]) {
    self.episodes = episodes.sorted(by: Episode.inOrder)
    compromisedUsers = episodes.lazy.map(\.compromisedUsers).distinct
  }

  private var first: Episode { episodes[0] }

  /// That of its first detection, which may be none of those that are left.
  public var id: String { first.incident }
  public var clientIP: IPAddress? { first.clientIP }
  public var firstSeen: EventTime { first.firstSeen }
  public var lastSeen: EventTime { episodes.lazy.map(\.lastSeen).max() ?? first.lastSeen }
  public var compromisedCount: Int? { compromisedUsers?.count }

  static let gapMillisecondsMax: Int64 = 3_600_000

  /// Incidents by when they were first seen.
  public static func grouped(_ episodes: [Episode]) -> [Incident] {
    Dictionary(grouping: episodes, by: \.incident).values.map(Incident.init)
      .sorted { Episode.inOrder($0.first, $1.first) }
  }
}

extension Detection {
  /// Gives each detection its incident and the other rules that saw it.
  ///
  /// - Parameter detections: all of a run, in any order, episodes joined.
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
    /// The first detection in time.
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

  /// - Parameter spans: of one client IP, in order of time.
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

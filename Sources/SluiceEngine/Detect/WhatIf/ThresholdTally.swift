import SluiceRecords

/// Number of times that a rule fires for each value of a threshold, counted key by key and window by window.
struct ThresholdTally: Sendable {
  struct Count: Equatable, Sendable {
    var detections = 0
    var episodes = 0
    var suppressed = 0
  }

  /// Counts by value.
  private(set) var counts: [Count]
  private let term: ThresholdTerm
  private let values: [Double]
  private let joinsEpisodes: Bool
  /// End of the key's last window that fired, by value.
  private var lastEnds: [EventTime]

  private static let never = EventTime(milliseconds: .min)

  /// - Parameter joinsEpisodes: whether windows that overlap or touch are one episode.
  init(_ term: ThresholdTerm, _ values: [Double], joinsEpisodes: Bool) {
    self.term = term
    self.values = values
    self.joinsEpisodes = joinsEpisodes
    counts = Array(repeating: Count(), count: values.count)
    lastEnds = Array(repeating: Self.never, count: values.count)
  }

  mutating func beginKey() {
    for index in lastEnds.indices { lastEnds[index] = Self.never }
  }

  /// Takes the selected window. Windows of one key must come in order of their starts.
  mutating func take(_ contents: WindowContents, windowEnd: EventTime, isSuppressed: () -> Bool) {
    let (whereHolds, whereFails) = (contents.holds(term.whereHolds), contents.holds(term.whereFails))
    guard whereHolds || whereFails else { return }
    let number = contents.number(term.column)
    var known: Bool?
    for index in values.indices {
      guard term.comparison.holds(number, values[index]) ? whereHolds : whereFails else { continue }
      let suppressed = known ?? isSuppressed()
      known = suppressed
      counts[index].detections += 1
      if suppressed { counts[index].suppressed += 1 }
      if !joinsEpisodes || contents.windowStart > lastEnds[index] { counts[index].episodes += 1 }
      lastEnds[index] = windowEnd
    }
  }
}

extension [ThresholdTally.Count] {
  /// Adds other counts. - Precondition: both are for the same values.
  mutating func add(_ other: [ThresholdTally.Count]) {
    precondition(count == other.count)
    for (index, count) in other.enumerated() {
      self[index].detections += count.detections
      self[index].episodes += count.episodes
      self[index].suppressed += count.suppressed
    }
  }
}

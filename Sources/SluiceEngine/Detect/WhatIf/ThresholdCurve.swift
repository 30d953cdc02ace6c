/// Results of a rule for each value of one threshold: the answer of `sluice what-if`.
package struct ThresholdCurve: Sendable {
  package struct Point: Equatable, Sendable {
    /// Value in decimal notation.
    package var value: String
    package var detections: Int
    package var episodes: Int
    /// Number of the detections that an exception covers.
    package var suppressed: Int
    /// Whether this is the rule's own value.
    package var isOwn: Bool
  }

  package let points: [Point]
  /// The threshold whose values were tried.
  package let term: ThresholdTerm
  package let hasExceptions: Bool

  init(_ term: ThresholdTerm, _ counts: [ThresholdTally.Count], hasExceptions: Bool) {
    self.term = term
    self.hasExceptions = hasExceptions
    let values = term.range.values
    points = counts.enumerated().map { index, count in
      Point(
        value: term.range.text(index), detections: count.detections, episodes: count.episodes,
        suppressed: count.suppressed, isOwn: values[index] == term.ownValue)
    }
  }
}

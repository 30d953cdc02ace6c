import SluiceRecords

/// From when to when the events of each file of an archive are, as far as they were looked at (``TimeSampler``).
///
/// What is merged from several workers depends on all they saw only, not on who saw what.
struct ArchiveTimes: Sendable {
  /// By number of the file; nil for a file of which no event with a time was seen. Files of which no line was scanned are
  /// not in it.
  private(set) var spans: [Int: HourSpan?]

  init(spans: [Int: HourSpan?] = [:]) { self.spans = spans }

  mutating func add(_ span: HourSpan?, of file: Int) {
    guard let known = spans[file], var merged = known else {
      spans[file] = .some(span)
      return
    }
    if let span { merged.add(span) }
    spans[file] = .some(merged)
  }

  mutating func merge(_ other: ArchiveTimes) {
    for (file, span) in other.spans { add(span, of: file) }
  }
}

import SluiceRecords

/// The recognition of one file: whether its records are Okta events, as far as they were examined.
///
/// Without `--strict`, most lines are counted without being parsed, so some lines of each block are sampled. A file
/// with no Okta event among its sampled records was not searched, whatever it contains, and must not look clean.
/// Where every line is parsed, every record is a sample.
///
/// Merging is a sum, so the order of workers does not matter.
struct FileRecognition: Equatable, Sendable {
  /// Records that were recognised as Okta events, sampled or parsed for a rule.
  var events = 0
  /// Records that were sampled.
  var sampled = 0
  /// Sampled records that are not Okta events.
  var unrecognised = 0
  /// Records that were counted as events without having been parsed.
  var unparsed = 0
  /// The first unrecognised record.
  var example: Example?

  struct Example: Equatable, Sendable {
    var position: Position
    /// The appearance of the record, such as `CSV`.
    var appearance: String
  }

  /// Notes one sampled record.
  ///
  /// - Parameter appearance: called only for the first unrecognised record that has been seen.
  mutating func sample(isEvent: Bool, at position: Position, appearance: () -> String) {
    sampled += 1
    if isEvent {
      events += 1
      return
    }
    unrecognised += 1
    if let example, example.position <= position { return }
    example = Example(position: position, appearance: appearance())
  }

  mutating func merge(_ other: FileRecognition) {
    events += other.events
    sampled += other.sampled
    unrecognised += other.unrecognised
    unparsed += other.unparsed
    if let theirs = other.example, example.map({ theirs.position < $0.position }) ?? true { example = theirs }
  }

  // MARK: Verdict

  /// Whether records were sampled and none of them is an Okta event.
  var isUnrecognised: Bool { events == 0 && unrecognised > 0 }

  /// Number of records wrongly counted as events: all unparsed ones of an unrecognised file, otherwise as many as
  /// were sampled and not recognised.
  var miscounted: Int { isUnrecognised ? unparsed : min(unrecognised, unparsed) }

  /// The position and the message for the user; nil if every sampled record is an Okta event.
  var problem: (position: Position, message: String)? {
    guard unrecognised > 0, let example else { return nil }
    let are = unrecognised == 1 ? "is no Okta event" : "are no Okta events"
    let share =
      isUnrecognised
      ? "none of \(NumberFormat.count(sampled, "record")) looked at is an Okta event, so nothing in this file was searched"
      : unparsed == 0
        ? "\(unrecognised) of \(NumberFormat.count(sampled, "record")) \(are)"
        : "\(unrecognised) of \(NumberFormat.count(sampled, "record")) sampled beside those that rules ask for \(are)"
    return (example.position, "\(share); the first looks like \(example.appearance)")
  }
}

/// The samples of one file, kept apart by their value as evidence until the file has been read.
struct FileSamples: Equatable, Sendable {
  /// Records that were parsed. Their choice depends only on the file and its blocks, not on how these are cut into
  /// ranges.
  var parsed = FileRecognition()
  /// Lines with a word that only Okta events contain, which were not parsed. An unknown wrapper may be around them.
  var likelyEvents = 0
  /// Lines cut by the end of a range. They count only in files with no other sampled line.
  var cut = FileRecognition()

  mutating func merge(_ other: FileSamples) {
    parsed.merge(other.parsed)
    likelyEvents += other.likelyEvents
    cut.merge(other.cut)
  }

  /// The recognition from all samples together.
  var recognition: FileRecognition {
    var all = parsed
    if parsed.sampled == 0, likelyEvents == 0 { all.merge(cut) }
    all.sampled += likelyEvents
    if all.isUnrecognised { all.unrecognised += likelyEvents } else { all.events += likelyEvents }
    return all
  }
}

/// The recognition of every file with examined records, by file number.
struct ArchiveRecognition: Sendable {
  private var samples: [Int: FileSamples] = [:]

  var files: [Int: FileRecognition] { samples.mapValues(\.recognition) }

  mutating func merge(_ recognition: FileRecognition, of file: Int) {
    samples[file, default: FileSamples()].parsed.merge(recognition)
  }

  mutating func merge(_ samples: FileSamples, of file: Int) {
    self.samples[file, default: FileSamples()].merge(samples)
  }

  mutating func merge(_ other: ArchiveRecognition) {
    for (file, samples) in other.samples { merge(samples, of: file) }
  }

  /// Number of files with samples, none of which is an Okta event.
  var unrecognisedFiles: Int { files.values.count(where: \.isUnrecognised) }
  /// Number of sampled records that are not Okta events.
  var unrecognisedSamples: Int { files.values.reduce(0) { $0 + $1.unrecognised } }

  /// Rejects records that were wrongly counted as events, and reports their files.
  ///
  /// Call it once, when all parts of every file have been merged, because one part may lack the events of another.
  func apply(to records: inout RecordStats, _ log: inout ProblemLog) {
    for (file, recognition) in files {
      guard let problem = recognition.problem else { continue }
      records.reject(recognition.miscounted, as: .unrecognised)
      log.add(file: file, problem.position, reason: .unrecognised, problem.message)
    }
  }
}

extension RecordStats {
  /// Rejects records that have been counted as events.
  fileprivate mutating func reject(_ count: Int, as reason: Reason) {
    if count == 0 { return }
    events -= count
    reject(reason, count)
  }
}

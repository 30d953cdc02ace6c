/// Whether the records of one file are Okta events, as far as they were looked at.
///
/// Without `--strict` most lines are counted without being parsed. So some lines of each block are sampled: a file none of
/// whose sampled records is an Okta event was not searched, whatever it holds, and must not look like a clean one. Where
/// every line is parsed, every record is a sample.
///
/// Merging is a sum, so the order of workers does not matter.
struct FileRecognition: Equatable, Sendable {
  /// Records that were found to be Okta events, sampled or parsed for a rule.
  var events = 0
  /// Records that were sampled.
  var sampled = 0
  /// Sampled records that are no Okta events.
  var unrecognised = 0
  /// Records that were counted as events without having been parsed.
  var unparsed = 0
  /// The first unrecognised record.
  var example: Example?

  struct Example: Equatable, Sendable {
    var position: Position
    /// What the record looks like, such as `CSV`.
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

  /// Whether records were sampled and none is an Okta event.
  var isUnrecognised: Bool { events == 0 && unrecognised > 0 }

  /// Records that were counted as events and are not: all unparsed ones of an unrecognised file, else the sampled ones.
  var miscounted: Int { isUnrecognised ? unparsed : min(unrecognised, unparsed) }

  /// What to tell the user; nil if every sampled record is an Okta event.
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

/// Samples of one file, kept apart by how much they say until the file has been read.
struct FileSamples: Equatable, Sendable {
  /// Records that were parsed. Which ones depends on the file and its blocks alone, however they are cut into ranges.
  var parsed = FileRecognition()
  /// Lines that hold a word that only Okta's events hold, and were not parsed. Something unknown may be wrapped around them.
  var likelyEvents = 0
  /// Lines that the end of a range cut. They count in files of which no other line was sampled.
  var cut = FileRecognition()

  mutating func merge(_ other: FileSamples) {
    parsed.merge(other.parsed)
    likelyEvents += other.likelyEvents
    cut.merge(other.cut)
  }

  /// What all samples together say.
  var recognition: FileRecognition {
    var all = parsed
    if parsed.sampled == 0, likelyEvents == 0 { all.merge(cut) }
    all.sampled += likelyEvents
    if all.isUnrecognised { all.unrecognised += likelyEvents } else { all.events += likelyEvents }
    return all
  }
}

/// The recognition of every file of which records were looked at, by the file's number.
struct ArchiveRecognition: Sendable {
  /// The reason under which unrecognised records are rejected and files are named.
  static let reason = "unrecognised"

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

  /// Files none of whose sampled records is an Okta event.
  var unrecognisedFiles: Int { files.values.count(where: \.isUnrecognised) }
  /// Sampled records that are no Okta events.
  var unrecognisedSamples: Int { files.values.reduce(0) { $0 + $1.unrecognised } }

  /// Rejects what was counted as events and is not, and names the files.
  ///
  /// Called once, when all parts of every file have been merged: one part may lack the events of another.
  func apply(to counts: inout RecordStats, _ log: inout ProblemLog) {
    for (file, recognition) in files {
      guard let problem = recognition.problem else { continue }
      counts.reject(recognition.miscounted, as: Self.reason)
      log.add(file: file, problem.position, reason: Self.reason, problem.message)
    }
  }
}

extension RecordStats {
  /// Rejects records that have been counted as events.
  fileprivate mutating func reject(_ count: Int, as reason: String) {
    if count == 0 { return }
    events -= count
    rejected[reason, default: 0] += count
  }
}

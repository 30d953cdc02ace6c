import SluiceRecords

/// A sampler that finds the hours in which an archive contains events, without parsing all of them.
///
/// An archive is roughly in order of time. Therefore five complete lines of each segment are parsed: the first, the
/// last and three between. If the hours of two of them are neither equal nor neighbours, a line in the middle is
/// parsed. This is repeated until the hours are neighbours or no line is left. If a line is two hours or more before
/// an earlier line, the segment is out of order, and every line is parsed. Records that cross segments or lines are
/// all parsed, and so are all candidates.
///
/// A noted hour contains an event, because the record of the first line in an hour is read as a whole. An hour that
/// is not noted contains none if the lines of each segment are in order of time. Otherwise it may contain events that
/// are out of order. They are between two lines whose hours are equal or neighbours, with no parsed line between.
///
/// Only the file decides where segments are, not the workers that read it. There is one exception: an archive may be
/// out of order in a way that no parsed line shows. Then the cut into ranges matters, which depends on
/// `Tuning.rangeBytesTarget` and the size of blocks. Shorter ranges have more parsed lines.
///
/// It costs six lines per range of 2 MiB, or per block, where that spans an hour. It allocates only for a new hour.
struct TimeSampler {
  private static let finder = PairFinder(#""published":""#, first: 3, second: 9)
  /// More than the longest spelling of a time.
  private static let timeBytesMax = 64

  private(set) var hours: CoveredHours
  /// The range of all hours seen since it was last set, including hours that were not asked for.
  var span: HourRange?
  private let lineBytesMax: Int
  /// Whether the current segment is out of order.
  private var isDisordered = false
  /// The hour that was read last, and the beginning of its text.
  private var last = (hour: 0, start: (UInt64(0), UInt64(0)))

  /// The hours of the first and the last event of a line.
  struct Hours {
    var first: Int
    var last: Int
  }

  init(hours: CoveredHours, lineBytesMax: Int) {
    self.hours = hours
    self.lineBytesMax = lineBytesMax
  }

  // MARK: Times

  /// Notes the time of an event that has been parsed.
  mutating func note(_ published: UnsafeBytes) {
    guard let hour = hour(of: published) else { return }
    addToSpan(hour)
    if !hours.ignores(hour), EventTime(published) != nil { hours.note(hour) }
  }

  private mutating func addToSpan(_ hour: Int) {
    span = HourRange(first: min(span?.first ?? hour, hour), last: max(span?.last ?? hour, hour))
  }

  /// Returns the hour of a time in text form. If it begins like the last one and is UTC, the rest is not parsed.
  private mutating func hour(of text: UnsafeBytes) -> Int? {
    guard text.count >= 20, text[text.count - 1] == UInt8(ascii: "Z") else {
      return EventTime(text).map { hours.number(of: $0) }
    }
    // `2026-01-05T10`
    let start = (text.word64(at: 0), text.word64(at: 5))
    if start == last.start { return last.hour }
    guard let time = EventTime(text) else { return nil }
    let hour = hours.number(of: time)
    // In a cut hour, the rest of the time decides to which part it belongs.
    if hours.isWhole(at: time) { last = (hour, start) }
    return hour
  }

  /// Notes the hours of the records of a text. - Returns: their range; nil if the text contains no time.
  mutating func hours(in text: UnsafeBytes, _ reader: inout EventReader) -> Hours? {
    // The result and the span must not depend on the times that this worker has seen before.
    if let found = hoursByText(text) {
      if found.isNew { _ = read(text, &reader) { _ in } }
      return found.hours
    }
    var hours: [Int] = []
    let found = read(text, &reader) { hours.append($0) }
    hours.forEach { addToSpan($0) }
    return found
  }

  /// Returns the hours of everything that looks like an event's time, and whether one of them would be new.
  private mutating func hoursByText(_ text: UnsafeBytes) -> (hours: Hours, isNew: Bool)? {
    var found: (hours: Hours, isNew: Bool)?
    var at = 0
    while let name = Self.finder.find(in: text, from: at) {
      at = name + Self.finder.count
      let rest = text[at..<min(text.count, at + Self.timeBytesMax)]
      guard let end = rest.firstIndex(of: UInt8(ascii: "\"")), let hour = hour(of: rest[0..<end]) else {
        continue
      }
      addToSpan(hour)
      let isNew = !hours.ignores(hour)
      found = (Hours(first: found?.hours.first ?? hour, last: hour), isNew || found?.isNew == true)
    }
    return found
  }

  private mutating func read(
    _ text: UnsafeBytes, _ reader: inout EventReader, _ each: (Int) -> Void
  ) -> Hours? {
    var found: Hours?
    reader.open(text)
    while let record = reader.next() {
      guard case .event = record, let time = reader.value(.published).flatMap({ EventTime($0) }) else {
        continue
      }
      let hour = hours.number(of: time)
      each(hour)
      hours.note(hour)
      found = Hours(first: found?.first ?? hour, last: hour)
    }
    return found
  }

  // MARK: Lines

  /// Samples some of the complete lines of a segment.
  ///
  /// - Parameter lines: the lines, each with its newline.
  mutating func sample(_ lines: UnsafeBytes, _ reader: inout EventReader) {
    var start = 0
    var end = lines.count
    var first: Hours?
    while first == nil, start < end {
      let line = lines.line(at: start)
      first = hoursInLine(lines[line], &reader)
      start = line.upperBound + 1
    }
    var last: Hours?
    while last == nil, start < end {
      let line = lines.line(at: end - 1)
      last = hoursInLine(lines[line], &reader)
      end = line.lowerBound
    }
    guard let first, let last else { return }
    isDisordered = false
    fill(lines[start..<end], between: first.last, and: last.first, probes: 2, &reader)
    if !isDisordered { return }
    while start < end {
      let line = lines.line(at: start)
      _ = hoursInLine(lines[line], &reader)
      start = line.upperBound + 1
    }
  }

  /// Samples lines between two hours. - Parameter probes: how often to halve even if the hours on both sides are
  /// neighbours.
  private mutating func fill(
    _ lines: UnsafeBytes, between before: Int, and after: Int, probes: Int, _ reader: inout EventReader
  ) {
    if before > after + 1 { isDisordered = true }
    if lines.isEmpty || isDisordered || probes == 0 && after <= before + 1 { return }
    let line = lines.line(at: lines.count / 2)
    let found = hoursInLine(lines[line], &reader)
    // Halving the bytes limits the depth of the recursion to the number of bits of an integer.
    let probes = max(0, probes - 1)
    fill(lines[0..<line.lowerBound], between: before, and: found?.first ?? after, probes: probes, &reader)
    fill(
      lines[line.upperBound + 1..<lines.count], between: found?.last ?? before, and: after, probes: probes,
      &reader)
  }

  /// Samples one line. An incomplete line is part of a record that is sampled when it has been joined.
  private mutating func hoursInLine(_ line: UnsafeBytes, _ reader: inout EventReader) -> Hours? {
    guard line.count <= lineBytesMax, case .complete = LineCompleteness(line) else { return nil }
    return hours(in: line, &reader)
  }
}

extension UnsafeBytes {
  /// Returns the line that contains a byte, without its newline. - Precondition: the view consists of whole lines.
  fileprivate func line(at index: Int) -> Range<Int> {
    let start = self[0..<index].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    guard let end = self[index..<count].firstIndex(of: UInt8(ascii: "\n")) else {
      preconditionFailure("the last line has no newline")
    }
    return start..<index + end
  }
}

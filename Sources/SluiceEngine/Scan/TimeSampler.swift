import SluiceRecords

/// Finds out in which hours an archive holds events, without reading all of them.
///
/// An archive lies about in the order of time. So of the whole lines of each run five are looked at, the first, the last and
/// three between; where the times of two of them lie further apart than in neighbouring hours, one in the middle, and so on,
/// until neighbours are reached or every line was looked at. If one lies two hours or more before one that stands before it,
/// the run is in no order, and every line is looked at. Records that lie across runs or lines are looked at all, and so are
/// all candidates.
///
/// An hour that is noted holds an event: of the first line in an hour the record is read as a whole. An hour that is not
/// noted holds none, if the lines of each run are in order of time. It may hold some that stand, out of order, between two
/// lines of a run whose times lie in one hour or in neighbouring ones, with no line between them looked at.
///
/// Runs lie where they do by the file alone, whoever reads them. (Where an archive is out of order in a way that no looked-at
/// line shows, the cut of ranges matters, by `Tuning.rangeBytesTarget` and the size of blocks: the shorter they are, the more lines are looked at.)
///
/// Costs six lines a range, of 2 MiB or one block, where that spans an hour. Nothing is allocated but for a new hour.
struct TimeSampler {
  private static let finder = PairFinder(#""published":""#, first: 3, second: 9)
  /// More than the longest spelling of a time.
  private static let timeBytesMax = 64

  private(set) var hours: CoveredHours
  /// All hours that were looked at since it was last set, also those that are not asked for.
  var span: HourRange?
  private let lineBytesMax: Int
  /// Whether the run in hand is in no order.
  private var isDisordered = false
  /// The hour that was read last, and the text's beginning.
  private var last = (hour: 0, start: (UInt64(0), UInt64(0)))

  /// Hours of the first and the last event of a line.
  struct Hours {
    var first: Int
    var last: Int
  }

  init(hours: CoveredHours, lineBytesMax: Int) {
    self.hours = hours
    self.lineBytesMax = lineBytesMax
  }

  // MARK: Times

  /// Notes the time of an event that has been read.
  mutating func note(_ published: UnsafeBytes) {
    guard let hour = hour(of: published) else { return }
    addToSpan(hour)
    if !hours.ignores(hour), EventTime(published) != nil { hours.note(hour) }
  }

  private mutating func addToSpan(_ hour: Int) {
    span = HourRange(first: min(span?.first ?? hour, hour), last: max(span?.last ?? hour, hour))
  }

  /// The hour of a time as it is spelled; of one that begins like the last, and is UTC, the rest is not read.
  private mutating func hour(of text: UnsafeBytes) -> Int? {
    guard text.count >= 20, text[text.count - 1] == UInt8(ascii: "Z") else {
      return EventTime(text).map { hours.number(of: $0) }
    }
    // `2026-01-05T10`
    let start = (text.word64(at: 0), text.word64(at: 5))
    if start == last.start { return last.hour }
    guard let time = EventTime(text) else { return nil }
    let hour = hours.number(of: time)
    // Of an hour that is cut the rest says in which part a time lies.
    if hours.isWhole(at: time) { last = (hour, start) }
    return hour
  }

  /// Looks at the record or the records of a text and notes their hours. - Returns: nil if there is no time in it.
  mutating func hours(in text: UnsafeBytes, _ reader: inout EventReader) -> Hours? {
    // What is returned, and added to the span, may not depend on what this worker has seen before.
    if let found = hoursByText(text) {
      if found.isNew { _ = read(text, &reader) { _ in } }
      return found.hours
    }
    var hours: [Int] = []
    let found = read(text, &reader) { hours.append($0) }
    hours.forEach { addToSpan($0) }
    return found
  }

  /// The hours of all that looks like a time of an event, and whether one of them would be new.
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

  /// Looks at some of the whole lines of a run.
  ///
  /// - Parameter lines: each with its newline.
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

  /// - Parameter probes: how often to halve though the times on both sides are neighbours.
  private mutating func fill(
    _ lines: UnsafeBytes, between before: Int, and after: Int, probes: Int, _ reader: inout EventReader
  ) {
    if before > after + 1 { isDisordered = true }
    if lines.isEmpty || isDisordered || probes == 0 && after <= before + 1 { return }
    let line = lines.line(at: lines.count / 2)
    let found = hoursInLine(lines[line], &reader)
    // Halves, in bytes, so that this goes no deeper than a number has bits.
    let probes = max(0, probes - 1)
    fill(lines[0..<line.lowerBound], between: before, and: found?.first ?? after, probes: probes, &reader)
    fill(
      lines[line.upperBound + 1..<lines.count], between: found?.last ?? before, and: after, probes: probes,
      &reader)
  }

  /// What is not whole by itself makes a record with others, which is looked at when they are joined.
  private mutating func hoursInLine(_ line: UnsafeBytes, _ reader: inout EventReader) -> Hours? {
    guard line.count <= lineBytesMax, case .whole = LineCompleteness(line) else { return nil }
    return hours(in: line, &reader)
  }
}

extension UnsafeBytes {
  /// The line in which a byte stands, without its newline. - Precondition: these are whole lines.
  fileprivate func line(at index: Int) -> Range<Int> {
    let start = self[0..<index].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    guard let end = self[index..<count].firstIndex(of: UInt8(ascii: "\n")) else {
      preconditionFailure("the last line has no newline")
    }
    return start..<index + end
  }
}

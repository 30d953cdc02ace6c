import SluiceRecords
import SluiceSystem

/// Coding of a partial's totals; `SluiceEngine.docc/PartialFormat.md` describes it. - Precondition: hours are not cut.
extension ScanStats {
  /// Maximum sum of all counts of one partial.
  private static let weightMax = 1 << 54

  private static let candidatesName = "candidates"
  /// Prefix of the name of a candidate count, before the bits of the filters that exactly these candidates may match.
  private static let candidatesPrefix = "candidates of "

  func write(to bytes: inout ByteWriter) {
    for counts in [
      input.namedCounts + records.namedCounts + candidateCounts, records.rejectedByReason, records.shapes,
    ] {
      bytes.list(counts) { bytes, named in
        bytes.counted(named.name.utf8)
        bytes.varint(named.count)
      }
    }
    for steps in passed { bytes.list(steps) { $0.varint($1) } }
    bytes.varint(hours.areTooMany ? 1 : 0)
    var last = 0
    bytes.list(hours.hours.sorted()) { bytes, hour in
      bytes.zigzag(hour - last)
      last = hour
    }
    bytes.list(times.files.sorted { $0.key < $1.key }) { bytes, file in
      bytes.varint(file.key)
      file.value.write(to: &bytes)
    }
    bytes.list(recognition.files.sorted { $0.key < $1.key }) { bytes, file in
      bytes.varint(file.key)
      file.value.write(to: &bytes)
    }
    let kinds = log.entries.sorted { ($0.key.file, $0.key.reason) < ($1.key.file, $1.key.reason) }
    bytes.list(kinds) { bytes, kind in
      bytes.varint(kind.key.file)
      bytes.counted(kind.key.reason.text.utf8)
      bytes.varint(kind.value.count)
      bytes.list(kind.value.kept) { bytes, kept in
        bytes.zigzag(kept.position.fileOffset)
        bytes.zigzag(kept.position.offsetInBlock)
        bytes.counted(kept.message.utf8)
      }
    }
  }

  private var candidateCounts: [NamedCount] {
    var all = CandidateCounts()
    all.merge(candidates)
    return [(Self.candidatesName, all.count)]
      + all.byRules.sorted { $0.key < $1.key }.map { (Self.candidatesPrefix + String($0.key), $0.value) }
  }

  init(from reader: inout ByteReader, filterCount: Int, sourceCount: Int) throws(PartialError) {
    self.init(rules: [])
    // The counts of one partial are bounded, so that sums over all partials do not overflow.
    func count(_ reader: inout ByteReader) throws(PartialError) -> Int {
      let count = try reader.number(max: Self.weightMax - weight)
      weight += count
      return count
    }
    let allFilters: UInt32 = filterCount == 32 ? .max : 1 << UInt32(filterCount) - 1
    var candidateCount = 0
    for _ in 0..<(try reader.count()) {
      let name = try reader.text()
      if name == Self.candidatesName {
        candidateCount = try count(&reader)
        continue
      }
      if name.hasPrefix(Self.candidatesPrefix) {
        guard let filters = UInt32(name.dropFirst(Self.candidatesPrefix.count)), filters != 0,
          filters & ~allFilters == 0
        else { throw PartialError("it has candidates of filters that are not there") }
        candidates.add(rules: filters, count: try count(&reader))
        continue
      }
      if let path = InputStats.path(named: name) {
        input[keyPath: path] = try count(&reader)
      } else if let path = RecordStats.path(named: name) {
        records[keyPath: path] = try count(&reader)
      } else {
        throw PartialError("its count '\(name)' is not known")
      }
    }
    // An earlier version did not state the filters of candidates.
    if candidates.count == 0 { candidates.add(rules: allFilters, count: candidateCount) }
    guard candidates.count == candidateCount else { throw Self.contradiction }
    for _ in 0..<(try reader.count()) {
      let name = try reader.text()
      records.rejected[Reason.Word(name)] = try count(&reader)
    }
    let shapes = Dictionary(uniqueKeysWithValues: Shape.allCases.map { ($0.name, $0.rawValue) })
    for _ in 0..<(try reader.count()) {
      let name = try reader.text()
      guard let shape = shapes[name] else { throw PartialError("its shape '\(name)' is not known") }
      records.shapeCounts[shape] = try count(&reader)
    }
    for _ in 0..<filterCount {
      passed.append(
        try reader.list { reader throws(PartialError) in try count(&reader) })
    }
    hours = try CoveredHours(from: &reader)
    for _ in 0..<(try reader.count()) {
      let file = try Self.source(&reader, sourceCount)
      times.merge(try FileTimeRanges.File(from: &reader), of: file)
    }
    var unparsed = 0
    for _ in 0..<(try reader.count()) {
      let file = try Self.source(&reader, sourceCount)
      let recognition = try FileRecognition(from: &reader) { reader throws(PartialError) in
        try count(&reader)
      }
      unparsed += recognition.unparsed
      self.recognition.merge(recognition, of: file)
    }
    guard unparsed <= records.events else { throw Self.contradiction }
    for _ in 0..<(try reader.count()) {
      let file = try Self.source(&reader, sourceCount)
      let key = ProblemLog.Key(file: file, reason: Reason.Word(try reader.text()))
      var entries = ProblemLog.Entries()
      let count = try count(&reader)
      for _ in 0..<(try reader.count()) {
        let position = Position(
          fileOffset: Int(try reader.zigzag()), offsetInBlock: Int(try reader.zigzag()))
        let message = try reader.text()
        entries.add(position) { message }
      }
      guard entries.count <= count else { throw PartialError("it names more problems than it has") }
      entries.count = count
      log.merge(key, entries)
    }
    guard records.isBalanced else { throw Self.contradiction }
  }

  private static let contradiction = PartialError("its counts contradict each other")

  private static func source(_ reader: inout ByteReader, _ count: Int) throws(PartialError) -> Int {
    let number = try reader.number()
    guard number < count else { throw PartialError("it has no source \(number)") }
    return number
  }
}

extension CoveredHours {
  fileprivate init(from reader: inout ByteReader) throws(PartialError) {
    let areTooMany = try reader.flag()
    var last: Int64 = 0
    var hours: [Int] = []
    let count = try reader.count()
    guard count <= Self.countMax else { throw PartialError("it names more hours than a scan keeps") }
    for _ in 0..<count {
      last &+= try reader.zigzag()
      guard FileTimeRanges.hours.contains(Int(last)) else {
        throw PartialError("an hour of it lies in no year")
      }
      hours.append(Int(last))
    }
    self.init(whole: hours, areTooMany: areTooMany)
  }
}

extension FileRecognition {
  fileprivate func write(to bytes: inout ByteWriter) {
    for count in [events, sampled, unrecognised, unparsed] { bytes.varint(count) }
    bytes.varint(example == nil ? 0 : 1)
    guard let example else { return }
    bytes.zigzag(example.position.fileOffset)
    bytes.zigzag(example.position.offsetInBlock)
    bytes.counted(example.appearance.utf8)
  }

  fileprivate init(
    from reader: inout ByteReader, count: (inout ByteReader) throws(PartialError) -> Int
  ) throws(PartialError) {
    self.init()
    events = try count(&reader)
    sampled = try count(&reader)
    unrecognised = try count(&reader)
    unparsed = try count(&reader)
    guard unrecognised <= sampled else { throw PartialError("its samples contradict each other") }
    guard try reader.flag() else { return }
    let position = Position(fileOffset: Int(try reader.zigzag()), offsetInBlock: Int(try reader.zigzag()))
    example = Example(position: position, appearance: try reader.text())
  }
}

extension FileTimeRanges {
  /// Allowed hours since 1970. Years have four digits.
  fileprivate static let hours = -20_000_000...80_000_000
}

extension FileTimeRanges.File {
  fileprivate func write(to bytes: inout ByteWriter) {
    bytes.varint(isInLines ? 1 : 0)
    bytes.varint(span == nil ? 0 : 1)
    if let span {
      bytes.zigzag(span.first)
      bytes.zigzag(span.last)
    }
    var last = (offset: 0, first: 0, last: 0)
    bytes.list(joinedZones) { bytes, zone in
      // A zone without times is written with an end before its start.
      let (first, end) = (zone.span?.first ?? 1, zone.span?.last ?? 0)
      bytes.zigzag(zone.offset - last.offset)
      bytes.zigzag(first - last.first)
      bytes.zigzag(end - last.last)
      last = (zone.offset, first, end)
    }
  }

  fileprivate init(from reader: inout ByteReader) throws(PartialError) {
    let isInLines = try reader.flag()
    var span: HourRange?
    if try reader.flag() {
      span = HourRange(first: try Self.hour(&reader, after: 0), last: try Self.hour(&reader, after: 0))
    }
    var last = (offset: 0, first: 0, last: 0)
    let zones = try reader.list { reader throws(PartialError) in
      let offset = Int64(last.offset) &+ (try reader.zigzag())
      guard offset >= 0 else { throw PartialError("a part of a file begins before it") }
      last = (
        Int(offset), try Self.hour(&reader, after: last.first), try Self.hour(&reader, after: last.last)
      )
      return FileTimeRanges.Zone(
        offset: last.offset, last.first <= last.last ? HourRange(first: last.first, last: last.last) : nil)
    }
    self.init(span, zones: zones, isInLines: isInLines)
  }

  /// Zones merged by offset, ascending. The result does not depend on which worker scanned which lines.
  private var joinedZones: [FileTimeRanges.Zone] {
    var spans: [Int: HourRange?] = [:]
    for zone in zones {
      let known = spans[zone.offset, default: nil]
      var span = zone.span ?? known
      if let known, let other = zone.span {
        span = HourRange(first: min(known.first, other.first), last: max(known.last, other.last))
      }
      spans[zone.offset] = .some(span)
    }
    return spans.sorted { $0.key < $1.key }.map { FileTimeRanges.Zone(offset: $0.key, $0.value) }
  }

  private static func hour(_ reader: inout ByteReader, after last: Int) throws(PartialError) -> Int {
    let hour = Int64(last) &+ (try reader.zigzag())
    guard FileTimeRanges.hours.contains(Int(hour)) else {
      throw PartialError("an hour of it lies in no year")
    }
    return Int(hour)
  }
}

extension PartialWriter {
  /// Writes the last frames of the partial.
  func finish(_ totals: ScanStats) throws(SystemError) {
    try flush()
    var rest = ByteWriter()
    for count in rowCounts { rest.varint(count) }
    totals.write(to: &rest)
    // The number of frames depends on the length of this payload, and the payload contains the number of frames.
    var frames = frameCount + 1
    while true {
      var payload = ByteWriter()
      payload.varint(frames)
      payload.raw(rest.bytes)
      let needed = frameCount + Self.frameCount(payload.count)
      if needed == frames { return try write(payload.bytes, .totals) }
      frames = needed
    }
  }
}

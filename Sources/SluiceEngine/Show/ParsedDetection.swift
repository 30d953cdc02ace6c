import SluiceRecords

/// The parts of a record `sluice.detection/1` that are needed to find its events and to check their number.
package struct ParsedDetection: Sendable {
  package let id: String
  package let rule: String
  let clientIP: IPAddress?
  let windowStart: EventTime
  let firstSeen: EventTime
  let lastSeen: EventTime
  package let eventCount: Int
  let evidence: DetectionEvidence
  /// Time range of triage and number of sign-ins found in it; nil if the record has none.
  let signIns: (range: ClosedRange<EventTime>, count: Int)?

  /// Minimum number of digits that identify a detection.
  package static let prefixCountMin = 8

  /// Finds the record with an id in a file of detections.
  ///
  /// - Parameters:
  ///   - id: 32 hexadecimal digits, or the first digits if only one detection's id begins with them.
  ///   - ndjson: records, one per line.
  ///   - name: name of the file, for messages.
  package init(id: String, in ndjson: [UInt8], named name: String) throws(ShowError) {
    let id = id.lowercased()
    guard (Self.prefixCountMin...32).contains(id.utf8.count), id.utf8.allSatisfy({ hexDigit($0) != nil })
    else {
      throw ShowError(
        "'\(id)' is no detection's id: these are 32 hexadecimal digits, of which the first "
          + "\(Self.prefixCountMin) or more may be given", isWrongUsage: true)
    }
    let digits = Array(id.utf8)
    var found: (number: Int, id: String, json: JSONDocument)?
    for (index, line) in ndjson.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      .enumerated()
    {
      let line = Array(line)
      // Lines without the digits need not be parsed.
      guard withBytes(line, { $0.contains(digits) }) else { continue }
      let json: JSONDocument
      do throws(JSONWalker.ParseError) {
        json = try JSONDocument(line)
      } catch {
        throw ShowError("\(name), line \(index + 1), byte \(error.offset): \(error.message)")
      }
      guard let own = json["id"]?.string, own.hasPrefix(id) else { continue }
      if let found, found.id != own {
        throw ShowError("'\(id)' begins the ids of several detections, such as \(found.id) and \(own)")
      }
      if found == nil { found = (index + 1, own, json) }
    }
    guard let found else { throw ShowError("there is no detection '\(id)' in \(name)") }
    try self.init(found.json, id: found.id, location: "\(name), line \(found.number)")
  }

  private init(_ json: JSONDocument, id: String, location: String) throws(ShowError) {
    let schema = json["schema"]?.string
    guard schema == "sluice.detection/1" else {
      throw ShowError(
        "\(location): this is no record sluice.detection/1, as 'sluice scan --format ndjson' writes it, but of schema "
          + "\(schema.map { "'\($0)'" } ?? "unknown")")
    }
    func fail(_ member: String) -> ShowError {
      ShowError("\(location): the member '\(member)' is not as it should be")
    }
    func time(_ member: String, of json: JSONDocument) throws(ShowError) -> EventTime {
      guard let text = json[member]?.text, let time = withBytes(text, { EventTime($0) }) else {
        throw fail(member)
      }
      return time
    }
    self.id = id
    guard let rule = json["rule"]?.string else { throw fail("rule") }
    self.rule = rule
    guard let address = json["client_ip"] else { throw fail("client_ip") }
    clientIP = address.text.flatMap { text in withBytes(text) { IPAddress($0) } }
    if clientIP == nil, !address.isNull { throw fail("client_ip") }
    windowStart = try time("window_start", of: json)
    firstSeen = try time("first_seen", of: json)
    lastSeen = try time("last_seen", of: json)
    guard firstSeen <= lastSeen else { throw fail("last_seen") }
    guard let count = json["event_count"]?.integer, count > 0 else { throw fail("event_count") }
    eventCount = count
    guard let evidence = json["evidence"], !evidence.isNull else {
      throw ShowError(
        "\(location): the record does not say where its events lie; scan again, files and not standard input, without --no-evidence"
      )
    }
    guard let events = Self.files(evidence["events"]) else { throw fail("evidence.events") }
    self.evidence = DetectionEvidence(events: events, signIns: Self.files(evidence["sign_ins"]))
    if let triage = json["triage"], !triage.isNull, self.evidence.signIns != nil {
      let (from, to) = (try time("from", of: triage), try time("to", of: triage))
      guard from <= to, let count = triage["success_count"]?.integer else { throw fail("triage") }
      signIns = (from...to, count)
    } else {
      signIns = nil
    }
  }

  /// Returns the files of an evidence list; nil if it is not well-formed.
  private static func files(_ json: JSONDocument?) -> [DetectionEvidence.File]? {
    guard let list = json?.list else { return nil }
    var files: [DetectionEvidence.File] = []
    for element in list {
      guard let path = element["file"]?.text, let offsets = element["offsets"] else { return nil }
      let numbers = offsets.list?.map(\.integer)
      guard offsets.isNull || numbers?.allSatisfy({ $0 ?? -1 >= 0 }) == true else { return nil }
      files.append(DetectionEvidence.File(path: LogText(path), offsets: numbers?.compactMap { $0 }))
    }
    return files
  }
}

/// Reason why no events are shown.
package struct ShowError: Error, CustomStringConvertible {
  package var description: String
  package var isWrongUsage: Bool
  /// Whether no file was found to read.
  package var foundNoFile = false

  init(_ description: String, isWrongUsage: Bool = false) {
    self.description = description
    self.isWrongUsage = isWrongUsage
  }
}

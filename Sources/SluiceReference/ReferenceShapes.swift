import SluiceRecords

/// Finds the events of a line in every shape of Input.md, by trees of whole values.
///
/// Its literals are the texts of which every event that a rule can match contains one; they also reveal a foreign
/// schema. An object is tested for one shape after the other, in the order of ``records(of:wrapper:depth:)``.
struct ReferenceShapes {
  enum Record {
    case event(ReferenceEvent)
    /// Valid JSON that no rule can match.
    case unknown
    case rejected(String)
  }

  let literals: [String]

  /// The maximum number of wrappers around an event.
  private let depthMax = 4

  func records(of line: [UInt8]) -> [Record] { records(of: line, depth: 0) }

  // MARK: Texts

  /// Returns the records of a sequence of objects and arrays of objects.
  ///
  /// Damage ends the text. An object counts only if it ends the text or if another object or array follows it.
  private func records(of text: [UInt8], depth: Int) -> [Record] {
    var records: [Record] = []
    var at = 0
    func skipSpace() { while at < text.count, " \t\r\n".utf8.contains(text[at]) { at += 1 } }
    func isNext(_ letter: Unicode.Scalar) -> Bool { at < text.count && text[at] == UInt8(ascii: letter) }

    /// Reads an array. - Returns: false if it is damaged.
    func readArray() -> Bool {
      at += 1
      skipSpace()
      var isOpen = !isNext("]")
      while isOpen {
        guard let element = ReferenceJSON(in: text, at: &at, depth: 1) else { return false }
        skipSpace()
        guard isNext(",") || isNext("]") else { return false }
        records += self.records(ofElement: element, depth: depth)
        isOpen = isNext(",")
        if isOpen { at += 1 }
        skipSpace()
      }
      at += 1
      return true
    }

    func readObject() -> Bool {
      guard let object = ReferenceJSON(in: text, at: &at, depth: 0) else { return false }
      skipSpace()
      guard at == text.count || isNext("{") || isNext("[") else { return false }
      records += self.records(of: object, wrapper: object, depth: depth)
      return true
    }

    skipSpace()
    repeat {
      let isRead = isNext("{") ? readObject() : isNext("[") ? readArray() : false
      guard isRead else { return records + [.rejected("json")] }
      skipSpace()
    } while at < text.count
    return records
  }

  private func records(ofElement element: ReferenceJSON, depth: Int) -> [Record] {
    guard case .object = element else { return [.rejected("json")] }
    return records(of: element, wrapper: element, depth: depth)
  }

  /// Returns the text of a string that begins like an object or an array.
  private func json(_ value: ReferenceJSON?) -> [UInt8]? {
    guard let text = value?.text?.bytes else { return nil }
    let first = text.first { $0 > 0x20 }
    return first == UInt8(ascii: "{") || first == UInt8(ascii: "[") ? text : nil
  }

  // MARK: Objects

  /// - Parameter wrapper: the outermost wrapper of the object, or the object itself.
  private func records(of object: ReferenceJSON, wrapper: ReferenceJSON, depth: Int) -> [Record] {
    func inside(_ inner: ReferenceJSON) -> [Record] {
      depth == depthMax ? [.rejected("shape")] : records(of: inner, wrapper: wrapper, depth: depth + 1)
    }
    func inside(_ text: [UInt8]) -> [Record] {
      depth == depthMax ? [.rejected("shape")] : records(of: text, depth: depth + 1)
    }
    func isObject(_ value: ReferenceJSON?) -> Bool { if case .object = value { true } else { false } }

    let isHook = object["eventType"] == .string("com.okta.event_hook")
    if isHook, case .array(let elements) = object[path: "data", "events"] {
      if depth == depthMax, !elements.isEmpty { return [.rejected("shape")] }
      return elements.flatMap { records(ofElement: $0, depth: depth + 1) }
    }
    if ReferenceEvent.isEvent(object) { return [.event(ReferenceEvent(object))] }
    if case .string = object["eventtype"], ReferenceEvent.hasOktaKeys(object) {
      return [.event(ReferenceEvent(lowercase: object))]
    }
    let event = object["event"]
    if event?["action"] != nil || event?["original"] != nil || object["event.action"] != nil
      || object["event.original"] != nil
    {
      if let event = ReferenceEvent(elastic: object) { return [.event(event)] }
      return [unknown(wrapper)]
    }
    if let source = object["_source"], isObject(source) { return inside(source) }
    if let detail = object["detail"], isObject(detail) { return inside(detail) }
    if let event, isObject(event), event["eventType"] != nil { return inside(event) }
    if let text = json(event) { return inside(text) }
    if let text = json(object["_raw"]) { return inside(text) }
    let attributes = object["attributes"]
    if let attributes, isObject(attributes), attributes["eventType"] != nil { return inside(attributes) }
    if let text = json(object["message"]) { return inside(text) }
    if let event, isObject(event) { return inside(event) }
    if let attributes, isObject(attributes) { return inside(attributes) }
    return [unknown(wrapper)]
  }

  private func unknown(_ object: ReferenceJSON) -> Record {
    holdsLiteral(object) ? .rejected("shape") : .unknown
  }

  private func holdsLiteral(_ tree: ReferenceJSON) -> Bool {
    switch tree {
    case .object(let members): members.contains { holdsLiteral($0.key.bytes) || holdsLiteral($0.value) }
    case .array(let elements): elements.contains(where: holdsLiteral)
    case .string(let text): holdsLiteral(text.bytes)
    case .null, .bool, .number: false
    }
  }

  /// Returns whether a string contains a literal, also inside strings nested in it.
  private func holdsLiteral(_ string: [UInt8]) -> Bool {
    var text = string
    for _ in 0..<depthMax {
      let searched = String(decoding: text, as: UTF8.self)
      if literals.contains(where: searched.contains) { return true }
      text = withoutEscapes(text)
    }
    return false
  }

  private func withoutEscapes(_ text: [UInt8]) -> [UInt8] {
    var plain: [UInt8] = []
    var rest = text[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "\\"), let letter = rest.first else {
        plain.append(byte)
        continue
      }
      if let found = #""\/bfnrt"#.utf8.firstIndex(of: letter) {
        plain.append(
          Array("\"\\/\u{8}\u{C}\n\r\t".utf8)[
            #""\/bfnrt"#.utf8.distance(from: #""\/bfnrt"#.startIndex, to: found)])
        rest.removeFirst()
      } else if letter == UInt8(ascii: "u"), rest.count >= 5,
        let code = UInt32(String(decoding: rest.dropFirst().prefix(4), as: UTF8.self), radix: 16),
        rest.dropFirst().prefix(4).allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit })
      {
        plain += Array(String(Unicode.Scalar(code) ?? "\u{FFFD}").utf8)
        rest = rest.dropFirst(5)
      } else {
        plain.append(byte)
      }
    }
    return plain
  }
}

// MARK: Field names

extension ReferenceEvent {
  /// Returns whether an object is an Okta event.
  ///
  /// An Okta event has an `eventType` and a key for its time, user, source or outcome. A hook's payload has an
  /// `eventType` of its own.
  static func isEvent(_ object: ReferenceJSON) -> Bool {
    guard case .string(let type) = object["eventType"], type != "com.okta.event_hook" else { return false }
    return hasOktaKeys(object)
  }

  /// Returns whether an object has one of the keys that all events have besides their type, whatever the value.
  ///
  /// Flattened events in tables have keys such as `"actor.id"`. Their users and addresses would not be found, so they
  /// do not count.
  static func hasOktaKeys(_ object: ReferenceJSON) -> Bool {
    let nested: [LogText: [LogText]] = [
      "actor": ["id", "type", "alternateId"], "client": ["ipAddress"], "outcome": ["result", "reason"],
    ]
    func holds(_ has: (LogText, LogText) -> Bool) -> Bool {
      nested.contains { outer, keys in keys.contains { has(outer, $0) } }
    }
    if holds({ object[$0]?[$1] != nil }) { return true }
    let isFlattened = holds { object[LogText("\($0).\($1)")] != nil }
    return !isFlattened && (object["published"] != nil || object["uuid"] != nil)
  }

  /// Reads an event with lower-case top-level keys, which it maps to Okta's.
  init(lowercase event: ReferenceJSON) {
    guard case .object(let members) = event else { preconditionFailure("events are objects") }
    let names: [LogText: LogText] = [
      "eventtype": "eventType", "debugcontext": "debugContext", "securitycontext": "securityContext",
    ]
    let others = members.filter { !names.values.contains($0.key) }
    self.init(.object(others.map { .init(key: names[$0.key] ?? $0.key, value: $0.value) }))
  }

  /// Reads an Elastic document: the raw event that it contains as text, or else its own fields.
  ///
  /// It is nil if the document has no `event.action` or no field from Okta.
  init?(elastic document: ReferenceJSON) {
    var values: [LogText: ReferenceJSON] = [:]
    Self.flatten(document, nil, into: &values)
    func first(_ paths: String...) -> ReferenceJSON? { paths.lazy.compactMap { values[LogText($0)] }.first }
    func text(_ paths: LogText...) -> LogText? { paths.lazy.compactMap { values[$0]?.text }.first }

    if let original = text("event.original"), let event = ReferenceJSON(parsing: original.bytes),
      case .object = event, Self.isEvent(event)
    {
      self.init(event)
      return
    }
    let fromOkta = first(
      "okta.uuid", "okta.actor.alternate_id", "okta.actor.id", "okta.actor.type", "okta.client.ip",
      "okta.outcome.result", "okta.outcome.reason")
    guard case .string = values["event.action"], fromOkta != nil else { return nil }
    self.init(.object([]))
    eventType = text("event.action")
    published = text("@timestamp").flatMap(referenceTime)
    uuid = text("event.id", "okta.uuid")
    user = text("okta.actor.alternate_id")
    userAgent = text("okta.client.user_agent.raw_user_agent")
    device = text("okta.client.device")
    country = text("client.geo.country_name")
    city = text("client.geo.city_name")
    result = text("okta.outcome.result")
    reason = text("okta.outcome.reason")
    asOrg = text("okta.security_context.as.organization.name", "source.as.organization.name")
    actorID = text("okta.actor.id")
    isp = text("okta.security_context.isp")
    domain = text("okta.security_context.domain")
    for path: LogText in ["source.as.number", "okta.security_context.as.number"] {
      if case .number(let spelling) = values[path], let number = Int(spelling) { asNumber = number }
    }
    if case .bool(let flag) = values["okta.security_context.is_proxy"] { isProxy = flag }
    let debugData = "okta.debug_context.debug_data."
    threatSuspected = text(LogText(debugData + "threat_suspected"))
    if case .bool(let flag) = first(debugData + "threat_suspected") {
      threatSuspected = flag ? "true" : "false"
    }
    risk = ReferenceRisk(level: first(debugData + "risk_level"), reasons: first(debugData + "risk_reasons"))
    clientIP = text("okta.client.ip").flatMap(referenceAddress)
    threatSourceIP = clientIP
    if threatSourceIP == nil, text("okta.actor.type") == "IP address" {
      threatSourceIP = text("okta.actor.id").flatMap(referenceAddress)
    }
  }

  /// Collects every value by its path, with dots between the keys. The last value of a path counts, in any form of the
  /// path.
  private static func flatten(
    _ tree: ReferenceJSON, _ path: LogText?, into values: inout [LogText: ReferenceJSON]
  ) {
    guard case .object(let members) = tree else { return }
    for member in members {
      let fullPath = path.map { LogText($0.bytes + Array(".".utf8) + member.key.bytes) } ?? member.key
      values[fullPath] = member.value
      flatten(member.value, fullPath, into: &values)
    }
  }
}

import SluiceRecords

/// Okta's risk verdict on one event: from `logOnlySecurityData`, or else from the text `debugData.risk`.
struct ReferenceRisk {
  var level: LogText?
  /// The reasons in the order of the log, with repetitions.
  var reasons: [LogText] = []

  init(_ debugData: ReferenceJSON?) {
    var securityData = debugData?["logOnlySecurityData"]
    if case .string(let text) = securityData { securityData = ReferenceJSON(parsing: text.bytes) }
    if let risk = securityData?["risk"], case .object = risk {
      self = ReferenceRisk(level: risk["level"], reasons: risk["reasons"])
    } else if let text = debugData?["risk"]?.text {
      readBraced(text)
    }
  }

  init(level: ReferenceJSON?, reasons: ReferenceJSON?) {
    self.level = level?.text
    switch reasons {
    case .string(let list): self.reasons = commaList(list)
    case .array(let lists): self.reasons = lists.compactMap(\.text).flatMap(commaList)
    default: break
    }
  }

  /// Reads `{reasons=A, B, level=HIGH}`, which looks like JSON but is not.
  private mutating func readBraced(_ text: LogText) {
    var body = trimmed(text.bytes[...])
    if body.count >= 2, body.first == UInt8(ascii: "{"), body.last == UInt8(ascii: "}") {
      body = body.dropFirst().dropLast()
    }
    var currentKey = LogText("")
    for part in body.split(separator: UInt8(ascii: ",")).map(trimmed) {
      let name = part.prefix { isASCIILetter($0) || $0 == UInt8(ascii: "_") }
      var value = part
      if !name.isEmpty, part.dropFirst(name.count).first == UInt8(ascii: "=") {
        currentKey = LogText(name)
        value = trimmed(part.dropFirst(name.count + 1))
        // The last value of a repeated key counts.
        if currentKey == "reasons" { reasons = [] }
        if currentKey == "level" { level = value.isEmpty ? nil : LogText(value) }
      }
      if currentKey == "reasons", !value.isEmpty { reasons.append(LogText(value)) }
    }
  }
}

private func isASCIILetter(_ byte: UInt8) -> Bool {
  Character(Unicode.Scalar(byte)).isASCII && Character(Unicode.Scalar(byte)).isLetter
}

@testable import SluiceRecords

@testable import SluiceEngine
@testable import SluiceReference

/// Unescapes the bytes as the inside of a JSON string and compares the verdict and the text with the reference
/// implementation.
func fuzzUnescape(_ bytes: [UInt8]) throws(Finding) {
  let quote = UInt8(ascii: "\"")
  let line = [quote] + bytes + [quote]
  var expected: [UInt8]?
  if case .string(let text)? = ReferenceJSON(parsing: line) { expected = text.bytes }
  for simdTarget in [SIMDTarget.best, .portable] {
    let found = withBytes(line) { view -> [UInt8]? in
      var marks = UnsafeBuffer(capacity: 0)
      let text = JSONCursor(view, marks: &marks, simdTarget: simdTarget)
      guard let end = try? text.string(0), end.end == view.count - 1 else { return nil }
      let inside = view[1..<end.end]
      if !end.isEscaped { return inside.array }
      var spelled: [UInt8] = []
      unescape(inside) { spelled.append($0) }
      return spelled
    }
    try requireSame(found, expected, "the string, by the kernel \(simdTarget)")
  }
  let isUTF8 = String(validating: bytes, as: UTF8.self) != nil
  try requireSame(withBytes(bytes) { $0.firstInvalidUTF8() } == nil, isUTF8, "whether it is UTF-8")
}

/// Parses the bytes as a time.
func fuzzTime(_ bytes: [UInt8]) throws(Finding) {
  let found = withBytes(bytes) { EventTime($0) }
  try requireSame(found?.milliseconds, referenceTime(LogText(bytes))?.milliseconds, "the time")
  guard let found else { return }
  let again = withBytes(Array(found.description.utf8)) { EventTime($0) }
  try requireSame(again, found, "what is written, read again")
}

/// Parses the bytes as an address.
func fuzzAddress(_ bytes: [UInt8]) throws(Finding) {
  let found = withBytes(bytes) { IPAddress($0) }
  try requireSame(found, referenceAddress(LogText(bytes)), "the address")
  guard let found else { return }
  let again = withBytes(Array(found.description.utf8)) { IPAddress($0) }
  try requireSame(again, found, "what is written, read again")
}

/// Parses the bytes before the first newline as `logOnlySecurityData`, and those after it as `risk`.
func fuzzRisk(_ bytes: [UInt8]) throws(Finding) {
  let newline = bytes.firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
  let json = Array(bytes[..<newline])
  let text = Array(bytes[newline...].dropFirst())
  let expected = ReferenceRisk(
    .object([
      .init(key: "logOnlySecurityData", value: .string(LogText(json))),
      .init(key: "risk", value: .string(LogText(text))),
    ]))
  for simdTarget in [SIMDTarget.best, .portable] {
    var risk = RiskParser(simdTarget: simdTarget)
    // An empty string is null.
    let found =
      withBytes(json) { risk.read(json: $0) }
      ?? (text.isEmpty ? .init() : withBytes(text) { RiskParser.read(text: $0) })
    try requireSame(found.level, expected.level?.bytes, "the level, by the kernel \(simdTarget)")
    try requireSame(found.reasons, expected.reasons.map(\.bytes), "the reasons, by the kernel \(simdTarget)")
  }
}

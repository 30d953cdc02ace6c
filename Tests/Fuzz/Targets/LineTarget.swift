import Foundation
@testable import SluiceEngine
@testable import SluiceRecords
@testable import SluiceReference
@testable import SluiceRules

/// Reads the bytes as one line, with all records in it and every field of each.
///
/// All SIMD targets must agree. The reference implementation must find the same records, shapes and values.
/// Foundation's parser must accept the same lines, apart from deliberate differences.
func fuzzLine(_ bytes: [UInt8]) throws(Finding) {
  let found = LineReading(bytes, simdTarget: .best)
  try requireSame(LineReading(bytes, simdTarget: .portable), found, "by the portable kernel")
  try compareRecords(bytes, found)
  try compareRawFields(bytes, found)
  try compareWithFoundation(bytes, found.error)
}

private func compareRecords(_ bytes: [UInt8], _ found: LineReading) throws(Finding) {
  let expected = ReferenceShapes(literals: []).records(of: bytes)
  try requireSame(found.records.count, expected.count, "records")
  for (record, expected) in zip(found.records, expected) {
    switch (record, expected) {
    case (.unknown, .unknown): break
    case (.error(let error), .rejected(let reason)):
      try requireSame(
        error.kind == .wrappers, reason == "shape", "\(error), where the reference says \(reason)")
    case (.event(_, let values), .event(let event)): try compare(values, event)
    default: throw Finding(description: "\(record), where the reference says \(expected)")
    }
  }
}

private func compare(_ values: [[UInt8]?], _ event: ReferenceEvent) throws(Finding) {
  func same(_ field: Field, _ expected: [UInt8]?) throws(Finding) {
    try requireSame(values[field.rawValue], expected, "the field \(field)")
  }
  func read<T>(_ field: Field, _ parse: (UnsafeBytes) -> T?) -> T? {
    values[field.rawValue].flatMap { withBytes($0, parse) }
  }
  try same(.eventType, event.eventType?.bytes)
  try same(.user, event.user?.bytes)
  try same(.userAgent, event.userAgent?.bytes)
  try same(.device, event.device?.bytes)
  try same(.isProxy, event.isProxy.map { Array("\($0)".utf8) })
  try same(.country, event.country?.bytes)
  try same(.city, event.city?.bytes)
  try requireSame(read(.asNumber, \.decimalInteger), event.asNumber, "the field asNumber")
  try same(.asOrg, event.asOrg?.bytes)
  try same(.outcomeResult, event.result?.bytes)
  try same(.outcomeReason, event.reason?.bytes)
  try same(.threatSuspected, event.threatSuspected?.bytes)
  try same(.threatDetections, event.threatDetections?.bytes)
  try same(.riskLevel, event.risk.level?.bytes)
  let reasons = Array(event.risk.reasons.map(\.bytes).joined(separator: ",".utf8))
  try same(.riskReasons, reasons.isEmpty ? nil : reasons)
  try same(.uuid, event.uuid?.bytes)
  try requireSame(read(.published) { EventTime($0) }, event.published, "the time")
  try requireSame(read(.clientIP) { IPAddress($0) }, event.clientIP, "the client's address")
}

/// Compares every field of an event that is the whole line, by the field's path.
private func compareRawFields(_ bytes: [UInt8], _ found: LineReading) throws(Finding) {
  guard let tree = ReferenceJSON(parsing: bytes), case .object = tree else {
    return try require(found.error != nil, "the reference refuses what is taken")
  }
  try require(found.error == nil, "the reference takes what is refused: \(String(describing: found.error))")
  guard case .event(.raw, let values) = found.records.first else { return }
  for field in Field.allCases {
    guard let path = FieldTable.raw.paths(of: field).first else { continue }
    let expected = tree.value(at: path)
    if field.kind == .stringOrObject, case .object = expected {
      // The engine returns the object in its original spelling.
      try requireSame(values[field.rawValue].flatMap(ReferenceJSON.init), expected, "the field \(field)")
    } else {
      try requireSame(values[field.rawValue], expected?.bytes(as: field.kind), "the field \(field)")
    }
  }
}

extension ReferenceJSON {
  fileprivate func value(at path: [String]) -> ReferenceJSON? {
    path.reduce(self) { node, key in
      if key == "0" {
        guard case .array(let elements) = node else { return nil }
        return elements.first
      }
      return node?[LogText(key)]
    }
  }

  /// Returns nil for a value of another type and for an empty string.
  fileprivate func bytes(as kind: Field.Kind) -> [UInt8]? {
    switch (kind, self) {
    case (.string, .string), (.stringOrBoolean, .string), (.stringOrObject, .string): text?.bytes
    case (.boolean, .bool(let flag)), (.stringOrBoolean, .bool(let flag)): Array("\(flag)".utf8)
    case (.integer, .number(let spelling)): Int(spelling) == nil ? nil : Array(spelling.utf8)
    default: nil
    }
  }
}

/// Compares with Foundation, apart from deliberate differences. Foundation guesses other encodings than UTF-8, and it
/// accepts a byte order mark and a comma before a closing bracket. It refuses lone surrogates, numbers beyond a
/// double, and more than 512 levels.
private func compareWithFoundation(_ bytes: [UInt8], _ error: JSONWalker.ParseError?) throws(Finding) {
  if bytes.prefix(4).contains(where: { $0 == 0 || $0 >= 0x80 }) { return }
  let object = try? JSONSerialization.jsonObject(with: Data(bytes))
  let isTakenByFoundation = object is [String: Any]
  if isTakenByFoundation == (error == nil) { return }
  if let error {
    let before = bytes[..<error.offset].last { !" \t\r\n".utf8.contains($0) }
    return try require(
      before == UInt8(ascii: ",") && bytes[error.offset...].first.map("}]".utf8.contains) == true,
      "Foundation takes what is refused: \(error)")
  }
  let text = String(decoding: bytes, as: UTF8.self)
  try require(
    text.contains(#/\\u[dD][89a-fA-F]/#) || text.contains(#/[0-9][eE]\+?[0-9]{3}|[0-9]{300}/#)
      || bytes.count { $0 == UInt8(ascii: "{") || $0 == UInt8(ascii: "[") } > 512,
    "Foundation refuses what is taken")
}

private struct LineReading: Equatable {
  enum Record: Equatable {
    /// Values, indexed by field number.
    case event(Shape, [[UInt8]?])
    case unknown
    case error(JSONWalker.ParseError)
  }

  var records: [Record] = []
  /// The reason why the line is not one object.
  var error: JSONWalker.ParseError?

  init(_ bytes: [UInt8], simdTarget: SIMDTarget) {
    var reader = EventReader(simdTarget: simdTarget)
    var walker = JSONWalker(trie: ShapeTries.all.raw, simdTarget: simdTarget)
    withBytes(bytes) { line in
      do throws(JSONWalker.ParseError) {
        try walker.walk(line)
      } catch {
        self.error = error
      }
      reader.open(line)
      while let record = reader.next() {
        switch record {
        case .event(let shape): records.append(.event(shape, Field.allCases.map { reader.value($0)?.array }))
        case .unknown: records.append(.unknown)
        case .error(let error): records.append(.error(error))
        }
      }
    }
  }
}

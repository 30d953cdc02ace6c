import Foundation
import SluiceRecords

@testable import SluiceEngine
@testable import SluiceReference

/// Walks the bytes as one line, and reads every field.
///
/// All kernels say the same; the reference's parser takes the same lines and finds the same values; Foundation's parser
/// takes the same lines but for what it decided otherwise.
func fuzzLine(_ bytes: [UInt8]) throws(Finding) {
  let found = LineReading(bytes, kernel: .best)
  try requireSame(LineReading(bytes, kernel: .portable), found, "by the portable kernel")
  try compareWithReference(bytes, found)
  try compareWithFoundation(bytes, found.fault)
}

private func compareWithReference(_ bytes: [UInt8], _ found: LineReading) throws(Finding) {
  guard let tree = ReferenceJSON(parsing: bytes), case .object = tree else {
    return try require(found.fault != nil, "the reference refuses what is taken")
  }
  try require(found.fault == nil, "the reference takes what is refused: \(String(describing: found.fault))")
  let risk = ReferenceRisk(tree[path: "debugContext", "debugData"])
  for field in Field.allCases {
    let value = found.values[field.rawValue]
    switch field {
    case .riskLevel: try requireSame(value, risk.level?.bytes, "the risk's level")
    case .riskReasons:
      let reasons = Array(risk.reasons.map(\.bytes).joined(separator: ",".utf8))
      try requireSame(value ?? [], reasons, "the risk's reasons")
    default:
      let expected = tree.value(at: field.path ?? [])
      if field.kind == .stringOrObject, case .object = expected {
        // The engine gives the object as it is spelled.
        try requireSame(value.flatMap(ReferenceJSON.init), expected, "the field \(field)")
      } else {
        try requireSame(value, expected?.bytes(as: field.kind), "the field \(field)")
      }
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

  /// nil for a value of another type, and for an empty string.
  fileprivate func bytes(as kind: Field.Kind) -> [UInt8]? {
    switch (kind, self) {
    case (.string, .string), (.stringOrBoolean, .string), (.stringOrObject, .string): text?.bytes
    case (.boolean, .bool(let flag)), (.stringOrBoolean, .bool(let flag)): Array("\(flag)".utf8)
    case (.integer, .number(let spelling)): Int(spelling) == nil ? nil : Array(spelling.utf8)
    default: nil
    }
  }
}

/// Differences that were decided: Foundation guesses other encodings than UTF-8, takes a byte order mark and a comma before a
/// closing bracket; it refuses lone surrogates, numbers beyond a double, and more than 512 levels.
private func compareWithFoundation(_ bytes: [UInt8], _ fault: LineWalker.Fault?) throws(Finding) {
  if bytes.prefix(4).contains(where: { $0 == 0 || $0 >= 0x80 }) { return }
  let object = try? JSONSerialization.jsonObject(with: Data(bytes))
  let isTakenByFoundation = object is [String: Any]
  if isTakenByFoundation == (fault == nil) { return }
  if let fault {
    let before = bytes[..<fault.offset].last { !" \t\r\n".utf8.contains($0) }
    return try require(
      before == UInt8(ascii: ",") && bytes[fault.offset...].first.map("}]".utf8.contains) == true,
      "Foundation takes what is refused: \(fault)")
  }
  let text = String(decoding: bytes, as: UTF8.self)
  try require(
    text.contains(#/\\u[dD][89a-fA-F]/#) || text.contains(#/[0-9][eE]\+?[0-9]{3}|[0-9]{300}/#)
      || bytes.count { $0 == UInt8(ascii: "{") || $0 == UInt8(ascii: "[") } > 512,
    "Foundation refuses what is taken")
}

private struct LineReading: Equatable {
  var fault: LineWalker.Fault?
  /// By the fields' numbers.
  var values: [[UInt8]?] = []

  init(_ bytes: [UInt8], kernel: Kernel) {
    var reader = EventReader(kernel: kernel)
    withBytes(bytes) { line in
      do throws(LineWalker.Fault) {
        try reader.read(line)
        values = Field.allCases.map { reader.value($0)?.array }
      } catch {
        fault = error
      }
    }
  }
}

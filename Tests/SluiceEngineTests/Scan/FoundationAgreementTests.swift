import Foundation
@testable import SluiceEngine
@testable import SluiceRules
import SluiceTestSupport
import Testing

/// The walker against Foundation's parser, on sample events and on thousands of damaged ones.
@Suite struct FoundationAgreementTests {
  static let lines: [[UInt8]] = SharedData.rawSamples.flatMap { (try? SharedData.lines($0)) ?? [] }

  private static func object(_ line: [UInt8]) -> [String: Any]? {
    (try? JSONSerialization.jsonObject(with: Data(line))) as? [String: Any]
  }

  @Test func takesEverySampleLine() {
    #expect(Self.lines.count == 134)
    for line in Self.lines {
      #expect(walks(line))
      #expect(Self.object(line) != nil)
    }
  }

  /// Some input is left out. Foundation refuses lone surrogates and numbers beyond a double. A byte order mark or NUL
  /// bytes make it guess another encoding.
  @Test func takesWhatFoundationTakesOfDamagedLines() {
    let short = Self.lines.sorted { $0.count < $1.count }.prefix(60)
    var compared = 0
    var taken = 0
    let seeds = TestScale.seeds(4000)
    let weight = 4000 / seeds.count
    for seed in seeds {
      var rng = SplitMix64(seed: seed)
      let line = Self.damaged(rng.pick(Array(short)), &rng)
      if Self.isLeftOut(line) { continue }
      compared += weight
      let expected = Self.object(line) != nil
      taken += expected ? weight : 0
      if walks(line) != expected {
        Issue.record(
          "seed \(seed): Foundation says \(expected): \(String(decoding: line, as: UTF8.self).debugDescription)"
        )
        return
      }
    }
    #expect(compared > 3500)
    #expect(taken > 500)
    #expect(taken < compared - 500)
  }

  private static func isLeftOut(_ line: [UInt8]) -> Bool {
    let text = String(decoding: line, as: UTF8.self).lowercased()
    return text.contains("\\ud") || line.contains(0) || line.prefix(4).contains { $0 >= 0x80 }
      || text.contains(#/[0-9]e\+?[0-9]{3}/#)
  }

  private static func damaged(_ line: [UInt8], _ rng: inout SplitMix64) -> [UInt8] {
    var line = line
    let marks =
      Array("{}[]:,\"\\ \t\r0123456789+-.eEtrufalsn/".utf8) + [0x00, 0x1F, 0x7F, 0x80, 0xC3, 0xE2, 0xFF]
    for _ in 0..<rng.pick([1, 1, 1, 2]) {
      let index = Int.random(in: 0..<line.count, using: &rng)
      switch Int.random(in: 0..<4, using: &rng) {
      case 0: line.remove(at: index)
      case 1: line.insert(rng.pick(marks), at: index)
      case 2: line[index] = rng.pick(marks)
      default: line[index] = UInt8.random(in: 0...255, using: &rng)
      }
    }
    return line
  }

  @Test func everyFieldReadsAsByFoundation() throws {
    var reader = EventReader()
    var compared = 0
    for (number, line) in Self.lines.enumerated() {
      let tree = try #require(Self.object(line))
      withBytes(line) { bytes in
        reader.open(bytes)
        guard case .event(.raw) = reader.next() else {
          Issue.record("line \(number) is no raw event")
          return
        }
        for field in Field.allCases {
          guard let path = FieldTable.raw.paths(of: field).first else { continue }
          let expected = Self.text(Self.value(tree, path[...]), as: field.kind)
          let found = reader.value(field)?.string
          if field.kind == .stringOrObject, found?.hasPrefix("{") == true { continue }
          #expect(found == expected, "line \(number), \(path.joined(separator: "."))")
          compared += expected == nil ? 0 : 1
        }
      }
    }
    #expect(compared > 1000)
  }

  private static func value(_ tree: Any?, _ path: ArraySlice<String>) -> Any? {
    guard let key = path.first else { return tree }
    if let list = tree as? [Any] { return key == "0" ? value(list.first, path.dropFirst()) : nil }
    return (tree as? [String: Any]).flatMap { value($0[key], path.dropFirst()) }
  }

  /// Returns the text that the table of fields specifies: null for another type and for an empty string.
  private static func text(_ value: Any?, as kind: Field.Kind) -> String? {
    switch value {
    case let text as String:
      return text.isEmpty || kind == .integer || kind == .boolean ? nil : text
    case let number as NSNumber:
      let isBoolean = String(cString: number.objCType) == "c"
      if isBoolean { return kind == .boolean || kind == .stringOrBoolean ? "\(number.boolValue)" : nil }
      return kind == .integer && Int(exactly: number.doubleValue) != nil ? number.stringValue : nil
    default: return nil
    }
  }
}

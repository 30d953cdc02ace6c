import CKernels
import SluiceRecords
import SluiceReference
import SluiceTestSupport

@testable import SluiceEngine

/// Random addresses, and lines that contain them or similar text, with the answer of a naive search.
struct AddressFixture {
  let targets: Set<IPAddress>
  let data: [UInt8]
  /// Offset of the buffer from a 64-byte boundary.
  let alignment: Int

  init(seed: UInt64) {
    var rng = SplitMix64(seed: seed)
    let all = (0..<6).map { _ in Self.address(&rng) }
    targets = Set(all.prefix(rng.pick([0, 1, 2, 4])))
    alignment = Int.random(in: 0...70, using: &rng)
    var data: [UInt8] = []
    for _ in 0..<Int.random(in: 1...20, using: &rng) {
      data += Self.line(all, &rng)
      data.append(UInt8(ascii: "\n"))
    }
    self.data = data
  }

  /// Returns an address of few different bytes, so that addresses begin alike.
  private static func address(_ rng: inout SplitMix64) -> IPAddress {
    if rng.oneIn(2) {
      let octets: [UInt32] = [0, 1, 9, 10, 100, 192, 203, 255]
      return IPAddress(v4: (0..<4).reduce(0) { bits, _ in bits << 8 | rng.pick(octets) })
    }
    let groups: [UInt64] = [0, 0, 0, 1, 0x20, 0xABC, 0x2001, 0xDB8, 0xFE80, 0xFFFF]
    return IPAddress(
      high: (0..<4).reduce(0) { bits, _ in bits << 16 | rng.pick(groups) },
      low: (0..<4).reduce(0) { bits, _ in bits << 16 | rng.pick(groups) })
  }

  /// Returns a valid spelling of an address, or nearly one.
  private static func spelling(_ address: IPAddress, _ rng: inout SplitMix64) -> String {
    let groups: [UInt64] = (0..<8).map { index in
      let half = index < 4 ? address.high : address.low
      return half >> UInt64(48 - 16 * (index % 4)) & 0xFFFF
    }
    let octets: [UInt64] = [groups[6] >> 8, groups[6] & 255, groups[7] >> 8, groups[7] & 255]
    let dotted = octets.map { "\($0)" }.joined(separator: ".")
    func hex(_ groups: ArraySlice<UInt64>, _ rng: inout SplitMix64) -> String {
      var texts: [String] = []
      for group in groups {
        let text = String(group, radix: 16, uppercase: rng.oneIn(3))
        let zeros = rng.oneIn(3) ? Int.random(in: 0...4 - text.count, using: &rng) : 0
        texts.append(String(repeating: "0", count: zeros) + text)
      }
      return texts.joined(separator: ":")
    }
    switch Int.random(in: 0..<8, using: &rng) {
    case 0...2: return "\(address)"
    case 3: return hex(groups[...], &rng)
    case 4: return hex(groups.prefix(6), &rng) + ":" + dotted
    case 5:
      // A run of zeros is omitted if there is one.
      guard let start = groups.firstIndex(of: 0) else { return hex(groups[...], &rng) }
      let end = groups[start...].firstIndex { $0 != 0 } ?? 8
      return hex(groups[..<start], &rng) + "::" + hex(groups[end...], &rng)
    case 6: return address.isV4 ? "::ffff:\(dotted)" : "\(address)"
    default:
      let text = "\(address)"
      return rng.pick([
        " \(text)", "\(text) ", "0\(text)", "\(text)%eth0", "\(text).", String(text.dropLast()), "",
      ])
    }
  }

  private static func line(_ all: [IPAddress], _ rng: inout SplitMix64) -> [UInt8] {
    var text = "{"
    for _ in 0..<Int.random(in: 0...5, using: &rng) {
      text += String(
        repeating: rng.pick(["x", "a", "0", ":", "\\"]), count: Int.random(in: 0...70, using: &rng))
      let address = spelling(rng.pick(all), &rng)
      text += rng.pick([
        "\"\(address)\"", "\"\(address)\"", "\\\"\(address)\\\"", "\"ip\":\"\(address)\"", address,
        "\"\(address)",
        "\(address)\"", "\"\(address),\"",
      ])
      if rng.oneIn(20) { text += rng.pick(["\\u003", "\\u01", "\\u00", "\\\\u0032"]) }
    }
    text += rng.pick(["}", "}", "}", "} ", "", ","])
    return Array(text.utf8)
  }

  /// Returns whether a text contains an address, by trying every quote.
  func holdsAddress(_ line: ArraySlice<UInt8>) -> Bool {
    for (index, byte) in zip(line.indices, line) {
      if byte == UInt8(ascii: "\\"), line[index...].starts(with: "\\u00".utf8) { return true }
      guard byte == UInt8(ascii: "\"") else { continue }
      let text = line[(index + 1)...].prefix { $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
      guard text.endIndex < line.endIndex else { continue }
      if let address = referenceAddress(LogText(text)), targets.contains(address) { return true }
    }
    return false
  }

  var lines: [Range<Int>] {
    var lines: [Range<Int>] = []
    var start = 0
    for index in data.indices where data[index] == UInt8(ascii: "\n") {
      lines.append(start..<index)
      start = index + 1
    }
    return lines
  }

  /// The lines that contain an address, and the fragments, which are always found.
  var oracle: [Range<Int>] {
    lines.filter { range in
      let line = data[range]
      var text = line
      while text.last == UInt8(ascii: " ") { text.removeLast() }
      let isComplete = text.count >= 4 && text.first == UInt8(ascii: "{") && text.last == UInt8(ascii: "}")
      return !line.isEmpty && !isComplete || holdsAddress(line)
    }
  }

  func run(_ simdTarget: SIMDTarget) -> [Range<Int>] {
    let prefilter = Prefilter(addresses: targets, simdTarget: simdTarget)
    var buffer = UnsafeBuffer(capacity: alignment + data.count)
    buffer.write(data, at: alignment)
    let text = buffer.view(alignment..<alignment + data.count)
    var list = Prefilter.LineList()
    let next = prefilter.scan(text, from: 0, lineBytesMax: 1 << 20, into: &list)
    precondition(next == data.count && list.newlines == lines.count)
    return (0..<list.count).map { list[$0] }
  }
}

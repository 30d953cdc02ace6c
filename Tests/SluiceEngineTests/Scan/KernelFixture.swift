import CKernels
import Foundation
@testable import SluiceEngine
import SluiceTestSupport

/// Random literals and a random buffer of lines for the kernels, with the answer of a naive search.
struct KernelFixture {
  struct Outcome: Equatable {
    var next: Int
    var lines: Int
    var blank: Int
    var found: [Range<Int>]
  }

  let literals: [[UInt8]]
  let pairOffsets: [Int]
  let data: [UInt8]
  /// Offset of the buffer from a 64-byte boundary.
  let alignment: Int
  var from: Int
  let lineBytesMax: Int
  var foundMax: Int

  init(seed: UInt64) {
    var rng = SplitMix64(seed: seed)
    // Few letters make literals overlap and nearly match all the time.
    let letters = Array((rng.oneIn(2) ? "abc\"\\u0" : "INVALID_CREDENTIALS.user").utf8)
    let count = rng.pick([0, 1, 2, 3, 5, 8])
    literals = (0..<count).map { _ in
      (0..<rng.pick([2, 2, 3, 4, 7, 20, 64])).map { _ in rng.pick(letters) }
    }
    pairOffsets = literals.map { Int.random(in: 0...$0.count - 2, using: &rng) }
    alignment = Int.random(in: 0...70, using: &rng)
    lineBytesMax = rng.pick([0, 5, 63, 64, 65, 200, 1 << 20])
    foundMax = rng.pick([1, 2, 3, 10, 1000])

    var data: [UInt8] = []
    // The bytes before the first line are not the kernel's; it must not find literals in them.
    for _ in 0..<Int.random(in: 0...70, using: &rng) { data.append(rng.pick(letters)) }
    if let literal = literals.first, rng.oneIn(2) { data += literal }
    from = data.count
    for _ in 0..<Int.random(in: 0...24, using: &rng) {
      data += Self.line(literals, letters, &rng)
      data.append(UInt8(ascii: "\n"))
    }
    self.data = data
  }

  private static func line(_ literals: [[UInt8]], _ letters: [UInt8], _ rng: inout SplitMix64) -> [UInt8] {
    let blanks = Array(" \t\r".utf8)
    let length = rng.pick([0, 0, 1, 2, 63, 64, 65, Int.random(in: 0...300, using: &rng)])
    if rng.oneIn(4) { return (0..<length).map { _ in rng.pick(blanks) } }
    let dull = rng.oneIn(2)
    var line = (0..<length).map { _ in dull ? UInt8(ascii: "-") : rng.pick(letters) }
    if let literal = literals.randomElement(using: &rng), rng.oneIn(2) {
      // The literal is at the start, at the end, or anywhere. It is whole, lacks its first or last byte, or is broken
      // in the middle.
      var bytes = literal[...]
      switch Int.random(in: 0..<8, using: &rng) {
      case 0: bytes = bytes.dropFirst()
      case 1: bytes = bytes.dropLast()
      case 2: bytes = bytes.prefix(bytes.count / 2) + [UInt8(ascii: "\n")] + bytes.dropFirst(bytes.count / 2)
      default: break
      }
      line.insert(
        contentsOf: bytes, at: rng.pick([0, line.count, Int.random(in: 0...line.count, using: &rng)]))
    }
    if !rng.oneIn(4) { line = dressed(line, &rng) }
    if rng.oneIn(3) { line.append(UInt8(ascii: "\r")) }
    return line
  }

  /// Puts the line in braces, as most lines are, or nearly so.
  private static func dressed(_ line: [UInt8], _ rng: inout SplitMix64) -> [UInt8] {
    let open = rng.pick(["{", "{", "{", "", " {", "["])
    let close = rng.pick(["}", "}", "}", "", "} ", "},", "}\t\r "])
    let inner = rng.oneIn(8) ? line.prefix(Int.random(in: 0...2, using: &rng)) : line[...]
    return Array(open.utf8) + inner + Array(close.utf8)
  }

  /// Returns whether the line is complete, by the definition.
  private static func isComplete(_ line: Data) -> Bool {
    var text = line[...]
    while let last = text.last, " \t\r".utf8.contains(last) { text.removeLast() }
    return text.count >= 4 && text.first == UInt8(ascii: "{") && text.last == UInt8(ascii: "}")
  }

  /// Splits the buffer into lines and searches each for each literal.
  var oracle: Outcome {
    var outcome = Outcome(next: from, lines: 0, blank: 0, found: [])
    while outcome.next < data.count {
      let start = outcome.next
      let end = data[start...].firstIndex(of: UInt8(ascii: "\n"))!
      let line = Data(data[start..<end])
      let isBlank = line.allSatisfy { " \t\r".utf8.contains($0) }
      if line.count > lineBytesMax || !isBlank && !Self.isComplete(line)
        || literals.contains(where: { line.range(of: Data($0)) != nil })
      {
        if outcome.found.count == foundMax { break }
        outcome.found.append(start..<end)
      } else if isBlank {
        outcome.blank += 1
      }
      outcome.lines += 1
      outcome.next = end + 1
    }
    return outcome
  }

  func run(_ simdTarget: SIMDTarget) -> Outcome {
    let tables = sluice_prefilter_create()!
    defer { sluice_prefilter_destroy(tables) }
    for (literal, offset) in zip(literals, pairOffsets) {
      precondition(sluice_prefilter_add(tables, literal, literal.count, offset) == 0)
    }
    let padding = Int(SLUICE_PADDING)
    let memory = UnsafeMutableRawPointer.allocate(byteCount: alignment + data.count + padding, alignment: 64)
    defer { memory.deallocate() }
    let base = (memory + alignment).assumingMemoryBound(to: UInt8.self)
    base.update(from: data, count: data.count)
    // Newlines and literals after the end must not count.
    let tail = Array(((literals.first ?? []) + [UInt8(ascii: "\n")] + [UInt8](repeating: 10, count: padding)))
    (base + data.count).update(from: tail, count: padding)
    let found = UnsafeMutablePointer<sluice_line>.allocate(capacity: foundMax)
    defer { found.deallocate() }
    var lines = sluice_lines()
    let scan =
      switch simdTarget {
      case .avx512: sluice_scan_avx512
      case .avx2: sluice_scan_avx2
      case .portable: sluice_scan_portable
      }
    let next = scan(tables, base, data.count, from, lineBytesMax, found, foundMax, &lines)
    return Outcome(
      next: next, lines: lines.lines, blank: lines.blank,
      found: (0..<lines.found).map { found[$0].start..<found[$0].start + found[$0].count })
  }
}

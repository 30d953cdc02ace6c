/// Which two neighbouring bytes of each literal the kernels look for first.
///
/// What a pair costs is how often it is found where its literal is not: a mispredicted branch each time. Archives differ
/// in that, so it is counted in a sample of the text that is to be scanned. The kernels find pairs by the first byte and
/// the low four bits of the second, and look for all pairs of a table at once, as long as no two of them want different
/// first bytes before the same four bits. So pairs are chosen one literal after the other, the rarest that fits into the
/// table. Any choice finds the same lines.
extension Prefilter {
  /// For each literal the offset of its pair.
  static func pairOffsets(_ literals: [[UInt8]], sample: UnsafeBytes) -> [Int] {
    let counts = pairCounts(sample)
    var table = [UInt8?](repeating: nil, count: 16)
    var offsets = [Int](repeating: 0, count: literals.count)
    // Those with the fewest places to choose from choose first.
    for literal in literals.indices.sorted(by: { literals[$0].count < literals[$1].count }) {
      let bytes = literals[literal]
      func fits(_ offset: Int) -> Bool {
        let taken = table[Int(bytes[offset + 1] & 15)]
        return taken == nil || taken == bytes[offset]
      }
      func cost(_ offset: Int) -> (Int, Int) {
        let isTaken = table[Int(bytes[offset + 1] & 15)] == bytes[offset]
        // A pair that is looked for anyway costs nothing.
        return (
          fits(offset) ? 0 : 1, isTaken ? 0 : counts[Int(bytes[offset]) << 4 | Int(bytes[offset + 1] & 15)]
        )
      }
      let best = (0..<bytes.count - 1).min { cost($0) < cost($1) } ?? 0
      offsets[literal] = best
      if fits(best) { table[Int(bytes[best + 1] & 15)] = bytes[best] }
    }
    return offsets
  }

  /// How often each first byte comes before each low half of a second.
  private static func pairCounts(_ text: UnsafeBytes) -> [Int] {
    var counts = Array(repeating: 0, count: 256 * 16)
    var first = UInt8(0)
    for i in 0..<text.count {
      counts[Int(first) << 4 | Int(text[i] & 15)] += 1
      first = text[i]
    }
    return counts
  }
}

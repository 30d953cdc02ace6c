/// Choice of the two neighbouring bytes of each literal that the kernels search for first.
///
/// The cost of a pair is how often it is found where its literal is not, with a mispredicted branch each time.
/// Archives differ in that, so it is counted in a sample of the text to be scanned. The kernels find a pair by its
/// first byte and the low four bits of its second. They search for all pairs of a table at once, if no two pairs need
/// different first bytes before the same four bits. Pairs are therefore chosen for one literal after the other: the
/// rarest that fits into the table. Any choice finds the same lines.
extension Prefilter {
  /// Returns the offset of the pair of each literal.
  static func pairOffsets(_ literals: [[UInt8]], sample: UnsafeBytes) -> [Int] {
    let counts = pairCounts(sample)
    var table = [UInt8?](repeating: nil, count: 16)
    var offsets = [Int](repeating: 0, count: literals.count)
    // The literals with the fewest possible pairs choose first.
    for literal in literals.indices.sorted(by: { literals[$0].count < literals[$1].count }) {
      let bytes = literals[literal]
      func fits(_ offset: Int) -> Bool {
        let taken = table[Int(bytes[offset + 1] & 15)]
        return taken == nil || taken == bytes[offset]
      }
      func cost(_ offset: Int) -> (Int, Int) {
        let isTaken = table[Int(bytes[offset + 1] & 15)] == bytes[offset]
        // A pair that is searched for anyway costs nothing.
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

  /// Returns how often each first byte comes before each low half of a second byte.
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

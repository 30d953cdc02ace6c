import CLZ4

/// A way to compress one LZ4 block that the format allows.
public enum BlockEncoder: CaseIterable, Sendable {
  case stored
  /// Uses liblz4. Blocks without repetitions grow, and are compressed all the same.
  case library
  /// Writes one sequence of literals, which is longer than its content.
  case literals
  /// Uses some of the matches that a simple search finds; such blocks shrink, keep their size or grow.
  case careless

  /// Encodes a block.
  ///
  /// - Parameter window: The bytes before the block to which matches may refer, at most 64 KiB.
  public func encode(_ plain: [UInt8], window: [UInt8] = []) -> [UInt8] {
    switch self {
    case .stored: plain
    case .library: Self.byLibrary(plain, window: window)
    case .literals: Self.sequence(plain[...], match: nil)
    case .careless: Self.carelessly(plain, window: window)
    }
  }

  private static func byLibrary(_ plain: [UInt8], window: [UInt8]) -> [UInt8] {
    if plain.isEmpty { return [0] }
    guard let stream = LZ4_createStream() else { preconditionFailure("out of memory") }
    defer { LZ4_freeStream(stream) }
    let text = window + plain
    var out = [UInt8](repeating: 0, count: Int(LZ4_compressBound(CInt(plain.count))))
    let size = text.withUnsafeBytes { text in
      out.withUnsafeMutableBytes { out in
        let start = text.assumingMemoryBound(to: CChar.self).baseAddress
        LZ4_loadDict(stream, start, CInt(window.count))
        return LZ4_compress_fast_continue(
          stream, start.map { $0 + window.count },
          out.assumingMemoryBound(to: CChar.self).baseAddress, CInt(plain.count), CInt(out.count), 1)
      }
    }
    precondition(size > 0)
    return Array(out[..<Int(size)])
  }

  private static func carelessly(_ plain: [UInt8], window: [UInt8]) -> [UInt8] {
    var rng = SplitMix64(seed: UInt64(plain.count) << 8 | UInt64(plain.last ?? 0))
    let text = window + plain
    func word(_ at: Int) -> UInt32 { text[at..<at + 4].reduce(0) { $0 << 8 | UInt32($1) } }
    var offsets: [UInt32: Int] = [:]
    // Some positions far back, and all near ones.
    let far = window.isEmpty ? 0 : Int.random(in: 0..<window.count, using: &rng)
    for at in Array(far..<min(far + 500, window.count)) + Array(max(0, window.count - 500)..<window.count)
    where at + 4 <= text.count {
      offsets[word(at)] = at
    }
    var out: [UInt8] = []
    var literals = window.count
    var at = window.count
    // No match begins in the last 12 bytes, and the last five are literals.
    while text.count - at >= 12 {
      let offset = offsets[word(at)]
      offsets[word(at)] = at
      guard let offset, at - offset <= 65_535, !rng.oneIn(4) else {
        at += 1
        continue
      }
      var length = 4
      while at + length < text.count - 5, text[offset + length] == text[at + length] { length += 1 }
      if rng.oneIn(2) { length = Int.random(in: 4...length, using: &rng) }
      out += sequence(text[literals..<at], match: (at - offset, length))
      at += length
      literals = at
    }
    return out + sequence(text[literals...], match: nil)
  }

  /// Returns a token, its literals, and the match after them; nil for a block's last sequence (lz4_Block_format.md).
  private static func sequence(_ literals: ArraySlice<UInt8>, match: (distance: Int, length: Int)?) -> [UInt8]
  {
    func rest(_ length: Int) -> [UInt8] {
      guard length >= 15 else { return [] }
      return [UInt8](repeating: 255, count: (length - 15) / 255) + [UInt8((length - 15) % 255)]
    }
    let length = match.map { $0.length - 4 } ?? 0
    var bytes = [UInt8(min(15, literals.count) << 4 | min(15, length))] + rest(literals.count) + literals
    if let match {
      bytes += [UInt8(match.distance & 255), UInt8(match.distance >> 8)] + rest(length)
    }
    return bytes
  }
}

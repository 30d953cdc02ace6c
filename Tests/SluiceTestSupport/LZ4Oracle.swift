import CLZ4

/// Two other decoders of LZ4 blocks, as oracles for the engine's.
public enum LZ4Oracle {
  /// Decodes according to the format's description (lz4_Block_format.md), byte by byte, with its rules for a block's
  /// end.
  ///
  /// - Parameters:
  ///   - window: The decoded bytes before the block, to which matches may refer.
  ///   - decodedBytesMax: The size of the room; the rules for the end refer to its end, as liblz4's do.
  /// - Returns: nil for an invalid block.
  public static func decode(_ block: [UInt8], window: [UInt8] = [], decodedBytesMax: Int) -> [UInt8]? {
    var out = window
    let end = window.count + decodedBytesMax
    var at = 0
    func length(_ nibble: Int, endingBefore limit: Int) -> Int? {
      var length = nibble
      guard nibble == 15 else { return length }
      while at < limit {
        let byte = block[at]
        at += 1
        length += Int(byte)
        if byte < 255 { return length }
      }
      return nil
    }
    while at < block.count {
      let token = Int(block[at])
      at += 1
      guard let literals = length(token >> 4, endingBefore: block.count), literals <= block.count - at,
        literals <= end - out.count
      else { return nil }
      out += block[at..<at + literals]
      at += literals
      if at == block.count { return Array(out[window.count...]) }
      // The last five bytes are literals, and no match begins in the last twelve.
      guard block.count - at >= 8, end - out.count >= 12 else { return nil }
      let distance = Int(block[at]) | Int(block[at + 1]) << 8
      at += 2
      guard let extra = length(token & 15, endingBefore: block.count - 4), distance > 0,
        distance <= out.count,
        extra + 4 <= end - out.count - 5
      else { return nil }
      for _ in 0..<extra + 4 { out.append(out[out.count - distance]) }
    }
    return nil
  }

  /// Decodes with `LZ4_decompress_safe`, or with a window with `LZ4_decompress_safe_usingDict`.
  public static func decodeByLibrary(
    _ block: [UInt8], window: [UInt8] = [], decodedBytesMax: Int
  ) -> [UInt8]? {
    var out = window + [UInt8](repeating: 0, count: decodedBytesMax + 1)
    let count = out.withUnsafeMutableBytes { out in
      block.withUnsafeBytes { block in
        let compressed = block.assumingMemoryBound(to: CChar.self).baseAddress
        let start = out.assumingMemoryBound(to: CChar.self).baseAddress! + window.count
        return window.isEmpty
          ? LZ4_decompress_safe(compressed, start, CInt(block.count), CInt(decodedBytesMax))
          : LZ4_decompress_safe_usingDict(
            compressed, start, CInt(block.count), CInt(decodedBytesMax), start - window.count,
            CInt(window.count))
      }
    }
    return count < 0 ? nil : Array(out[window.count..<window.count + Int(count)])
  }
}

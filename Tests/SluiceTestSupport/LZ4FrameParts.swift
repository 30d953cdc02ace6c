import CLZ4
import CXXHash

/// LZ4 files byte by byte, for forms that liblz4 does not write (LZ4 frame format 1.6.x).
enum LZ4FrameParts {
  static func littleEndian(_ value: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * UInt32($0))) }
  }

  static func checksum(_ bytes: [UInt8]) -> UInt32 {
    bytes.withUnsafeBytes { XXH32($0.baseAddress, $0.count, 0) }
  }

  static func block(_ plain: [UInt8]) -> [UInt8] {
    var out = [UInt8](repeating: 0, count: Int(LZ4_compressBound(Int32(plain.count))))
    let size = out.withUnsafeMutableBytes { out in
      plain.withUnsafeBytes { plain in
        LZ4_compress_default(
          plain.baseAddress?.assumingMemoryBound(to: CChar.self),
          out.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(plain.count), Int32(out.count))
      }
    }
    precondition(size > 0)
    return Array(out[..<Int(size)])
  }

  /// Returns a frame of independent blocks of at most 64 kB.
  ///
  /// - Parameters:
  ///   - stored: Which blocks are stored; a block that would grow always is.
  ///   - checksums: Whether blocks and content have checksums.
  ///   - flags: Flags that replace the correct ones.
  static func frame(
    _ plain: [UInt8], blockLength: Int, stored: (Int) -> Bool, checksums: Bool, dictionary: UInt32? = nil,
    flags: UInt8? = nil
  ) -> [UInt8] {
    let truth: UInt8 = 0b0110_0000 | (checksums ? 0b0001_0100 : 0) | (dictionary == nil ? 0 : 1)
    let descriptor = [flags ?? truth, 0x40] + (dictionary.map { littleEndian($0) } ?? [])
    var file = littleEndian(0x184D_2204) + descriptor
    file.append(UInt8(truncatingIfNeeded: checksum(descriptor) >> 8))
    for (i, start) in stride(from: 0, to: plain.count, by: blockLength).enumerated() {
      let part = Array(plain[start..<min(start + blockLength, plain.count)])
      let compressed = block(part)
      let isStored = stored(i) || compressed.count >= part.count
      let body = isStored ? part : compressed
      file += littleEndian(UInt32(body.count) | (isStored ? 0x8000_0000 : 0)) + body
      if checksums { file += littleEndian(checksum(body)) }
    }
    file += littleEndian(0)
    if checksums { file += littleEndian(checksum(plain)) }
    return file
  }

  /// Returns a file in the format of the first `lz4` commands: blocks of 8 MiB, no end mark.
  static func legacy(_ plain: [UInt8]) -> [UInt8] {
    let starts = stride(from: 0, to: plain.count, by: 8 << 20)
    return legacy(starts.map { Array(plain[$0..<min($0 + (8 << 20), plain.count)]) }, .library)
  }

  /// Returns such a file of the given blocks.
  static func legacy(_ blocks: [[UInt8]], _ encoder: BlockEncoder) -> [UInt8] {
    littleEndian(0x184C_2102)
      + blocks.flatMap { plain in
        let compressed = encoder.encode(plain)
        return littleEndian(UInt32(compressed.count)) + compressed
      }
  }

  /// Returns a frame of user data that readers skip; `kind` is from 0 to 15. Its data looks like lines.
  static func skippable(_ kind: UInt32, size: Int) -> [UInt8] {
    let data = (0..<size).map { $0 % 40 == 39 ? UInt8(ascii: "\n") : UInt8(ascii: "{") }
    return littleEndian(0x184D_2A50 | kind) + littleEndian(UInt32(size)) + data
  }
}

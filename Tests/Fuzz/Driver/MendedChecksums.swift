@testable import SluiceEngine

/// Corrects the header and block checksums of LZ4 frames, up to the first byte that belongs to no frame.
func mendChecksums(of bytes: inout [UInt8]) {
  func word(_ at: Int) -> UInt32? {
    at + 4 <= bytes.count ? withBytes(Array(bytes[at..<at + 4])) { littleEndian($0, at: 0) } : nil
  }
  func checksum(_ range: Range<Int>) -> UInt32 {
    withBytes(Array(bytes[range])) { RunningXXH32.digest($0) }
  }

  var at = 0
  while let magic = word(at) {
    if FrameDescriptor.skippableMagics.contains(magic), let count = word(at + 4) {
      at += 8 + Int(count)
      continue
    }
    guard magic == FrameDescriptor.magic, at + 4 < bytes.count else { return }
    let flags = bytes[at + 4]
    let start = at + 4
    at = start + FrameDescriptor.count(flags: flags)
    guard at <= bytes.count else { return }
    bytes[at - 1] = UInt8(truncatingIfNeeded: checksum(start..<at - 1) >> 8)
    while let block = word(at), block != 0 {
      let end = at + 4 + Int(block & 0x7FFF_FFFF)
      let hasChecksum = flags & 0x10 != 0
      guard end + (hasChecksum ? 4 : 0) <= bytes.count else { return }
      if hasChecksum {
        let right = checksum(at + 4..<end)
        for i in 0..<4 { bytes[end + i] = UInt8(truncatingIfNeeded: right >> UInt32(8 * i)) }
      }
      at = end + (hasChecksum ? 4 : 0)
    }
    at += 4 + (flags & 0x04 != 0 ? 4 : 0)
  }
}

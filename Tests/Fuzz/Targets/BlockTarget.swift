import SluiceTestSupport

@testable import SluiceEngine

/// Takes the bytes for a block of LZ4, behind three that say how it is decoded: the room, the size of a piece, the window.
///
/// What comes of it is what the format's description says, and what liblz4 says of it, whatever the pieces, by each kernel,
/// hashed or not.
func fuzzBlock(_ bytes: [UInt8]) throws(Finding) {
  guard bytes.count >= 3 else { return }
  let block = Array(bytes[3...])
  let decodedBytesMax = Int(bytes[0]) * Int(bytes[0])
  let step = Int(bytes[1])
  let window = (0..<Int(bytes[2])).map { UInt8(truncatingIfNeeded: $0 * 7) }

  let plain = LZ4Oracle.decode(block, window: window, decodedBytesMax: decodedBytesMax)
  for simdTarget in [SIMDTarget.portable, .best] {
    for hashes in [false, true] {
      let ours = try decode(block, window, decodedBytesMax, step, simdTarget, hashes: hashes)
      try requireSame(ours, plain, "the block, by \(simdTarget)")
    }
  }
  // liblz4 lets matches at a distance of 0 through, which mean nothing; and where there is no room at all it takes the
  // byte 0 for a block only, though elsewhere the lower half of a last token means nothing to it either.
  guard plain != nil, decodedBytesMax > 0 else { return }
  let library = LZ4Oracle.decodeByLibrary(block, window: window, decodedBytesMax: decodedBytesMax)
  try requireSame(plain, library, "the block, by liblz4")
}

private func decode(
  _ block: [UInt8], _ window: [UInt8], _ decodedBytesMax: Int, _ step: Int, _ simdTarget: SIMDTarget,
  hashes: Bool
) throws(Finding) -> [UInt8]? {
  // The room is all of the buffer, so that AddressSanitizer sees what is written behind it.
  var output = UnsafeBuffer(capacity: window.count + decodedBytesMax)
  output.write(window, at: 0)
  var checksum = ContentChecksum(simdTarget: simdTarget)
  var unhashed = 0
  let decoded = withBytes(block) { source -> [UInt8]? in
    var packed = UnsafeLZ4Block(
      source, into: &output, at: window.count, decodedBytesMax: decodedBytesMax, windowStart: 0,
      simdTarget: simdTarget)
    var count = 0
    while true {
      let (state, more) =
        hashes
        ? packed.decode(atLeast: step, into: &checksum, unhashed: &unhashed) : packed.decode(atLeast: step)
      count += more
      if state == .more { continue }
      guard state == .end else { return nil }
      checksum.update(output.view(window.count + count - unhashed..<window.count + count))
      return output.view(window.count..<window.count + count).array
    }
  }
  guard hashes, let decoded else { return decoded }
  try requireSame(checksum.digest, withBytes(decoded, ContentChecksum.digest), "the checksum of the block")
  return decoded
}

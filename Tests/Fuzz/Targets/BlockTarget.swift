@testable import SluiceTestSupport

@testable import SluiceEngine

/// Decodes the bytes as an LZ4 block, after three bytes that set the room, the step size and the size of the history.
///
/// The result must agree with the format's description and with liblz4. It must not depend on the step size, the SIMD
/// target or whether the content is hashed.
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
  // liblz4 accepts matches at distance 0, which are meaningless. With no room at all, it accepts only the byte 0 as a
  // block, although it ignores the lower half of a last token everywhere else.
  guard plain != nil, decodedBytesMax > 0 else { return }
  let library = LZ4Oracle.decodeByLibrary(block, window: window, decodedBytesMax: decodedBytesMax)
  try requireSame(plain, library, "the block, by liblz4")
}

private func decode(
  _ block: [UInt8], _ window: [UInt8], _ decodedBytesMax: Int, _ step: Int, _ simdTarget: SIMDTarget,
  hashes: Bool
) throws(Finding) -> [UInt8]? {
  // The room ends with the buffer, so that AddressSanitizer detects writes past the end.
  var output = UnsafeBuffer(capacity: window.count + decodedBytesMax)
  output.write(window, at: 0)
  var checksum = RunningXXH32(simdTarget: simdTarget)
  var unhashed = 0
  let decoded = withBytes(block) { source -> [UInt8]? in
    var compressed = UnsafeLZ4Block(
      source, into: &output, at: window.count, decodedBytesMax: decodedBytesMax, windowStart: 0,
      simdTarget: simdTarget)
    var count = 0
    while true {
      let (state, more) =
        hashes
        ? compressed.decode(atLeast: step, into: &checksum, unhashed: &unhashed)
        : compressed.decode(atLeast: step)
      count += more
      if state == .more { continue }
      guard state == .end else { return nil }
      checksum.update(output.view(window.count + count - unhashed..<window.count + count))
      return output.view(window.count..<window.count + count).array
    }
  }
  guard hashes, let decoded else { return decoded }
  try requireSame(checksum.digest, withBytes(decoded, RunningXXH32.digest), "the checksum of the block")
  return decoded
}

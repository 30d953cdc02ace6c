@testable import SluiceEngine

/// Corrects the header fields of partial frames that random mutations hardly ever get right.
///
/// - Parameter deeply: Whether to correct not only checksums but also lengths, frame numbers and offsets, and the
///   hashes that tie frames together. Frames then extend from one magic number to the next, so that payloads may grow
///   and shrink, and frames may be added and removed.
func mendPartials(_ bytes: inout [UInt8], deeply: Bool) {
  if deeply { mendHeaders(&bytes) }
  var at = 0
  while at + PartialFrame.headerBytes <= bytes.count {
    let end = at + PartialFrame.headerBytes + Int(littleEndianWord(bytes, at: at + 60))
    guard end <= bytes.count else { return }
    let checksum = withBytes(bytes) { view in
      PartialFrame.checksum(
        view.base + at, view.base + at + PartialFrame.headerBytes, end - at - PartialFrame.headerBytes)
    }
    put(checksum, 8, into: &bytes, at: at + 80)
    at = end
  }
}

private func mendHeaders(_ bytes: inout [UInt8]) {
  let magic = Array("SLUICEPT".utf8)
  let starts = bytes.indices.filter { bytes[$0...].starts(with: magic) }
  let frames = zip(starts, starts.dropFirst() + [bytes.count]).map { $0..<$1 }
  var partial = (start: 0, first: 0, contract: UInt64(0), identity: PartialFrame.Identity())
  var goesOn = false
  for (number, frame) in frames.enumerated() {
    let (start, payload) = (frame.lowerBound, frame.lowerBound + PartialFrame.headerBytes)
    guard payload <= frame.upperBound else { return }
    if bytes[start + 10] == PartialFrame.Kind.sources.rawValue, !goesOn {
      let sources = sourcesPayload(bytes, frames[number...])
      partial = (start, number, contractHash(sources), PartialFrame.Identity(of: sources))
    }
    goesOn = bytes[start + 11] & 2 != 0
    put(UInt64(number - partial.first), 4, into: &bytes, at: start + 12)
    put(partial.contract, 8, into: &bytes, at: start + 16)
    put(partial.identity.low, 8, into: &bytes, at: start + 24)
    put(partial.identity.high, 8, into: &bytes, at: start + 32)
    let isCompressed = bytes[start + 11] & 1 != 0
    if !isCompressed { put(UInt64(frame.upperBound - payload), 4, into: &bytes, at: start + 56) }
    put(UInt64(frame.upperBound - payload), 4, into: &bytes, at: start + 60)
    put(UInt64(start - partial.start), 8, into: &bytes, at: start + 64)
  }
}

/// Joins the payloads of the first frame and its continuations. The result is correct only if none is compressed.
private func sourcesPayload(_ bytes: [UInt8], _ frames: ArraySlice<Range<Int>>) -> [UInt8] {
  var payload: [UInt8] = []
  for frame in frames {
    payload += bytes[frame].dropFirst(PartialFrame.headerBytes)
    if frame.count < PartialFrame.headerBytes || bytes[frame.lowerBound + 11] & 2 == 0 { break }
  }
  return payload
}

private func contractHash(_ sources: [UInt8]) -> UInt64 {
  withBytes(sources) { view in
    var reader = ByteReader(view)
    return (try? reader.counted()).map { PartialContract.hash($0.array) } ?? 0
  }
}

private func littleEndianWord(_ bytes: [UInt8], at: Int) -> UInt32 {
  (0..<4).reduce(0) { $0 | UInt32(bytes[at + $1]) << UInt32(8 * $1) }
}

private func put(_ value: UInt64, _ count: Int, into bytes: inout [UInt8], at: Int) {
  for index in 0..<count { bytes[at + index] = UInt8(truncatingIfNeeded: value >> UInt64(8 * index)) }
}

import CZlib

/// A decoder of gzip members (RFC 1952) that uses zlib, which verifies their checksums and lengths.
final class GzipDecoder: StreamDecoder, @unchecked Sendable {
  static let magic: [UInt8] = [0x1F, 0x8B]

  let streamName = "gzip member"
  let isVerified: Bool
  // Allocated once and never moved, as zlib requires.
  private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
  /// Number of unread bytes of the member's length field after a wrong checksum; nil if the checksum was not wrong.
  private var lengthBytesLeft: Int?
  private static let lengthBytes = 4

  init(verifies: Bool) {
    isVerified = verifies
    stream.initialize(to: z_stream())
    // 15 selects the largest window, and 16 the gzip format.
    let status = inflateInit2_(stream, 15 + 16, ZLIB_VERSION, CInt(MemoryLayout<z_stream>.size))
    precondition(status == Z_OK, "out of memory for zlib")
    if !verifies { inflateValidate(stream, 0) }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  func decode(_ input: UnsafeBytes, into output: UnsafeMutableBufferPointer<UInt8>) -> StreamStep {
    if let left = lengthBytesLeft {
      let used = min(left, input.count)
      lengthBytesLeft = left - used
      return used < left
        ? StreamStep(used: used, written: 0, state: .more) : end(used: used, written: 0, .mismatched)
    }
    // More than 4 GiB is taken in parts.
    let available = UInt32(clamping: input.count)
    let room = UInt32(clamping: output.count)
    stream.pointee.next_in = UnsafeMutablePointer(mutating: input.base)
    stream.pointee.avail_in = available
    stream.pointee.next_out = output.baseAddress
    stream.pointee.avail_out = room
    let status = inflate(stream, Z_NO_FLUSH)
    let used = Int(available - stream.pointee.avail_in)
    let written = Int(room - stream.pointee.avail_out)
    let more = StreamStep(used: used, written: written, state: .more)
    switch status {
    case Z_OK: return more
    case Z_BUF_ERROR where input.isEmpty: return more
    case Z_STREAM_END: return end(used: used, written: written, .end)
    case Z_MEM_ERROR: preconditionFailure("out of memory for zlib")
    default:
      let what = stream.pointee.msg.map { String(cString: $0) } ?? "status \(status)"
      // zlib stops after the wrong field: the checksum, or the length that follows it.
      switch what {
      case "incorrect data check":
        lengthBytesLeft = Self.lengthBytes
        return more
      case "incorrect length check": return end(used: used, written: written, .mismatched)
      default:
        return end(
          used: used, written: written,
          .damaged(reason: .gzipDamaged, message: "the gzip member cannot be decompressed: \(what)"))
      }
    }
  }

  private func end(used: Int, written: Int, _ state: StreamStep.State) -> StreamStep {
    inflateReset(stream)
    lengthBytesLeft = nil
    return StreamStep(used: used, written: written, state: state)
  }
}

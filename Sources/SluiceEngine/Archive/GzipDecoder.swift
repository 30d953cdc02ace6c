import CZlib

/// Members of gzip files (RFC 1952), by zlib, which verifies their checksums.
final class GzipDecoder: StreamDecoder, @unchecked Sendable {
  static let magic: [UInt8] = [0x1F, 0x8B]

  let streamName = "gzip member"
  let isVerified = true
  // Allocated once and never moved, as zlib requires.
  private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)

  init() {
    stream.initialize(to: z_stream())
    // 15 for the largest window, 16 for the gzip format.
    let status = inflateInit2_(stream, 15 + 16, ZLIB_VERSION, CInt(MemoryLayout<z_stream>.size))
    precondition(status == Z_OK, "out of memory for zlib")
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  func decode(_ input: UnsafeBytes, into output: UnsafeMutableBufferPointer<UInt8>) -> StreamStep {
    // Of more than 4 GiB a part is taken.
    let available = UInt32(clamping: input.count)
    let room = UInt32(clamping: output.count)
    stream.pointee.next_in = UnsafeMutablePointer(mutating: input.base)
    stream.pointee.avail_in = available
    stream.pointee.next_out = output.baseAddress
    stream.pointee.avail_out = room
    let status = inflate(stream, Z_NO_FLUSH)
    let used = Int(available - stream.pointee.avail_in)
    let written = Int(room - stream.pointee.avail_out)
    func step(_ state: StreamStep.State) -> StreamStep {
      if state != .more { inflateReset(stream) }
      return StreamStep(used: used, written: written, state: state)
    }
    switch status {
    case Z_OK: return step(.more)
    case Z_BUF_ERROR where input.isEmpty: return step(.more)
    case Z_STREAM_END: return step(.end)
    case Z_MEM_ERROR: preconditionFailure("out of memory for zlib")
    default:
      let what = stream.pointee.msg.map { String(cString: $0) } ?? "status \(status)"
      return what.hasSuffix("check")
        ? step(
          .damaged(
            reason: "content-checksum",
            message:
              "the gzip member's content does not match its checksum; its events are used, but may be wrong"))
        : step(
          .damaged(
            reason: "gzip-damaged", message: "the gzip member cannot be decompressed: \(what)"))
    }
  }
}

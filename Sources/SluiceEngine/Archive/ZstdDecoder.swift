import CZstd

/// Frames of zstd files (RFC 8878), by libzstd, which verifies their checksums, if they have any.
final class ZstdDecoder: StreamDecoder, @unchecked Sendable {
  static let magic: UInt32 = 0xFD2F_B528

  let streamName = "zstd frame"
  var isVerified: Bool { header?.hasChecksum ?? false }
  /// Of the frame in hand, or else of the last one; nil until so much of it has been read.
  var header: ZstdHeader? { ZstdHeader(start) }
  private let context: OpaquePointer
  private var isInside = false
  /// Whether something was decoded that has not been given yet.
  private var mayHold = false
  /// Whether the call before this one took nothing, though it was given something: libzstd keeps a frame's last byte until all that
  /// was decoded has been given, which there was no room for.
  private var hasStalled = false
  /// How many bytes libzstd asked for.
  private var wanted = 0
  /// The frame's first bytes.
  private var start: [UInt8] = []

  init() {
    guard let context = ZSTD_createDCtx() else { preconditionFailure("out of memory for zstd") }
    self.context = context
  }

  deinit { ZSTD_freeDCtx(context) }

  func decode(_ input: UnsafeBytes, into output: UnsafeMutableBufferPointer<UInt8>) -> StreamStep {
    if !isInside {
      isInside = true
      start.removeAll(keepingCapacity: true)
      wanted = ZSTD_initDStream(context)
    }
    // Of a call that fails nothing is had. What is found of a damaged frame must not depend on how much is given at a time: so
    // a call either takes what libzstd asks for, one block at most, and gives nothing, or gives what came of it.
    var packed = ZSTD_inBuffer(src: input.base, size: mayHold ? 0 : min(input.count, max(1, wanted)), pos: 0)
    var plain = ZSTD_outBuffer(dst: output.baseAddress, size: mayHold ? output.count : 0, pos: 0)
    let hint = ZSTD_decompressStream(context, &plain, &packed)
    if start.count < ZstdHeader.bytesMax {
      start += input[0..<min(packed.pos, ZstdHeader.bytesMax - start.count)].array
    }
    let isMoving = packed.pos > 0 || plain.pos > 0
    let mayGoOn = mayHold || isMoving || input.isEmpty || !hasStalled
    let stalls = !mayHold && !isMoving && !input.isEmpty
    if stalls || isMoving { hasStalled = stalls }
    mayHold = packed.pos > 0 || plain.pos > 0 && plain.pos == plain.size || stalls
    func step(_ state: StreamStep.State) -> StreamStep {
      if state != .more { (isInside, mayHold, hasStalled) = (false, false, false) }
      return StreamStep(used: packed.pos, written: plain.pos, state: state)
    }
    guard ZSTD_isError(hint) != 0 else {
      wanted = hint
      if mayGoOn { return step(hint == 0 ? .end : .more) }
      return step(.damaged(reason: "zstd-damaged", message: "the zstd frame goes no further"))
    }
    switch ZSTD_getErrorCode(hint) {
    case ZSTD_error_checksum_wrong:
      return step(
        .damaged(
          reason: "content-checksum",
          message:
            "the zstd frame's content does not match its checksum; its events are used, but may be wrong"))
    case ZSTD_error_dictionary_wrong:
      return step(
        .damaged(
          reason: "dictionary",
          message: "the zstd frame needs a dictionary; decompress the file with zstd -D first"))
    case ZSTD_error_frameParameter_windowTooLarge:
      return step(
        .damaged(
          reason: "window",
          message:
            "the zstd frame needs a window of more than 128 MiB; decompress the file with zstd --long=31 first"
        ))
    case ZSTD_error_memory_allocation: preconditionFailure("out of memory for zstd")
    default:
      return step(
        .damaged(
          reason: "zstd-damaged",
          message:
            "the zstd frame cannot be decompressed: \(String(cString: ZSTD_getErrorName(hint)))"))
    }
  }
}

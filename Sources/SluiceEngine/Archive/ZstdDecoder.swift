import CXXHash
import CZstd

/// A decoder of zstd frames (RFC 8878) that uses libzstd. It verifies checksums itself, because libzstd does not
/// reach a frame's end if the checksum is wrong.
final class ZstdDecoder: StreamDecoder, @unchecked Sendable {
  static let magic: UInt32 = 0xFD2F_B528

  let streamName = "zstd frame"
  var isVerified: Bool { verifies && header?.hasChecksum == true }
  private let verifies: Bool
  /// The header of the current frame, or else of the last one; nil until it has been read.
  var header: ZstdHeader? { ZstdHeader(start) }
  private let context: OpaquePointer
  private var isInside = false
  /// Whether libzstd may hold decoded bytes that it has not returned yet.
  private var mayHaveBufferedOutput = false
  /// Whether the previous call took none of its input. libzstd keeps a frame's last byte until it has returned all
  /// decoded bytes, and there was no room for them.
  private var hasStalled = false
  /// Number of input bytes that libzstd asked for.
  private var selection = 0
  /// The frame's first bytes.
  private var start: [UInt8] = []
  /// The frame's last four bytes so far, in little-endian order. At the frame's end they are the stated checksum.
  private var lastBytes: UInt32 = 0
  /// A running xxh64 of the frame's content.
  private let hash: OpaquePointer

  init(verifies: Bool) {
    guard let context = ZSTD_createDCtx(), let hash = XXH64_createState() else {
      preconditionFailure("out of memory for zstd")
    }
    self.context = context
    self.hash = hash
    self.verifies = verifies
    // This is ZSTD_d_forceIgnoreChecksum, which the header names for static linking only.
    let status = ZSTD_DCtx_setParameter(context, ZSTD_d_experimentalParam3, 1)
    precondition(ZSTD_isError(status) == 0, "libzstd cannot pass over checksums: 1.4.8 or later is needed")
  }

  deinit {
    ZSTD_freeDCtx(context)
    XXH64_freeState(hash)
  }

  func decode(_ input: UnsafeBytes, into output: UnsafeMutableBufferPointer<UInt8>) -> StreamStep {
    if !isInside {
      isInside = true
      start.removeAll(keepingCapacity: true)
      selection = ZSTD_initDStream(context)
      XXH64_reset(hash, 0)
    }
    // A call that fails returns no bytes. The bytes found in a damaged frame must not depend on the sizes of input
    // and output. Therefore a call either takes the input that libzstd asks for, one block at most, and returns
    // nothing, or it only returns decoded bytes.
    var compressed = ZSTD_inBuffer(
      src: input.base, size: mayHaveBufferedOutput ? 0 : min(input.count, max(1, selection)), pos: 0)
    var plain = ZSTD_outBuffer(
      dst: output.baseAddress, size: mayHaveBufferedOutput ? output.count : 0, pos: 0)
    let hint = ZSTD_decompressStream(context, &plain, &compressed)
    if start.count < ZstdHeader.bytesMax {
      start += input[0..<min(compressed.pos, ZstdHeader.bytesMax - start.count)].array
    }
    for i in max(0, compressed.pos - 4)..<compressed.pos {
      lastBytes = lastBytes >> 8 | UInt32(input[i]) << 24
    }
    if isVerified { XXH64_update(hash, output.baseAddress, plain.pos) }
    let isMoving = compressed.pos > 0 || plain.pos > 0
    let mayContinue = mayHaveBufferedOutput || isMoving || input.isEmpty || !hasStalled
    let stalls = !mayHaveBufferedOutput && !isMoving && !input.isEmpty
    if stalls || isMoving { hasStalled = stalls }
    mayHaveBufferedOutput = compressed.pos > 0 || plain.pos > 0 && plain.pos == plain.size || stalls
    func step(_ state: StreamStep.State) -> StreamStep {
      if state != .more { (isInside, mayHaveBufferedOutput, hasStalled) = (false, false, false) }
      return StreamStep(used: compressed.pos, written: plain.pos, state: state)
    }
    guard ZSTD_isError(hint) != 0 else {
      selection = hint
      if hint == 0, mayContinue {
        let isWrong = isVerified && UInt32(truncatingIfNeeded: XXH64_digest(hash)) != lastBytes
        return step(isWrong ? .mismatched : .end)
      }
      if mayContinue { return step(.more) }
      return step(.damaged(reason: .zstdDamaged, message: "the zstd frame goes no further"))
    }
    switch ZSTD_getErrorCode(hint) {
    case ZSTD_error_dictionary_wrong:
      return step(
        .damaged(
          reason: .dictionary,
          message: "the zstd frame needs a dictionary; decompress the file with zstd -D first"))
    case ZSTD_error_frameParameter_windowTooLarge:
      return step(
        .damaged(
          reason: .window,
          message:
            "the zstd frame needs a window of more than 128 MiB; decompress the file with zstd --long=31 first"
        ))
    case ZSTD_error_memory_allocation: preconditionFailure("out of memory for zstd")
    default:
      return step(
        .damaged(
          reason: .zstdDamaged,
          message:
            "the zstd frame cannot be decompressed: \(String(cString: ZSTD_getErrorName(hint)))"))
    }
  }
}

import CLZ4
import Glibc

/// Decodes the blocks of a range into a worker's output buffer, one behind the other.
struct BlockDecoder: Sendable {
  var file: Int
  var verifies: Bool

  /// What came of a range: the runs between damaged blocks.
  struct Decoded {
    var runs: [Run] = []
    var isDamaged = false
    var startsWithHole = false
    var endsWithHole = false
    var byteCount = 0
  }

  /// - Parameter history: the 64 KiB decoded before a range of linked blocks; replaced by the last of this one.
  ///   nil for independent blocks.
  func decode(
    _ range: BlockRange, _ buffers: inout WorkerBuffers, history: inout [UInt8]?, log: inout ProblemLog
  ) -> Decoded {
    guard range.frame != nil else { return text(range) }
    var decoded = Decoded()
    let start = WorkerBuffers.historyBytes
    var end = start
    buffers.output.reserve(start + range.blocks.reduce(0) { $0 + $1.decodedBytesMax }, keeping: 0)
    if let history { buffers.output.write(history, at: start - history.count) }
    var historyStart = start - (history?.count ?? 0)
    var isHole = false

    for block in range.blocks {
      // What follows a damaged linked block refers to bytes that are not known.
      if isHole, history != nil {
        Self.reportLinked(fileOffset: block.fileOffset, payloadBytes: block.payload.count, file: file, &log)
        continue
      }
      let source = buffers.input.view(block.payload)
      let count = decode(
        block, source, into: &buffers.output, at: end, historyStart: history == nil ? end : historyStart)
      switch count {
      case .success(let count):
        if isHole || decoded.runs.isEmpty {
          decoded.runs.append(Run(memory: .output, bytes: end..<end, blocks: [], isText: false))
          if decoded.isDamaged, decoded.runs.count == 1 { decoded.startsWithHole = true }
          isHole = false
        }
        let last = decoded.runs.count - 1
        decoded.runs[last].blocks.append((start: end, fileOffset: block.fileOffset))
        end += count
        decoded.runs[last].bytes = decoded.runs[last].bytes.lowerBound..<end
        historyStart = max(historyStart, end - WorkerBuffers.historyBytes)
      case .failure(let problem):
        isHole = true
        decoded.isDamaged = true
        log.add(
          file: file, Position(fileOffset: block.fileOffset, offsetInBlock: 0), reason: problem.reason,
          problem.message)
      }
    }
    decoded.endsWithHole = isHole
    if decoded.runs.isEmpty { decoded.startsWithHole = isHole }
    decoded.byteCount = decoded.runs.reduce(0) { $0 + $1.bytes.count }
    if history != nil {
      history = buffers.output.view(max(historyStart, end - WorkerBuffers.historyBytes)..<end).array
    }
    return decoded
  }

  static func reportLinked(fileOffset: Int, payloadBytes: Int, file: Int, _ log: inout ProblemLog) {
    log.add(
      file: file, Position(fileOffset: fileOffset, offsetInBlock: 0), reason: "block-linked",
      "the block of \(payloadBytes) bytes refers to a damaged block before it; not used")
  }

  private func text(_ range: BlockRange) -> Decoded {
    var decoded = Decoded()
    for block in range.blocks {
      decoded.runs.append(
        Run(
          memory: .input, bytes: block.payload,
          blocks: [(start: block.payload.lowerBound, fileOffset: block.fileOffset)],
          isText: true))
      decoded.byteCount += block.payload.count
    }
    return decoded
  }

  private struct Damage: Error {
    var reason: String
    var message: String
  }

  private func decode(
    _ block: BlockRange.Block, _ source: UnsafeBytes, into output: inout UnsafeBuffer, at end: Int,
    historyStart: Int
  ) -> Result<Int, Damage> {
    if verifies, let stated = block.checksum, ContentChecksum.digest(source) != stated {
      return .failure(
        Damage(
          reason: "block-checksum",
          message: "the block of \(source.count) bytes does not match its checksum; not used"))
    }
    if block.isStored {
      output.write(source, at: end)
      return .success(source.count)
    }
    let destination = UnsafeMutableRawPointer(output.base + end).assumingMemoryBound(to: CChar.self)
    let packed = UnsafeRawPointer(source.base).assumingMemoryBound(to: CChar.self)
    let count: CInt
    if historyStart < end {
      let dictionary = UnsafeRawPointer(output.base + historyStart).assumingMemoryBound(to: CChar.self)
      count = LZ4_decompress_safe_usingDict(
        packed, destination, CInt(source.count), CInt(block.decodedBytesMax), dictionary,
        CInt(end - historyStart))
    } else {
      count = LZ4_decompress_safe(packed, destination, CInt(source.count), CInt(block.decodedBytesMax))
    }
    guard count >= 0 else {
      return .failure(
        Damage(
          reason: "block-damaged",
          message: "the block of \(source.count) bytes cannot be decompressed; not used"))
    }
    return .success(Int(count))
  }
}

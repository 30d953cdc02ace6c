import CLZ4
import CXXHash
import SluiceRecords
import SluiceTestSupport
import Testing

@testable import SluiceEngine

/// Two partials of one file each, with detections; their merge is the expected result.
struct TwoPartialsFixture {
  let folder = TemporaryFolder()
  var options = ScanOptions(paths: [])
  var bytes: [[UInt8]] = []

  init(lines: Int = 40) throws {
    options.triages = false
    options.threads = 1
    options.tuning.shardCount = 4
    for number in 0..<2 {
      let text = (0..<lines).map { shortLine(number * 1000 + $0, isLock: $0 % 3 != 0) }.joinedLines()
      let path = folder.write("\(number).json", text)
      try writePartial(of: [path], to: folder.path + "/p", framesPerShard: true, options)
      bytes.append(try contents(of: folder.path + "/p"))
    }
  }

  /// Merges files of these bytes.
  func merged(_ files: [[UInt8]], expected: Int? = nil) throws -> ScanResult {
    let paths = files.enumerated().map { folder.write("\($0.offset).partial", $0.element) }
    return try Scan(options).merging(paths, expected: expected)
  }

  /// Returns the reason why they are refused; nil if they are not.
  func fault(_ files: [[UInt8]], expected: Int? = nil) -> PartialError? {
    do {
      _ = try merged(files, expected: expected)
      return nil
    } catch ScanError.partial(let fault) {
      return fault
    } catch {
      Issue.record("\(error)")
      return nil
    }
  }
}

/// Returns a partial with changed payloads, and with headers, identities and checksums that match them.
///
/// - Parameter editHeader: Called for each header before that.
func editedPartial(
  _ file: [UInt8], compresses: Bool = false,
  editHeader: (_ kind: Int, inout [UInt8]) -> Void = { _, _ in },
  _ edit: (_ kind: Int, inout [UInt8]) -> Void
) throws -> [UInt8] {
  func little(_ value: UInt64, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
  var result: [UInt8] = []
  for partial in try PartialOracle.all(file) {
    let partialStart = result.count
    var payloads = partial.frames.map(\.payload)
    for index in payloads.indices { edit(partial.frames[index].kind, &payloads[index]) }
    let first = XXH3_128bits(payloads[0], payloads[0].count)
    for (frame, payload) in zip(partial.frames, payloads) {
      // A payload beyond 8 MiB is continued in further frames.
      let pieceBytes = 8 << 20
      for (index, start) in stride(from: 0, to: max(1, payload.count), by: pieceBytes).enumerated() {
        let piece = Array(payload[start..<min(payload.count, start + pieceBytes)])
        let isContinued = start + pieceBytes < payload.count
        let stored = compresses ? compressed(piece) : piece
        var header = Array(file[frame.offset..<frame.offset + 80])
        editHeader(frame.kind, &header)
        header[11] = (header[11] & ~1) | (compresses ? 1 : 0) | (isContinued ? 2 : 0)
        header[12] += UInt8(index)
        header.replaceSubrange(24..<40, with: little(first.low64, 8) + little(first.high64, 8))
        header.replaceSubrange(
          56..<64, with: little(UInt64(piece.count), 4) + little(UInt64(stored.count), 4))
        header.replaceSubrange(64..<72, with: little(UInt64(result.count - partialStart), 8))
        result += header + little(PartialOracle.checksum(header, stored), 8) + stored
      }
    }
  }
  return result
}

private func compressed(_ payload: [UInt8]) -> [UInt8] {
  payload.withUnsafeBytes { source in
    let bound = LZ4_compressBound(CInt(source.count))
    var target = [CChar](repeating: 0, count: Int(bound))
    let count = LZ4_compress_default(source.baseAddress, &target, CInt(source.count), bound)
    return target[..<Int(count)].map { UInt8(bitPattern: $0) }
  }
}

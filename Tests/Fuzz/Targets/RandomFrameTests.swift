@testable import SluiceTestSupport
import Testing

@testable import SluiceEngine

/// Compares 100,000 random LZ4 frames of every form with liblz4: no byte is lost, and none is added.
@Suite struct RandomFrameTests {
  /// The number of files, of which a small run reads a fiftieth.
  private static let fileCount = TestScale.isFull ? 2_000 : 40
  private static let framesPerFile = 50

  @Test(arguments: 0..<4) func everyByteIsReadAndNoOther(seed: UInt64) throws {
    var frames = RandomFrames(seed: seed)
    var (doubts, doubtful) = (0, 0)
    let input = InputFile()
    for number in 0..<Self.fileCount / 4 {
      let file = (0..<Self.framesPerFile).map { _ in frames.next() }
      input.write(file.flatMap(\.bytes))
      let reading = try FileReading(input, rangeBytesTarget: [1, 700, 1 << 20][number % 3], verifies: true)
      let plain = file.flatMap(Self.decompressedByLibrary)
      #expect(plain == file.flatMap(\.plain), "the test's encoders are wrong")
      #expect(reading.pieces == [plain], "file \(number)")
      #expect(reading.bytesUsed == file.reduce(0) { $0 + $1.bytes.count }, "file \(number)")
      doubtful += file.reduce(0) { $0 + Self.doubtfulBlocks($1) }
      #expect(
        reading.problems.allSatisfy { $0.reason == "block-packing" }, "file \(number): \(reading.problems)")
      doubts += reading.problems.count
    }
    #expect(doubts > 0, "some blocks of a few letters are text either way")
    // A block that ends within a character may make the correct reading look as unlikely as the other.
    #expect(doubts <= doubtful + doubtful / 100, "blocks that read one way are in doubt")
  }

  private static func decompressedByLibrary(_ frame: RandomFrames.Frame) -> [UInt8] {
    guard case .legacy(let blocks, let encoder) = frame else {
      return LZ4Forms.decompressed(frame.bytes) ?? []
    }
    // liblz4's frame functions do not know legacy frames.
    return blocks.flatMap {
      LZ4Oracle.decodeByLibrary(encoder.encode($0), decodedBytesMax: $0.count) ?? []
    }
  }

  /// Counts blocks for which only the size field tells whether they are stored: both readings are text, or neither
  /// is.
  private static func doubtfulBlocks(_ frame: RandomFrames.Frame) -> Int {
    guard case .modern(let frame) = frame, frame.hasBlockChecksums, !frame.hasContentChecksum
    else { return 0 }
    return frame.blocks.indices.count { number in
      let encoder = frame.encoders[number % frame.encoders.count]
      let window = frame.window(before: number)
      let compressed = encoder.encode(frame.blocks[number], window: window)
      return LZ4Oracle.decodeByLibrary(
        compressed, window: window, decodedBytesMax: 255 * compressed.count + 16
      )
      .map { isText($0) == isText(compressed) } ?? false
    }
  }

  /// Returns whether the bytes are UTF-8 without control characters; characters may be cut at both ends.
  private static func isText(_ bytes: [UInt8]) -> Bool {
    guard bytes.allSatisfy({ $0 >= 0x20 || [0x09, 0x0A, 0x0D].contains($0) }) else { return false }
    let isContinuation = { (byte: UInt8) in byte & 0xC0 == 0x80 }
    let start = min(3, bytes.prefix(while: isContinuation).count)
    return (0...3).contains { cut in
      String(validating: bytes[start...].dropLast(cut), as: UTF8.self) != nil
    }
  }
}

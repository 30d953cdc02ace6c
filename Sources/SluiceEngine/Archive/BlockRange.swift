/// Consecutive blocks that one worker took: what lies in its buffers and where it came from.
struct BlockRange {
  struct Block {
    /// Offset of the block in its file, of its size field in LZ4.
    var fileOffset: Int
    /// Where its payload lies in the input buffer.
    var payload: Range<Int>
    var isStored = false
    /// Stated checksum of the payload.
    var checksum: UInt32?
    /// Bytes it can decode to at most.
    var decodedBytesMax: Int
  }

  /// Number within the stream, from 0.
  var sequence: Int
  var blocks: [Block] = []
  /// Of LZ4; nil for plain text and streams.
  var frame: Frame?
  /// Of a stream, which is decoded while it is read.
  var decoded: BlockDecoder.Decoded?
  /// Number within the frame, from 0.
  var indexInFrame = 0
  var end: FrameEnd?
  /// Bytes before this range, since the last one, could not be used.
  var followsHole = false
  /// Blocks behind this range could not be used, to the end of the stream or the next range.
  var precedesHole = false
}

/// A stretch of decoded bytes without a hole in it.
struct Run {
  enum Memory { case input, output }

  var memory: Memory
  var bytes: Range<Int>
  /// Where each block starts in the buffer and in the file, ascending.
  var blocks: [(start: Int, fileOffset: Int)]
  var isText: Bool

  /// Where the byte at `index` of the buffer lies in the file.
  func position(of index: Int) -> Position { places.position(of: index) }

  var places: Places { Places(blocks: blocks, isText: isText) }
}

/// Where the bytes of a text lie in the file.
struct Places {
  /// Where each block starts in the text and in the file, ascending; the first at or before the text's first byte.
  var blocks: [(start: Int, fileOffset: Int)] = []
  var isText = true

  /// - Precondition: there is a block.
  func position(of index: Int) -> Position {
    let block = blocks[blockIndex(of: index)]
    return isText
      ? Position(fileOffset: block.fileOffset + index - block.start, offsetInBlock: 0)
      : Position(fileOffset: block.fileOffset, offsetInBlock: index - block.start)
  }

  private func blockIndex(of index: Int) -> Int {
    // The last block that starts at or before it: an empty block holds no byte.
    var low = 0
    var high = blocks.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if blocks[middle].start <= index { low = middle } else { high = middle }
    }
    return low
  }

  /// Of a part of the text, counted from its first byte.
  subscript(part: Range<Int>) -> Places {
    let first = blockIndex(of: part.lowerBound)
    let within = blocks[first...].prefix { $0.start < part.upperBound || $0.start == blocks[first].start }
    return Places(
      blocks: within.map { ($0.start - part.lowerBound, $0.fileOffset) }, isText: isText)
  }

  /// Puts another text behind this one, which is `count` bytes long.
  mutating func append(_ other: Places, at count: Int) {
    if blocks.isEmpty { isText = other.isText }
    for block in other.blocks {
      let start = block.start + count
      // What goes on where this text ends needs no entry of its own.
      if let last = blocks.last,
        isText
          ? block.fileOffset - start == last.fileOffset - last.start : block.fileOffset == last.fileOffset
      {
        continue
      }
      blocks.append((start, block.fileOffset))
    }
  }
}

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
  func position(of index: Int) -> Position {
    // The last block that starts at or before it: an empty block holds no byte.
    var low = 0
    var high = blocks.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if blocks[middle].start <= index { low = middle } else { high = middle }
    }
    let block = blocks[low]
    return isText
      ? Position(fileOffset: block.fileOffset + index - block.start, offsetInBlock: 0)
      : Position(fileOffset: block.fileOffset, offsetInBlock: index - block.start)
  }
}

/// Consecutive blocks that one worker took: their bytes in its buffers, and their offsets in the file.
struct BlockRange {
  struct Block {
    /// Offset of the block in its file. In LZ4 it is the offset of the block's size field.
    var fileOffset: Int
    /// Range of its payload in the input buffer.
    var payload: Range<Int>
    var isStored = false
    /// Whether an earlier block of the frame is stored.
    var followsStored = false
    /// The checksum of the payload that the file states.
    var checksum: UInt32?
    /// The maximum number of bytes to which the block can be decoded.
    var decodedBytesMax: Int

    /// An offset in the file that is at or after all lines that begin in the block, and before the next block.
    var lastOffset: Int { fileOffset + max(0, payload.count - 1) }
  }

  /// Number within the stream, from 0.
  var sequence: Int
  var blocks: [Block] = []
  /// The LZ4 frame; nil for plain text and streams.
  var frame: Frame?
  /// The decoded bytes of a stream, which is decoded while it is read.
  var decoded: BlockDecoder.Decoded?
  /// Offset in the file where the stream starts, if this range has its first bytes.
  var streamOffset: Int?
  /// Number within the frame, from 0.
  var indexInFrame = 0
  var end: FrameEnd?
  /// Offset in the file of the LZ4 frame or stream that begins with this range; nil if none does.
  var frameOffset: Int? { indexInFrame == 0 ? frame?.offset ?? streamOffset : streamOffset }
  /// Whether bytes between the previous range and this one could not be used.
  var followsHole = false
  /// The edge of a file split that this range is, if it is one; see ``FileSplit``.
  var edge: FileSplit.Edge?
  /// Whether its decoded bytes decide about the blocks after it; see ``BlockSelection``.
  var decidesNext = false
  /// Whether blocks after this range could not be used, up to the next range or the end of the stream.
  var precedesHole = false

  /// Leaves out the blocks, which are not selected.
  mutating func leaveOut() {
    blocks = []
    followsHole = true
  }
}

/// Decoded bytes without a hole.
struct DecodedSegment {
  enum Memory { case input, output }

  var memory: Memory
  var bytes: Range<Int>
  /// Starts of the blocks in the buffer and in the file, ascending.
  var blocks: [(start: Int, fileOffset: Int)]
  var isText: Bool

  /// Returns the position in the file of the byte at `index` of the buffer.
  func position(of index: Int) -> Position {
    OffsetMap.position(
      of: index, blocks[max(0, Self.blockCount(blocks[...], upTo: index) - 1)], isText: isText)
  }

  /// Returns the offset map of a part of the segment, which counts from the part's first byte.
  func offsetMap(of part: Range<Int>) -> OffsetMap {
    let first = max(0, Self.blockCount(blocks[...], upTo: part.lowerBound) - 1)
    let end = max(first + 1, Self.blockCount(blocks[...], upTo: part.upperBound - 1))
    return OffsetMap(blocks: blocks[first..<end], isText: isText, countedFrom: part.lowerBound)
  }

  /// Returns how many blocks start at or before a byte. Among blocks without bytes, the last counts.
  static func blockCount(_ blocks: ArraySlice<OffsetMap.Block>, upTo index: Int) -> Int {
    var low = 0
    var high = blocks.count
    while low < high {
      let middle = (low + high) / 2
      if blocks[blocks.startIndex + middle].start <= index { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

/// The offsets in the file of the bytes of a text.
///
/// A text is usually in one block. Its map then allocates nothing.
struct OffsetMap {
  typealias Block = (start: Int, fileOffset: Int)

  /// The block of the text's first byte: its start in the text, at or before that byte, and its offset in the file.
  private var first: Block
  /// The blocks after it, ascending.
  private var others: [Block]
  private var isText: Bool

  /// - Precondition: there is a block.
  init(blocks: ArraySlice<Block>, isText: Bool, countedFrom start: Int = 0) {
    precondition(!blocks.isEmpty)
    first = (blocks[blocks.startIndex].start - start, blocks[blocks.startIndex].fileOffset)
    others = blocks.dropFirst().map { ($0.start - start, $0.fileOffset) }
    self.isText = isText
  }

  func position(of index: Int) -> Position {
    let before = DecodedSegment.blockCount(others[...], upTo: index)
    return Self.position(of: index, before == 0 ? first : others[before - 1], isText: isText)
  }

  static func position(of index: Int, _ block: Block, isText: Bool) -> Position {
    isText
      ? Position(fileOffset: block.fileOffset + index - block.start, offsetInBlock: 0)
      : Position(fileOffset: block.fileOffset, offsetInBlock: index - block.start)
  }

  /// Appends the map of another text after this text, which is `count` bytes long.
  mutating func append(_ other: OffsetMap, at count: Int) {
    append(other.first, at: count)
    for block in other.others { append(block, at: count) }
  }

  private mutating func append(_ block: Block, at count: Int) {
    let start = block.start + count
    let last = others.last ?? first
    // A block that continues where this text ends needs no entry of its own.
    let goesOn =
      isText ? block.fileOffset - start == last.fileOffset - last.start : block.fileOffset == last.fileOffset
    if !goesOn { others.append((start, block.fileOffset)) }
  }
}

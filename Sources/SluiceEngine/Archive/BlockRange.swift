/// Consecutive blocks that one worker took: what lies in its buffers and where it came from.
struct BlockRange {
  struct Block {
    /// Offset of the block in its file, of its size field in LZ4.
    var fileOffset: Int
    /// Where its payload lies in the input buffer.
    var payload: Range<Int>
    var isStored = false
    /// Whether an earlier block of the frame is stored.
    var followsStored = false
    /// Stated checksum of the payload.
    var checksum: UInt32?
    /// Bytes it can decode to at most.
    var decodedBytesMax: Int

    /// An offset in the file that is at or behind all lines that begin in it, and before the next block.
    var lastOffset: Int { fileOffset + max(0, payload.count - 1) }
  }

  /// Number within the stream, from 0.
  var sequence: Int
  var blocks: [Block] = []
  /// Of LZ4; nil for plain text and streams.
  var frame: Frame?
  /// Of a stream, which is decoded while it is read.
  var decoded: BlockDecoder.Decoded?
  /// Where the stream starts in the file, if its first bytes are in this range.
  var streamOffset: Int?
  /// Number within the frame, from 0.
  var indexInFrame = 0
  var end: FrameEnd?
  /// Where what begins with this range, an LZ4 frame or a stream, starts in the file; nil if nothing does.
  var frameOffset: Int? { indexInFrame == 0 ? frame?.offset ?? streamOffset : streamOffset }
  /// Bytes before this range, since the last one, could not be used.
  var followsHole = false
  /// Whether it is the head or the tail of a share of a file; see ``FileSplit``.
  var edge: FileSplit.Edge?
  /// Blocks behind this range could not be used, to the end of the stream or the next range.
  var precedesHole = false
}

/// A stretch of decoded bytes without a hole in it.
struct DecodedSegment {
  enum Memory { case input, output }

  var memory: Memory
  var bytes: Range<Int>
  /// Where each block starts in the buffer and in the file, ascending.
  var blocks: [(start: Int, fileOffset: Int)]
  var isText: Bool

  /// Where the byte at `index` of the buffer lies in the file.
  func position(of index: Int) -> Position {
    OffsetMap.position(
      of: index, blocks[max(0, Self.blockCount(blocks[...], upTo: index) - 1)], isText: isText)
  }

  /// Of a part of the run, counted from its first byte.
  func offsetMap(of part: Range<Int>) -> OffsetMap {
    let first = max(0, Self.blockCount(blocks[...], upTo: part.lowerBound) - 1)
    let end = max(first + 1, Self.blockCount(blocks[...], upTo: part.upperBound - 1))
    return OffsetMap(blocks: blocks[first..<end], isText: isText, countedFrom: part.lowerBound)
  }

  /// How many blocks start at or before a byte; of those that hold none the last counts.
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

/// Where the bytes of a text lie in the file.
///
/// As a rule a text lies in one block; such places allocate nothing.
struct OffsetMap {
  typealias Block = (start: Int, fileOffset: Int)

  /// The block of the text's first byte: where it starts in the text, at or before that byte, and in the file.
  private var first: Block
  /// Those behind it, ascending.
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
    let behind = DecodedSegment.blockCount(others[...], upTo: index)
    return Self.position(of: index, behind == 0 ? first : others[behind - 1], isText: isText)
  }

  static func position(of index: Int, _ block: Block, isText: Bool) -> Position {
    isText
      ? Position(fileOffset: block.fileOffset + index - block.start, offsetInBlock: 0)
      : Position(fileOffset: block.fileOffset, offsetInBlock: index - block.start)
  }

  /// Puts another text behind this one, which is `count` bytes long.
  mutating func append(_ other: OffsetMap, at count: Int) {
    append(other.first, at: count)
    for block in other.others { append(block, at: count) }
  }

  private mutating func append(_ block: Block, at count: Int) {
    let start = block.start + count
    let last = others.last ?? first
    // What goes on where this text ends needs no entry of its own.
    let goesOn =
      isText ? block.fileOffset - start == last.fileOffset - last.start : block.fileOffset == last.fileOffset
    if !goesOn { others.append((start, block.fileOffset)) }
  }
}

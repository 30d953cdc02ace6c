/// Random LZ4 files in every form that the format allows: any block size, linked or not, any checksums, a stated
/// content size or none. Blocks are stored, shrink, grow or are empty. Some frames are skippable or legacy.
public struct RandomFrames: Sendable {
  public enum Frame: Sendable {
    case modern(FrameBuilder)
    /// A legacy frame: compressed blocks without an end mark.
    case legacy([[UInt8]], BlockEncoder)
    case skippable(size: Int)

    public var bytes: [UInt8] {
      switch self {
      case .modern(let frame): frame.bytes
      case .legacy(let blocks, let encoder): LZ4FrameParts.legacy(blocks, encoder)
      case .skippable(let size): FrameBuilder.skippable(size: size)
      }
    }

    public var plain: [UInt8] {
      switch self {
      case .modern(let frame): Array(frame.blocks.joined())
      case .legacy(let blocks, _): Array(blocks.joined())
      case .skippable: []
      }
    }
  }

  /// Lines of JSON, some with multi-byte characters, some with incompressible text.
  private let text: [UInt8]
  private var rng: SplitMix64

  public init(seed: UInt64) {
    var rng = SplitMix64(seed: seed)
    var text = ""
    let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    for number in 0..<4000 {
      let dense = String((0..<rng.pick([0, 0, 20, 200])).map { _ in rng.pick(digits) })
      text += #"{"eventType":"user.session.start","uuid":"\#(number)","displayName":""#
      text += rng.pick(["Jane Doe", "Jürgen Groß", "山田太郎", "Ольга", "😀"]) + #"","x":"\#(dense)"}"# + "\n"
    }
    self.text = Array(text.utf8)
    self.rng = rng
  }

  public mutating func next() -> Frame {
    if rng.oneIn(20) { return .skippable(size: rng.pick([0, 1, 3, 100])) }
    if rng.oneIn(20) {
      let blocks = blocks(bytesMax: 64 << 10)
      return .legacy(blocks, rng.pick(BlockEncoder.allCases.filter { $0 != .stored }))
    }
    let blockSizeCode = rng.pick([4, 4, 5, 6, 7] as [UInt8])
    let bytesMax = 1 << (8 + 2 * Int(blockSizeCode))
    // The header's maximum also limits compressed blocks.
    var frame = FrameBuilder(blocks: blocks(bytesMax: bytesMax - bytesMax / 255 - 16))
    frame.blockSizeCode = blockSizeCode
    frame.isLinked = rng.oneIn(2)
    frame.hasBlockChecksums = !rng.oneIn(3)
    frame.hasContentChecksum = rng.oneIn(3)
    let bytes = frame.blocks.reduce(0) { $0 + $1.count }
    // liblz4 takes a stated size of 0 for none.
    if bytes > 0, rng.oneIn(3) { frame.contentBytes = UInt64(bytes) }
    frame.encoders = (0..<rng.pick([1, 1, 2, 5])).map { _ in rng.pick(BlockEncoder.allCases) }
    return .modern(frame)
  }

  private mutating func blocks(bytesMax: Int) -> [[UInt8]] {
    // Blocks seldom have the maximum size, and even less often if that is large.
    let isLarge = rng.oneIn(bytesMax / 400)
    let count = isLarge ? rng.pick([1, 2]) : rng.pick([0, 1, 1, 2, 3, 8])
    return (0..<count).map { _ in
      if isLarge {
        return part(rng.pick([bytesMax, bytesMax - 1, Int.random(in: 0...bytesMax, using: &rng)]))
      }
      return part(
        rng.oneIn(2) ? Int.random(in: 0...20, using: &rng) : Int.random(in: 0...400, using: &rng))
    }
  }

  /// Returns a part of the text, cut anywhere, even within characters.
  private mutating func part(_ count: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count {
      let start = Int.random(in: 0..<text.count, using: &rng)
      bytes += text[start..<min(text.count, start + count - bytes.count)]
    }
    return bytes
  }
}

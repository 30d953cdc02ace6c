/// Maximum sizes that sluice accepts from its input. Larger input is reported and not used.
///
/// The defaults are far above the sizes in real archives. They bound memory whatever sizes an archive declares.
public struct Limits: Sendable {
  /// Decoded bytes that a frame's header may allow per block. LZ4 allows 4 MiB, and 8 MiB in legacy frames.
  public var blockBytesMax = 8 << 20
  /// Bytes of a line without its newline.
  public var lineBytesMax = 16 << 20
  /// Nesting levels of objects and arrays in a line.
  public var nestingMax = 1024
  /// Decoded bytes of the whole archive. A larger archive is refused as a whole, because a partial result would depend
  /// on the timing of threads.
  public var totalBytesMax = 1 << 50

  public init() {}
}

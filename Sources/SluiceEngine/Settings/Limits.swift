/// What the input may ask of this machine at most. What is beyond is named and not used.
///
/// The defaults are far above what archives hold, and keep memory flat whatever an archive states.
public struct Limits: Sendable {
  /// Decoded bytes of a block that a frame's header allows itself. LZ4 allows 4 MiB, and 8 MiB in legacy frames.
  public var blockBytesMax = 8 << 20
  /// Bytes of a line without its newline.
  public var lineBytesMax = 16 << 20
  /// Levels of objects and arrays in a line.
  public var nestingMax = 1024
  /// Decoded bytes of the whole archive. An archive that holds more is refused as a whole, since which part of it was
  /// read first depends on the threads.
  public var totalBytesMax = 1 << 50

  public init() {}
}

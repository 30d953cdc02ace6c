import CLZ4

/// liblz4's own reader of frames: what other programs would make of a file.
public enum LZ4Reader {
  /// The content of a file's frames; nil if it refuses any of it, or the file ends inside a frame.
  public static func decode(_ file: [UInt8]) -> [UInt8]? {
    var context: OpaquePointer?
    precondition(LZ4F_isError(LZ4F_createDecompressionContext(&context, UInt32(LZ4F_VERSION))) == 0)
    defer { LZ4F_freeDecompressionContext(context) }
    var content: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    var start = 0
    var hint = 0
    repeat {
      var written = buffer.count
      var read = file.count - start
      hint = file.withUnsafeBytes {
        LZ4F_decompress(context, &buffer, &written, $0.baseAddress! + start, &read, nil)
      }
      if LZ4F_isError(hint) != 0 { return nil }
      content += buffer[..<written]
      start += read
      if read == 0, written == 0 { break }
    } while start < file.count || hint != 0
    return hint == 0 ? content : nil
  }
}

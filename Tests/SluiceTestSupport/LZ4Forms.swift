import CLZ4

/// Every form of LZ4 file that a reader must accept, and a few that it must refuse by name.
///
/// liblz4's frame functions write the forms that they can. The others are composed of blocks, header bytes and
/// checksums in `LZ4FrameParts`.
public enum LZ4Forms {
  public struct Form: Sendable {
    public let name: String
    /// Returns the whole file content for the given plain bytes.
    public let encode: @Sendable ([UInt8]) -> [UInt8]
  }

  public static let all: [Form] = libraryForms + flushedForms + builtForms

  /// Settings of one frame as liblz4 takes them.
  struct Settings: Sendable {
    var blockSize = LZ4F_max64KB
    var linked = false
    var blockChecksum = false
    var contentChecksum = false
    var contentSize = false

    var name: String {
      let sizes = [LZ4F_max64KB: "64K", LZ4F_max256KB: "256K", LZ4F_max1MB: "1M", LZ4F_max4MB: "4M"]
      return [
        sizes[blockSize]!, linked ? "linked" : "independent", blockChecksum ? "block checksum" : nil,
        contentChecksum ? "content checksum" : nil, contentSize ? "content size" : nil,
      ].compactMap { $0 }.joined(separator: ", ")
    }

    func preferences(count: Int) -> LZ4F_preferences_t {
      var preferences = LZ4F_preferences_t()
      preferences.frameInfo.blockSizeID = blockSize
      preferences.frameInfo.blockMode = linked ? LZ4F_blockLinked : LZ4F_blockIndependent
      preferences.frameInfo.blockChecksumFlag =
        blockChecksum ? LZ4F_blockChecksumEnabled : LZ4F_noBlockChecksum
      preferences.frameInfo.contentChecksumFlag =
        contentChecksum ? LZ4F_contentChecksumEnabled : LZ4F_noContentChecksum
      preferences.frameInfo.contentSize = contentSize ? UInt64(count) : 0
      return preferences
    }
  }

  /// Each block size with every combination of linking and block checksum; the other settings in turn.
  private static let libraryForms: [Form] = {
    var forms: [Form] = []
    for (s, size) in [LZ4F_max64KB, LZ4F_max256KB, LZ4F_max1MB, LZ4F_max4MB].enumerated() {
      for bits in 0..<4 {
        let settings = Settings(
          blockSize: size, linked: bits & 1 == 1, blockChecksum: bits & 2 == 2,
          contentChecksum: (s + bits) % 2 == 0, contentSize: (s + bits / 2) % 2 == 1)
        forms.append(Form(name: settings.name) { frame($0, settings) })
      }
    }
    return forms
  }()

  /// Blocks of 1 to 50 bytes, as from a writer that flushes after every few bytes.
  private static let flushedForms: [Form] = [
    Form(name: "tiny blocks") { flushed($0, Settings(contentChecksum: true)) },
    Form(name: "tiny linked blocks") { flushed($0, Settings(linked: true, blockChecksum: true)) },
  ]

  private static let builtForms: [Form] = [
    Form(name: "three frames, cut within lines") { plain in
      cuts(plain, 3).enumerated().flatMap { i, part in
        frame(part, Settings(linked: i == 1, contentChecksum: i != 1, contentSize: i == 2))
      }
    },
    Form(name: "skippable frames before, between and behind") { plain in
      let parts = cuts(plain, 2)
      return LZ4FrameParts.skippable(0, size: 0) + LZ4FrameParts.skippable(7, size: 1000)
        + frame(parts[0], Settings())
        + LZ4FrameParts.skippable(15, size: 3) + frame(parts[1], Settings(contentChecksum: true))
        + LZ4FrameParts.skippable(1, size: 70_000)
    },
    Form(name: "empty frames around") { plain in
      let empty = frame([], Settings(contentChecksum: true))
      return empty + frame([], Settings()) + frame(plain, Settings()) + empty
    },
    Form(name: "legacy frame") { LZ4FrameParts.legacy($0) },
    Form(name: "legacy frame, then a modern one") { plain in
      let parts = cuts(plain, 2)
      return LZ4FrameParts.legacy(parts[0]) + frame(parts[1], Settings(contentChecksum: true))
    },
    Form(name: "stored blocks, all checksums") { plain in
      LZ4FrameParts.frame(plain, blockLength: 65_536, stored: { _ in true }, checksums: true)
    },
    Form(name: "stored and compressed blocks in turn") { plain in
      LZ4FrameParts.frame(plain, blockLength: 1000, stored: { $0 % 2 == 0 }, checksums: false)
    },
    Form(name: "blocks of 333 bytes, all checksums") { plain in
      LZ4FrameParts.frame(plain, blockLength: 333, stored: { _ in false }, checksums: true)
    },
  ]

  /// Returns a frame of linked blocks of 64 kB, with a content checksum.
  public static func linkedFrame(_ plain: [UInt8]) -> [UInt8] {
    frame(plain, Settings(linked: true, contentChecksum: true))
  }

  /// Returns a frame that names a dictionary, which a reader here does not have.
  public static func dictionaryFrame(_ plain: [UInt8]) -> [UInt8] {
    LZ4FrameParts.frame(
      plain, blockLength: 65_536, stored: { _ in true }, checksums: false, dictionary: 0xD1C7)
  }

  /// Returns a frame whose flags have the reserved bit set.
  public static func reservedBitFrame(_ plain: [UInt8]) -> [UInt8] {
    LZ4FrameParts.frame(
      plain, blockLength: 65_536, stored: { _ in true }, checksums: false, flags: 0b0110_0010)
  }

  /// Returns a frame of version 2; the only defined version is 1.
  public static func unknownVersionFrame(_ plain: [UInt8]) -> [UInt8] {
    LZ4FrameParts.frame(
      plain, blockLength: 65_536, stored: { _ in true }, checksums: false, flags: 0b1010_0000)
  }

  static func frame(_ plain: [UInt8], _ settings: Settings) -> [UInt8] {
    var preferences = settings.preferences(count: plain.count)
    var out = [UInt8](repeating: 0, count: LZ4F_compressFrameBound(plain.count, &preferences))
    let size = LZ4F_compressFrame(&out, out.count, plain, plain.count, &preferences)
    precondition(LZ4F_isError(size) == 0)
    return Array(out[..<size])
  }

  private static func flushed(_ plain: [UInt8], _ settings: Settings) -> [UInt8] {
    var preferences = settings.preferences(count: plain.count)
    preferences.autoFlush = 1
    var context: OpaquePointer?
    precondition(LZ4F_isError(LZ4F_createCompressionContext(&context, UInt32(LZ4F_VERSION))) == 0)
    defer { LZ4F_freeCompressionContext(context) }
    var out = [UInt8](repeating: 0, count: LZ4F_compressBound(64, &preferences) + 64)
    var file: [UInt8] = []
    func keep(_ size: Int) {
      precondition(LZ4F_isError(size) == 0)
      file += out[..<size]
    }
    keep(LZ4F_compressBegin(context, &out, out.count, &preferences))
    var start = 0
    while start < plain.count {
      // Lengths from 1 to 50, without a pattern that lines could have.
      let length = min(1 + start * 7 % 50, plain.count - start)
      keep(
        Array(plain[start..<start + length]).withUnsafeBytes {
          LZ4F_compressUpdate(context, &out, out.count, $0.baseAddress, length, nil)
        })
      start += length
    }
    keep(LZ4F_compressEnd(context, &out, out.count, nil))
    return file
  }

  /// Returns `count` parts of about the same size. A cut after a newline moves one byte back.
  static func cuts(_ plain: [UInt8], _ count: Int) -> [[UInt8]] {
    let edges = (0...count).map { i in
      let edge = plain.count * i / count
      return i > 0 && i < count && edge > 0 && plain[edge - 1] == UInt8(ascii: "\n") ? edge - 1 : edge
    }
    return (0..<count).map { Array(plain[edges[$0]..<edges[$0 + 1]]) }
  }
}

extension LZ4Forms {
  /// Decodes a file of frames with liblz4's own frame functions; nil if they refuse it or if it is truncated.
  public static func decompressed(_ file: [UInt8]) -> [UInt8]? {
    var context: OpaquePointer?
    precondition(LZ4F_isError(LZ4F_createDecompressionContext(&context, UInt32(LZ4F_VERSION))) == 0)
    defer { LZ4F_freeDecompressionContext(context) }
    var plain: [UInt8] = []
    var out = [UInt8](repeating: 0, count: 1 << 16)
    var at = 0
    while true {
      var used = file.count - at
      var written = out.count
      let missing = file.withUnsafeBytes {
        LZ4F_decompress(context, &out, &written, $0.baseAddress.map { $0 + at }, &used, nil)
      }
      if LZ4F_isError(missing) != 0 { return nil }
      plain += out[..<written]
      at += used
      // liblz4 needs no more bytes directly after a frame.
      if missing == 0, at == file.count { return plain }
      if used == 0, written == 0 { return nil }
    }
  }
}

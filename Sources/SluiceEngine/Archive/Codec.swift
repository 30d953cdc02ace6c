/// What a file is, or what is packed in it, told from its first bytes; its name matters only for what is neither known nor text.
enum Codec {
  case empty
  /// LZ4 frames, zstd frames or gzip members, which a file may mix.
  case frames
  case text
  /// Not read.
  ///
  /// - Parameters:
  ///   - name: of what it is.
  ///   - message: says the same, and what to do.
  case refused(name: String, message: String)
  /// Neither text nor known. A file like that is not read; what is packed may be damaged text.
  case unknown(message: String)

  static let sampleBytes = 4096

  private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
  private static let foreign: [(magic: [UInt8], name: String)] = [
    ([0x42, 0x5A, 0x68], "bzip2"), ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00], "xz"),
    ([0x50, 0x4B, 0x03, 0x04], "zip"), ([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], "7z"),
    ([0xFF, 0x06, 0x00, 0x00] + Array("sNaPpY".utf8), "Snappy"), (Array("PAR1".utf8), "Parquet"),
    (Array("Obj\u{1}".utf8), "Avro"), (Array("ORC".utf8), "ORC"),
  ]

  /// - Parameter sample: the file's first bytes, ``sampleBytes`` of them or all.
  init(sample: UnsafeBytes, isNamedLZ4: Bool) {
    if sample.isEmpty {
      self = .empty
    } else if sample.starts(with: GzipDecoder.magic)
      || sample.count >= 4 && Self.isFrame(littleEndian(sample, at: 0))
    {
      self = .frames
    } else if isNamedLZ4, Self.isCutMagic(sample) {
      self = .refused(name: "lz4", message: "this is LZ4, cut inside its first magic number")
    } else if let known = Self.foreign.first(where: { sample.starts(with: $0.magic) }) {
      self = .refused(
        name: known.name.lowercased(), message: "this is \(known.name), which is not read; convert it first")
    } else if sample.count >= 262, sample[257..<262].elementsEqual(Array("ustar".utf8)) {
      self = .refused(name: "tar", message: "this is a tar archive, which is not read; unpack it first")
    } else if Self.isText(sample) {
      self = .text
    } else {
      self = .unknown(
        message: isNamedLZ4
          ? "this is neither LZ4 nor text, whatever its name says" : "this is neither LZ4 nor text")
    }
  }

  /// Why what is packed, which begins with the sample, is not read; nil if it is.
  static func refusal(ofContent sample: UnsafeBytes) -> String? {
    switch Codec(sample: sample, isNamedLZ4: false) {
    case .empty, .text, .unknown: nil
    case .frames: "this is packed twice; unpack it once"
    case .refused(_, let message): message
    }
  }

  private static func isFrame(_ magic: UInt32) -> Bool {
    magic == FrameDescriptor.magic || magic == FrameDescriptor.legacyMagic || magic == ZstdDecoder.magic
      || FrameDescriptor.skippableMagics.contains(magic)
  }

  /// Whether a file ends inside what could be a frame's magic number.
  private static func isCutMagic(_ sample: UnsafeBytes) -> Bool {
    guard sample.count < 4 else { return false }
    let magics = [FrameDescriptor.magic, FrameDescriptor.legacyMagic] + FrameDescriptor.skippableMagics
    return magics.contains { magic in
      (0..<sample.count).allSatisfy { sample[$0] == UInt8(truncatingIfNeeded: magic >> UInt32(8 * $0)) }
    }
  }

  /// Text if it begins like JSON, or else holds no control characters that JSON text cannot hold.
  private static func isText(_ sample: UnsafeBytes) -> Bool {
    var start = sample.starts(with: byteOrderMark) ? 3 : 0
    while start < sample.count, isSpace(sample[start]) { start += 1 }
    // UTF-16, which JSON text is not (RFC 8259, 8.1).
    if sample.count - start > 1, sample[start + 1] == 0 { return false }
    if start == sample.count || sample[start] == UInt8(ascii: "{") || sample[start] == UInt8(ascii: "[") {
      return true
    }
    return (start..<sample.count).allSatisfy {
      sample[$0] >= 0x20 && sample[$0] != 0x7F || isSpace(sample[$0])
    }
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}

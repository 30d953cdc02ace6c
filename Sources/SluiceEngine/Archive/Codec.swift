/// The codec of a file or of compressed content, detected from the first bytes. The file name matters only for a file
/// shorter than a magic number, and for content that is neither known nor text.
enum Codec {
  case empty
  /// LZ4 frames, zstd frames or gzip members, which a file may mix.
  case frames
  case text
  /// A format that is not read.
  ///
  /// - Parameters:
  ///   - name: the name of the format.
  ///   - message: the name in a sentence, and what to do.
  case refused(name: String, message: String)
  /// Neither text nor a known format. Such a file is not read. Compressed content of this kind is read, because it
  /// may be damaged text.
  case unknown(message: String)

  static let sampleBytes = 4096

  private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
  private static let foreign: [(magic: [UInt8], name: String)] = [
    ([0x42, 0x5A, 0x68], "bzip2"), ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00], "xz"),
    ([0x50, 0x4B, 0x03, 0x04], "zip"), ([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], "7z"),
    ([0xFF, 0x06, 0x00, 0x00] + Array("sNaPpY".utf8), "Snappy"), (Array("PAR1".utf8), "Parquet"),
    (Array("Obj\u{1}".utf8), "Avro"), (Array("ORC".utf8), "ORC"),
  ]

  /// - Parameter sample: the first ``sampleBytes`` bytes of the file, or all of a shorter file.
  init(sample: UnsafeBytes, isNamedLZ4: Bool) {
    if sample.isEmpty {
      self = .empty
    } else if Self.isCompressed(sample) {
      self = .frames
    } else if isNamedLZ4, Self.isCutMagic(sample) {
      self = .refused(name: "lz4", message: "this is LZ4, cut inside its first magic number")
    } else if let known = Self.known(sample) {
      self = .refused(name: known.name, message: known.message)
    } else if Self.isText(sample) {
      self = .text
    } else {
      self = .unknown(
        message: "this is none of LZ4, gzip, zstd and text\(isNamedLZ4 ? ", whatever its name says" : "")")
    }
  }

  /// Returns why compressed content that begins with the sample is not read; nil if it is read.
  static func refusal(ofContent sample: UnsafeBytes) -> String? {
    isCompressed(sample) ? "this is packed twice; unpack it once" : known(sample)?.message
  }

  /// Returns why the content of a later frame or member is not read; nil if it may be text.
  ///
  /// Frames may be cut anywhere in a line. Letters such as those at the beginning of bzip2 data therefore prove
  /// nothing by themselves.
  static func foreign(inLater sample: UnsafeBytes) -> String? {
    refusal(ofContent: sample).flatMap { sample.mayBeText ? nil : $0 }
  }

  /// Number of bytes by which a frame or member in the middle of text is recognised.
  static let magicBytesMax = 4
  /// Number of first bytes among which nearly every frame or member has a zero: in its header or in a block's size.
  static let zeroBytesMax = 4096

  /// Returns how many bytes of text precede the first zero, or the frame or member to which the zero belongs.
  ///
  /// - Parameter isLast: whether the file ends here. A frame may be cut before its first zero.
  static func textBytes(_ bytes: UnsafeBytes, isLast: Bool) -> Int {
    let zero = bytes.firstIndex(of: 0)
    if zero == nil, !isLast { return bytes.count }
    let end = zero ?? bytes.count
    return (max(0, end - zeroBytesMax)..<end).first { beginsFrame(bytes[$0..<bytes.count]) } ?? end
  }

  /// Returns whether a frame or member begins here, in the middle of text.
  static func beginsFrame(_ bytes: UnsafeBytes) -> Bool {
    if bytes.count >= 4, isFrame(littleEndian(bytes, at: 0)) { return true }
    // The method is deflate, and no reserved flag is set (RFC 1952, 2.3). The file may end inside the header.
    guard bytes.count >= 2, bytes.starts(with: GzipDecoder.magic) else { return false }
    return (bytes.count < 3 || bytes[2] == 8) && (bytes.count < 4 || bytes[3] < 0x20)
  }

  private static func isCompressed(_ sample: UnsafeBytes) -> Bool {
    sample.starts(with: GzipDecoder.magic) || sample.count >= 4 && isFrame(littleEndian(sample, at: 0))
  }

  /// Returns the name of a recognised format that is not read, and a message that says what to do.
  private static func known(_ sample: UnsafeBytes) -> (name: String, message: String)? {
    if let known = foreign.first(where: { sample.starts(with: $0.magic) }) {
      return (known.name.lowercased(), "this is \(known.name), which is not read; convert it first")
    }
    if isTar(sample) { return ("tar", "this is a tar archive, which is not read; unpack it first") }
    if isUTF16(sample) {
      return ("utf-16", "this is UTF-16 text, which is not read; convert it to UTF-8 first")
    }
    return nil
  }

  /// Returns whether the sample begins with the header of a tar archive of POSIX or Unix V7. A V7 header has no magic
  /// number, only the sum of its bytes. Both headers are padded with zeros. Text contains no zeros, whatever a
  /// stranger wrote into it.
  private static func isTar(_ sample: UnsafeBytes) -> Bool {
    if sample.count >= 262, sample[257..<262].elementsEqual(Array("ustar".utf8)) { return !sample.mayBeText }
    let headerBytes = 512
    let field = 148..<156
    guard sample.count >= headerBytes, let stated = octal(sample[field]), !sample.mayBeText else {
      return false
    }
    // The sum counts each byte of its own field as a space.
    let sum = (0..<headerBytes).reduce(0) { $0 + (field.contains($1) ? 0x20 : Int(sample[$1])) }
    return sum == stated
  }

  /// Parses octal digits with spaces before them and spaces or zero bytes after them. Returns nil if there are no
  /// digits, or any other bytes.
  private static func octal(_ field: UnsafeBytes) -> Int? {
    var number: Int?
    var isBehind = false
    for i in 0..<field.count {
      switch field[i] {
      case UInt8(ascii: "0")...UInt8(ascii: "7") where !isBehind:
        number = (number ?? 0) * 8 + Int(field[i] - UInt8(ascii: "0"))
      case 0x20 where number == nil: continue
      case 0x20, 0: isBehind = true
      default: return nil
      }
    }
    return number
  }

  /// Returns whether the sample begins with the byte order mark of UTF-16, or with four ASCII characters in UTF-16.
  private static func isUTF16(_ sample: UnsafeBytes) -> Bool {
    if sample.starts(with: [0xFF, 0xFE]) || sample.starts(with: [0xFE, 0xFF]) { return true }
    return sample.count >= 8
      && [0, 1].contains { zero in
        (0..<8).allSatisfy {
          $0 % 2 == zero ? sample[$0] == 0 : 0x20..<0x7F ~= sample[$0] || isSpace(sample[$0])
        }
      }
  }

  private static func isFrame(_ magic: UInt32) -> Bool {
    magic == FrameDescriptor.magic || magic == FrameDescriptor.legacyMagic || magic == ZstdDecoder.magic
      || FrameDescriptor.skippableMagics.contains(magic)
  }

  /// Returns whether the sample is a whole file that ends inside a possible magic number of a frame.
  private static func isCutMagic(_ sample: UnsafeBytes) -> Bool {
    guard sample.count < 4 else { return false }
    let magics = [FrameDescriptor.magic, FrameDescriptor.legacyMagic] + FrameDescriptor.skippableMagics
    return magics.contains { magic in
      (0..<sample.count).allSatisfy { sample[$0] == UInt8(truncatingIfNeeded: magic >> UInt32(8 * $0)) }
    }
  }

  /// Returns whether the sample is text. Text begins like JSON, or contains no control characters except white space.
  private static func isText(_ sample: UnsafeBytes) -> Bool {
    var start = sample.starts(with: byteOrderMark) ? 3 : 0
    while start < sample.count, isSpace(sample[start]) { start += 1 }
    // JSON text is never UTF-16 (RFC 8259, 8.1).
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

extension UnsafeBytes {
  /// Whether the bytes contain none of the control characters that JSON text cannot contain.
  var mayBeText: Bool {
    for i in 0..<count where self[i] < 0x20 {
      guard self[i] == 0x0A || self[i] == 0x0D || self[i] == 0x09 else { return false }
    }
    return true
  }
}

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
    } else if Self.isPacked(sample) {
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

  /// Why what is packed, which begins with the sample, is not read; nil if it is.
  static func refusal(ofContent sample: UnsafeBytes) -> String? {
    isPacked(sample) ? "this is packed twice; unpack it once" : known(sample)?.message
  }

  /// What is packed in a later frame or member in place of text; nil if it may be text.
  ///
  /// Frames may be cut anywhere within a line, so letters, as those with which bzip2 begins, tell nothing by themselves.
  static func foreign(inLater sample: UnsafeBytes) -> String? {
    refusal(ofContent: sample).flatMap { sample.mayBeText ? nil : $0 }
  }

  /// Bytes by which a frame or member in the middle of text is known.
  static let magicBytesMax = 4
  /// Nearly every frame and member has a zero among its first bytes: in its header, or in a block's size.
  static let zeroBytesMax = 4096

  /// How many bytes of text stand before the first zero, or before the frame or member to which that belongs.
  ///
  /// - Parameter isLast: whether the file ends here, as it may do before a zero.
  static func textBytes(_ bytes: UnsafeBytes, isLast: Bool) -> Int {
    let zero = bytes.firstIndex(of: 0)
    if zero == nil, !isLast { return bytes.count }
    let end = zero ?? bytes.count
    return (max(0, end - zeroBytesMax)..<end).first { beginsFrame(bytes[$0..<bytes.count]) } ?? end
  }

  /// Whether a frame or member begins here, in the middle of text.
  static func beginsFrame(_ bytes: UnsafeBytes) -> Bool {
    if bytes.count >= 4, isFrame(littleEndian(bytes, at: 0)) { return true }
    // Deflate, and no reserved flag (RFC 1952, 2.3). A file may be cut inside that.
    guard bytes.count >= 2, bytes.starts(with: GzipDecoder.magic) else { return false }
    return (bytes.count < 3 || bytes[2] == 8) && (bytes.count < 4 || bytes[3] < 0x20)
  }

  private static func isPacked(_ sample: UnsafeBytes) -> Bool {
    sample.starts(with: GzipDecoder.magic) || sample.count >= 4 && isFrame(littleEndian(sample, at: 0))
  }

  /// What is told, but not read: what it is, and what to do.
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

  /// Whether the sample begins with the header of a tar archive: one of POSIX, or of Unix V7, which has no magic number but the
  /// sum of its bytes. Both are filled up with zeros, which text is not, whatever somebody else may have written into it.
  private static func isTar(_ sample: UnsafeBytes) -> Bool {
    if sample.count >= 262, sample[257..<262].elementsEqual(Array("ustar".utf8)) { return !sample.mayBeText }
    let headerBytes = 512
    let field = 148..<156
    guard sample.count >= headerBytes, let stated = octal(sample[field]), !sample.mayBeText else {
      return false
    }
    // The sum is taken as if its own field were blank.
    let sum = (0..<headerBytes).reduce(0) { $0 + (field.contains($1) ? 0x20 : Int(sample[$1])) }
    return sum == stated
  }

  /// Digits with spaces before them, and spaces or zeros behind; nil if there is none or anything else.
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

  /// Whether the sample begins with the byte order mark of UTF-16, or with four characters of ASCII in UTF-16.
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

extension UnsafeBytes {
  /// Holds none of the control characters that JSON text cannot hold.
  var mayBeText: Bool {
    for i in 0..<count where self[i] < 0x20 {
      guard self[i] == 0x0A || self[i] == 0x0D || self[i] == 0x09 else { return false }
    }
    return true
  }
}

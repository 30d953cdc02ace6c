import CZlib
import CZstd

/// gzip and zstd files of every form that a reader must accept.
public enum StreamForms {
  public static let all: [LZ4Forms.Form] = [
    Form(name: "gzip") { member($0) },
    Form(name: "gzip, stored") { member($0, level: 0) },
    Form(name: "gzip, three members, cut within lines") { plain in
      LZ4Forms.cuts(plain, 3).enumerated().flatMap { member($0.element, level: CInt($0.offset * 3)) }
    },
    Form(name: "gzip, empty members around") { member([]) + member($0) + member([]) },
    Form(name: "zstd") { frame($0) },
    Form(name: "zstd without checksum") { frame($0, hasChecksum: false) },
    Form(name: "zstd, three frames, cut within lines") { plain in
      LZ4Forms.cuts(plain, 3).enumerated().flatMap {
        frame($0.element, hasChecksum: $0.offset != 1, level: 1 + CInt($0.offset) * 6)
      }
    },
    Form(name: "zstd, skippable and empty frames around") { plain in
      LZ4FrameParts.skippable(2, size: 70) + frame([]) + frame(plain) + LZ4FrameParts.skippable(0, size: 0)
    },
    Form(name: "legacy LZ4, then gzip") { plain in
      let parts = LZ4Forms.cuts(plain, 2)
      return LZ4FrameParts.legacy(parts[0]) + member(parts[1])
    },
    Form(name: "gzip, zstd and LZ4 in one file") { plain in
      let parts = LZ4Forms.cuts(plain, 3)
      return member(parts[0]) + frame(parts[1]) + LZ4Forms.linkedFrame(parts[2])
    },
  ]

  public typealias Form = LZ4Forms.Form

  /// Returns one gzip member.
  public static func member(_ plain: [UInt8], level: CInt = 6) -> [UInt8] {
    var stream = z_stream()
    // 15 for the largest window, 16 for the gzip format.
    precondition(
      deflateInit2_(
        &stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
        CInt(MemoryLayout<z_stream>.size)) == Z_OK)
    var out = [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(plain.count))) + 64)
    var plain = plain
    let size = out.withUnsafeMutableBufferPointer { out in
      plain.withUnsafeMutableBufferPointer { plain in
        (stream.next_in, stream.avail_in) = (plain.baseAddress, UInt32(plain.count))
        (stream.next_out, stream.avail_out) = (out.baseAddress, UInt32(out.count))
        precondition(deflate(&stream, Z_FINISH) == Z_STREAM_END)
        return out.count - Int(stream.avail_out)
      }
    }
    deflateEnd(&stream)
    return Array(out[..<size])
  }

  /// Returns one zstd frame.
  public static func frame(_ plain: [UInt8], hasChecksum: Bool = true, level: CInt = 3) -> [UInt8] {
    guard let context = ZSTD_createCCtx() else { preconditionFailure("out of memory") }
    defer { ZSTD_freeCCtx(context) }
    ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level)
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, hasChecksum ? 1 : 0)
    var out = [UInt8](repeating: 0, count: ZSTD_compressBound(plain.count))
    let size = ZSTD_compress2(context, &out, out.count, plain, plain.count)
    precondition(ZSTD_isError(size) == 0)
    return Array(out[..<size])
  }
}

/// Plain text followed by compressed lines, as `cat a.ndjson b.ndjson.gz` gives it.
public enum TextForms {
  public static let all: [Form] = [
    Form(name: "text, then gzip") { halves($0) { StreamForms.member($0) } },
    Form(name: "text, then zstd") { halves($0) { StreamForms.frame($0) } },
    Form(name: "text, then LZ4") { halves($0) { LZ4Forms.linkedFrame($0) } },
    Form(name: "text, then a legacy LZ4 frame") { halves($0) { LZ4FrameParts.legacy($0) } },
    Form(name: "text, then a skippable frame and gzip") {
      halves($0) { LZ4FrameParts.skippable(5, size: 40) + StreamForms.member($0) }
    },
  ]

  public typealias Form = LZ4Forms.Form

  private static func halves(_ plain: [UInt8], _ pack: ([UInt8]) -> [UInt8]) -> [UInt8] {
    let parts = LZ4Forms.cuts(plain, 2)
    return parts[0] + pack(parts[1])
  }
}

/// Every form of file that is read, except plain text.
public let archiveForms = LZ4Forms.all + StreamForms.all

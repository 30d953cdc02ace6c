import CLZ4
import CXXHash
import SluiceRecords

/// Header of a frame of a partial; `SluiceEngine.docc/PartialFormat.md` describes it.
struct PartialFrame: Sendable {
  enum Kind: UInt8 { case sources = 1, rows, totals }

  var kind: Kind
  var isCompressed = false
  /// Whether the payload continues in the next frame.
  var isContinued = false
  /// Number of the frame in its partial.
  var number = 0
  var contract: UInt64
  var identity = Identity()
  var shards = 0...0
  var shardCount: Int
  var rowCount = 0
  var decodedBytes = 0
  var storedBytes = 0
  /// Bytes before the frame in its partial.
  var start = 0

  /// Hash of the sources frame's payload. It identifies the partial.
  struct Identity: Hashable, Sendable {
    var low: UInt64 = 0
    var high: UInt64 = 0

    init() {}

    init(of bytes: [UInt8]) {
      let hash = bytes.withUnsafeBytes { XXH3_128bits($0.baseAddress, $0.count) }
      (low, high) = (hash.low64, hash.high64)
    }
  }

  static let headerBytes = 88
  static let payloadBytesMax = 8 << 20
  static let version: UInt16 = 2
  private static let magic = Array("SLUICEPT".utf8)

  var byteCount: Int { Self.headerBytes + storedBytes }

  /// Returns the header and the payload of a frame, encoded.
  ///
  /// - Parameter payload: at most ``payloadBytesMax`` bytes.
  static func encoded(_ frame: PartialFrame, payload: ArraySlice<UInt8>) -> [UInt8] {
    var frame = frame
    var compressed = [UInt8](repeating: 0, count: payload.count)
    let compressedCount = payload.withUnsafeBytes { source in
      compressed.withUnsafeMutableBytes { target in
        source.isEmpty
          ? 0
          : Int(
            LZ4_compress_default(
              source.baseAddress?.assumingMemoryBound(to: CChar.self),
              target.baseAddress?.assumingMemoryBound(to: CChar.self), CInt(source.count), CInt(target.count))
          )
      }
    }
    frame.isCompressed = compressedCount > 0
    let stored = frame.isCompressed ? compressed[..<compressedCount] : payload
    frame.decodedBytes = payload.count
    frame.storedBytes = stored.count
    var bytes = ByteWriter()
    frame.writeHeader(to: &bytes)
    let checksum = bytes.bytes.withUnsafeBytes { header in
      stored.withUnsafeBytes { Self.checksum(header.baseAddress, $0.baseAddress, $0.count) }
    }
    bytes.fixed(checksum)
    return bytes.bytes + stored
  }

  /// Returns the checksum of the payload. Its seed is the checksum of the header up to the checksum field.
  static func checksum(_ header: UnsafeRawPointer?, _ payload: UnsafeRawPointer?, _ count: Int)
    -> UInt64
  {
    XXH3_64bits_withSeed(payload, count, XXH3_64bits(header, headerBytes - 8))
  }

  private func writeHeader(to bytes: inout ByteWriter) {
    bytes.raw(Self.magic)
    bytes.fixed(Self.version)
    bytes.fixed(kind.rawValue)
    bytes.fixed((isCompressed ? 1 : 0) | (isContinued ? 2 : 0) as UInt8)
    bytes.fixed(UInt32(number))
    bytes.fixed(contract)
    bytes.fixed(identity.low)
    bytes.fixed(identity.high)
    bytes.fixed(UInt32(shards.lowerBound))
    bytes.fixed(UInt32(shards.upperBound))
    bytes.fixed(UInt32(shardCount))
    bytes.fixed(UInt32(rowCount))
    bytes.fixed(UInt32(decodedBytes))
    bytes.fixed(UInt32(storedBytes))
    bytes.fixed(UInt64(start))
    bytes.fixed(UInt64(0))
  }

  /// Reads a header without verifying the checksum.
  init(header: UnsafeBytes) throws(PartialError) {
    var reader = ByteReader(header)
    guard header.count >= 8, try reader.raw(8).elementsEqual(Self.magic) else {
      throw PartialError("this is not a partial, or it is damaged here")
    }
    let version = try reader.fixed(UInt16.self)
    guard version == Self.version else {
      throw PartialError(
        "it is of version \(version) of partials; this program reads version \(Self.version)")
    }
    guard let kind = Kind(rawValue: try reader.fixed()) else { throw Self.damaged }
    self.kind = kind
    let flags = try reader.fixed(UInt8.self)
    isCompressed = flags & 1 != 0
    isContinued = flags & 2 != 0
    number = Int(try reader.fixed(UInt32.self))
    contract = try reader.fixed()
    identity.low = try reader.fixed()
    identity.high = try reader.fixed()
    let first = Int(try reader.fixed(UInt32.self))
    let last = Int(try reader.fixed(UInt32.self))
    shardCount = Int(try reader.fixed(UInt32.self))
    rowCount = Int(try reader.fixed(UInt32.self))
    decodedBytes = Int(try reader.fixed(UInt32.self))
    storedBytes = Int(try reader.fixed(UInt32.self))
    start = Int(truncatingIfNeeded: try reader.fixed(UInt64.self))
    guard flags <= 3, first <= last, decodedBytes <= Self.payloadBytesMax,
      storedBytes <= decodedBytes, isCompressed || storedBytes == decodedBytes
    else { throw Self.damaged }
    shards = first...last
  }

  private static let damaged = PartialError("this frame is damaged")

  init(kind: Kind, contract: UInt64, shardCount: Int) {
    self.kind = kind
    self.contract = contract
    self.shardCount = shardCount
  }

  /// Verifies a frame, as stored, against its checksum.
  func verify(_ stored: UnsafeBytes) throws(PartialError) {
    precondition(stored.count == byteCount)
    let checksum = Self.checksum(stored.base, stored.base + Self.headerBytes, storedBytes)
    guard checksum == stored.word64(at: Self.headerBytes - 8) else {
      throw PartialError("this frame is damaged: its checksum is wrong")
    }
  }

  /// Decodes the payload of a frame into a buffer from `end` on. - Returns: the end of the decoded payload.
  func decode(_ stored: UnsafeBytes, into buffer: inout UnsafeBuffer, at end: Int) throws(PartialError) -> Int
  {
    buffer.reserve(end + decodedBytes, keeping: end)
    let payload = stored[Self.headerBytes..<stored.count]
    guard isCompressed else {
      buffer.write(payload, at: end)
      return end + decodedBytes
    }
    let count = buffer.withMemory(end..<end + decodedBytes) { target in
      LZ4_decompress_safe(
        UnsafeRawPointer(payload.base).assumingMemoryBound(to: CChar.self),
        target.baseAddress.map { UnsafeMutableRawPointer($0).assumingMemoryBound(to: CChar.self) },
        CInt(payload.count), CInt(decodedBytes))
    }
    guard Int(count) == decodedBytes else { throw Self.damaged }
    return end + decodedBytes
  }
}

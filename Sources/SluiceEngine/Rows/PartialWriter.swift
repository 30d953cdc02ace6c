import SluiceRecords
import SluiceRules
import SluiceSystem

/// Writes a partial to a descriptor, frame by frame, or only rows to a spill file that this process reads again.
final class PartialWriter {
  private enum Destination {
    case descriptor(CInt)
    case spill(SpillFile)
  }

  private let destination: Destination
  private let shardCount: Int
  let fields: [[Field]]
  private let framesPerShard: Bool
  /// Source numbers by file number; nil if they are equal.
  private let sources: [Int: Int]?
  private var contract: UInt64 = 0
  private var identity = PartialFrame.Identity()
  private var encoder: RowEncoder
  private var parts: [RowDictionaries] = []

  private(set) var byteCount = 0
  /// Frames of rows, for later reads.
  private(set) var rowFrames: [RowFrame] = []
  private(set) var frameCount = 0
  private(set) var rowCounts: [Int]

  /// Large enough for LZ4 to find repetitions, and small enough for reading many frames at once.
  private static let frameBytesTarget = 256 << 10
  private static let rowCountMax = 1 << 16

  private init(
    _ destination: Destination, shardCount: Int, fields: [[Field]], sources: [Int: Int]?, framesPerShard: Bool
  ) {
    self.destination = destination
    self.shardCount = shardCount
    self.fields = fields
    self.sources = sources
    self.framesPerShard = framesPerShard
    encoder = RowEncoder(fields: fields)
    rowCounts = Array(repeating: 0, count: shardCount)
  }

  /// Begins rows for this process alone. - Parameter fields: fields that observations keep, by facet.
  convenience init(to file: SpillFile, shardCount: Int, fields: [[Field]]) {
    self.init(.spill(file), shardCount: shardCount, fields: fields, sources: nil, framesPerShard: false)
  }

  /// Begins a partial. - Parameter files: file number of each source.
  convenience init(
    to descriptor: CInt, _ contract: PartialContract, _ sources: [PartialSource], files: [Int],
    framesPerShard: Bool = false
  ) throws(SystemError) {
    self.init(
      .descriptor(descriptor), shardCount: contract.shardCount, fields: contract.fields,
      sources: Dictionary(uniqueKeysWithValues: zip(files, sources.indices)), framesPerShard: framesPerShard)
    let contractBytes = contract.bytes
    self.contract = PartialContract.hash(contractBytes)
    var payload = ByteWriter()
    payload.counted(contractBytes)
    payload.list(sources) { $1.write(to: &$0) }
    identity = PartialFrame.Identity(of: payload.bytes)
    try write(payload.bytes, .sources)
  }

  /// Sets the dictionaries to which the following rows refer.
  func use(_ parts: [RowDictionaries]) {
    self.parts = parts
    encoder.forgetLocation()
    for part in parts { part.remap.begin() }
  }

  /// Adds sorted rows of one shard. Shards must come in order, and so must the rows between calls of ``use(_:)``.
  func write(_ rows: ArraySlice<Observation>, of shard: Int) throws(SystemError) {
    if framesPerShard, let last = encoder.shards?.upperBound, last != shard { try flush() }
    let rows = inOrderOfTexts(rows)
    var start = rows.startIndex
    while start < rows.endIndex {
      // A group may continue in another frame.
      let limit = min(rows.endIndex, start + 1024)
      var end = start + 1
      while end < limit, rows[end].isGrouped(with: rows[start]) { end += 1 }
      encoder.append(rows[start..<end], shard: shard, parts, sources: sources)
      rowCounts[shard] += end - start
      if encoder.byteCount >= Self.frameBytesTarget || encoder.rowCount >= Self.rowCountMax { try flush() }
      start = end
    }
  }

  /// Sorts rows of equal group and time by the texts of their uuids, because the uuids' numbers depend on threads.
  private func inOrderOfTexts(_ rows: ArraySlice<Observation>) -> ArraySlice<Observation> {
    var rows = rows
    var start = rows.startIndex
    while start < rows.endIndex {
      let first = rows[start]
      var end = start + 1
      if first.uuidKind == .text {
        while end < rows.endIndex, rows[end].uuidKind == .text, rows[end].time == first.time,
          rows[end].isGrouped(with: first)
        {
          end += 1
        }
        if end > start + 1 { rows[start..<end].sort(by: isInOrderOfTexts) }
      }
      start = end
    }
    return rows
  }

  private func isInOrderOfTexts(_ a: Observation, _ b: Observation) -> Bool {
    let text = parts[Int(a.part)].uuids[Int(a.uuid.low)]
    let other = parts[Int(b.part)].uuids[Int(b.uuid.low)]
    if text.elementsEqual(other) { return IPAddress.inOrder(a.address, b.address) }
    return text.array.lexicographicallyPrecedes(other.array)
  }

  /// Writes the current frame.
  func flush() throws(SystemError) {
    guard encoder.rowCount > 0, let shards = encoder.shards else { return }
    try write(encoder.payload, .rows, shards: shards, rowCount: encoder.rowCount)
    encoder = RowEncoder(fields: fields)
    for part in parts { part.remap.begin() }
  }

  static func frameCount(_ payloadBytes: Int) -> Int {
    max(1, (payloadBytes + PartialFrame.payloadBytesMax - 1) / PartialFrame.payloadBytesMax)
  }

  func write(
    _ payload: [UInt8], _ kind: PartialFrame.Kind, shards: ClosedRange<Int> = 0...0, rowCount: Int = 0
  ) throws(SystemError) {
    var start = byteCount
    var frame = PartialFrame(kind: kind, contract: contract, shardCount: shardCount)
    frame.identity = identity
    frame.shards = shards
    let count = Self.frameCount(payload.count)
    var bytes: [UInt8] = []
    for index in 0..<count {
      let first = index * PartialFrame.payloadBytesMax
      frame.isContinued = index < count - 1
      frame.rowCount = frame.isContinued ? 0 : rowCount
      frame.number = frameCount
      frame.start = byteCount
      let piece = payload[first..<min(payload.count, first + PartialFrame.payloadBytesMax)]
      let encoded = PartialFrame.encoded(frame, payload: piece)
      byteCount += encoded.count
      frameCount += 1
      bytes += encoded
    }
    switch destination {
    case .descriptor(let descriptor): try writeAll(descriptor, bytes[...])
    case .spill(let file): start = try file.append(bytes)
    }
    if kind == .rows {
      rowFrames.append(
        RowFrame(
          offset: start, byteCount: bytes.count, decodedBytes: payload.count, shards: shards))
    }
  }
}

/// Location of a frame of rows, including its continuation frames.
struct RowFrame: Sendable {
  /// Offset in the file.
  var offset: Int
  var byteCount: Int
  var decodedBytes: Int
  var shards: ClosedRange<Int>
}

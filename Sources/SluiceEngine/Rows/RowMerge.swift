import SluiceRecords
import SluiceSystem

/// Sorted rows that one writer wrote to a file.
struct SortedRun: Sendable {
  var file: PartialFile
  var frames: [RowFrame]
  var projection: RowProjection
  var shardCount: Int
  /// Number of files. The event locations of the rows have smaller file numbers.
  var fileCount: Int
  /// Numbers of rows by shard; nil if unknown.
  var rowCounts: [Int]?
}

/// Iterates over the groups of one sorted run.
private final class RowCursor {
  private let run: SortedRun
  private let shards: ClosedRange<Int>
  /// Index of the next frame to read.
  private var next: Int
  private var reader: RowReader?
  private var group = 0
  /// Key of the current group; nil after the last.
  private(set) var key: GroupKey?
  /// Number of rows of ``shards`` that were passed so far.
  private var rowCount = 0

  init(_ run: SortedRun, shards: ClosedRange<Int>) throws(PartialError) {
    self.run = run
    self.shards = shards
    next = run.frames.partitioningIndex(where: { $0.shards.upperBound >= shards.lowerBound })
    try advanceFrame()
    while let key, key.shard < shards.lowerBound { try advance() }
  }

  /// Part of the current group that is in the current frame.
  var piece: GroupPiece? { reader.map { GroupPiece(reader: $0, group: $0.groups[group]) } }

  func advance() throws(PartialError) {
    guard let last = key, let reader else { return }
    if last.shard >= shards.lowerBound { rowCount += reader.groups[group].rows.count }
    group += 1
    try advanceFrame()
    if let key, key < last {
      throw PartialError(
        "its frames are in no order", offset: run.frames[next - 1].offset, file: run.file.path)
    }
  }

  /// Reads the next frame if the current one has no more groups.
  private func advanceFrame() throws(PartialError) {
    while reader.map({ group == $0.groups.count }) ?? true {
      reader = nil
      guard next < run.frames.count, run.frames[next].shards.lowerBound <= shards.upperBound else { break }
      let frame = run.frames[next]
      next += 1
      do throws(PartialError) {
        var payload = UnsafeBuffer(capacity: 0)
        let count = try run.file.payload(frame, into: &payload)
        let read = try RowReader(payload, count: count, of: run, offset: frame.offset)
        guard read.groups.allSatisfy({ frame.shards.contains($0.key.shard) }) else {
          throw PartialError("it has rows of other shards than its header says")
        }
        reader = read
        group = 0
      } catch {
        throw error.at(frame.offset, of: run.file.path)
      }
    }
    key = reader?.groups[group].key
    if let key, key.shard <= shards.upperBound { return }
    (key, reader) = (nil, nil)
    guard let expected = run.rowCounts?[shards].reduce(0, +), expected != rowCount else { return }
    throw PartialError(
      "of shards \(shards.lowerBound) to \(shards.upperBound) it has \(NumberFormat.count(rowCount, "row")), and by its totals \(expected)",
      file: run.file.path)
  }
}

/// The part of a group that is in one frame.
private struct GroupPiece {
  var reader: RowReader
  var group: RowReader.Group

  func read(into batch: RowBatch) throws(PartialError) { try reader.read(group, into: batch) }

  var times: ClosedRange<Int64> {
    let (first, last) = (reader.time(of: group.rows.lowerBound), reader.time(of: group.rows.upperBound - 1))
    return min(first, last)...max(first, last)
  }
}

/// Merges the rows of some shards of many sorted runs, group by group. Each group's rows are in order of time and uuid.
///
/// The merge holds one frame of each run and one row batch in memory.
struct RowMerge: ~Copyable {
  private var cursors: [RowCursor] = []
  /// Heap of the cursors. The one with the least group key is first.
  private var heap: [(key: GroupKey, cursor: Int)] = []
  private let key: HashKey
  private var floors: WindowFloors?
  private let hasWholeKeys: Bool
  private var chunkCount = 0
  /// Parts of the current group.
  private var pieces: [GroupPiece] = []

  /// Rows after which a batch ends: at the end of a group, or of a piece if groups may be split.
  private static let rowCountTarget = 1 << 17
  /// Maximum rows of a group whose frames are held at once to test whether the group can fire.
  private static let heldRowCountMax = 1 << 16

  /// - Parameters:
  ///   - floors: if given, groups that cannot fire and have no duplicates are left out.
  ///   - hasWholeKeys: whether all rows by key of a shard must come together.
  init(
    _ runs: [SortedRun], shards: ClosedRange<Int>, key: HashKey, floors: WindowFloors? = nil,
    hasWholeKeys: Bool = true
  ) throws(PartialError) {
    self.key = key
    self.floors = floors
    self.hasWholeKeys = hasWholeKeys
    for run in runs {
      let cursor = try RowCursor(run, shards: shards)
      guard let key = cursor.key else { continue }
      heap.append((key, cursors.count))
      cursors.append(cursor)
    }
    for index in stride(from: heap.count / 2 - 1, through: 0, by: -1) { sink(index) }
  }

  /// Returns the next groups of one shard; nil after the last.
  mutating func next() throws(PartialError) -> RowBatch? {
    guard let shard = heap.first?.key.shard else { return nil }
    chunkCount += 1
    let batch = RowBatch(number: chunkCount, shard: shard, key: key)
    while let first = heap.first?.key, first.shard == shard, batch.rows.count < Self.rowCountTarget {
      let start = batch.rows.count
      try read(first, into: batch)
      batch.sort(from: start)
    }
    return batch
  }

  /// Reads a group unless it cannot fire, or only one piece of it if groups may be split.
  private mutating func read(_ key: GroupKey, into batch: RowBatch) throws(PartialError) {
    guard hasWholeKeys || key.kind != .byKey else {
      if let piece = try take(key) { try piece.read(into: batch) }
      return
    }
    pieces.removeAll(keepingCapacity: true)
    var rowCount = 0
    while rowCount <= Self.heldRowCountMax, let piece = try take(key) {
      pieces.append(piece)
      rowCount += piece.group.rows.count
    }
    if rowCount <= Self.heldRowCountMax, key.kind != .byKey, isIdle() { return }
    for piece in pieces { try piece.read(into: batch) }
    pieces.removeAll(keepingCapacity: true)
    while let piece = try take(key) { try piece.read(into: batch) }
  }

  /// Takes the next piece of a group; nil after the last.
  private mutating func take(_ key: GroupKey) throws(PartialError) -> GroupPiece? {
    guard let top = heap.first, top.key == key else { return nil }
    let piece = cursors[top.cursor].piece
    try cursors[top.cursor].advance()
    if let key = cursors[top.cursor].key {
      heap[0].key = key
    } else {
      heap.swapAt(0, heap.count - 1)
      heap.removeLast()
    }
    sink(0)
    return piece
  }

  /// Returns whether a group cannot fire and certainly has no duplicates.
  private mutating func isIdle() -> Bool {
    guard floors != nil else { return false }
    if pieces.count > 1 { pieces.sort { $0.times.lowerBound < $1.times.lowerBound } }
    floors?.begin()
    for piece in pieces {
      for row in piece.group.rows {
        let rules = piece.reader.rules(of: row)
        guard rules != 0 else { continue }
        guard floors?.stayBelow(piece.reader.time(of: row), rules) == true else { return false }
      }
    }
    return true
  }

  private mutating func sink(_ start: Int) {
    var index = start
    while true {
      var least = index
      let child = 2 * index + 1
      if child < heap.count, heap[child].key < heap[least].key { least = child }
      if child + 1 < heap.count, heap[child + 1].key < heap[least].key { least = child + 1 }
      if least == index { return }
      heap.swapAt(index, least)
      index = least
    }
  }
}

extension RowBatch {
  /// Sorts the rows of one group. They are often sorted already: frames are, except for uuids that are numbered as
  /// they come.
  fileprivate func sort(from start: Int) {
    let isSorted = (start + 1..<max(start + 1, rows.count)).allSatisfy { index in
      !Observation.inOrder(rows[index], rows[index - 1])
    }
    // Sorting a slice of the array would copy it.
    if !isSorted {
      rows.withUnsafeMutableBufferPointer {
        var part = UnsafeMutableBufferPointer(rebasing: $0[start...])
        part.sort(by: Observation.inOrder)
      }
    }
  }
}

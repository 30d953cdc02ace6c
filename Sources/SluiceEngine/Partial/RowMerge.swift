import SluiceRecords
import SluiceSystem

/// Rows of one writer, in order, in a file.
struct RowRun: Sendable {
  var file: PartialBytes
  var frames: [RowFrame]
  var meaning: RowMeaning
  var shardCount: Int
  /// How many files there are, in numbers of which its places are.
  var fileCount: Int
  /// By shard; nil if that is not known.
  var rowCounts: [Int]?
}

/// Walks the rows of one run, group after group.
private final class RowCursor {
  private let run: RowRun
  private let shards: ClosedRange<Int>
  /// The next frame to be read.
  private var next: Int
  private var reader: RowReader?
  private(set) var key: GroupKey?
  /// Rows of ``shards`` read so far.
  private var rowCount = 0

  init(_ run: RowRun, shards: ClosedRange<Int>) throws(PartialFault) {
    self.run = run
    self.shards = shards
    next = run.frames.firstIndex(ordered: { $0.shards.upperBound >= shards.lowerBound })
    try advance()
    while let key, key.shard < shards.lowerBound { try read(into: nil) }
  }

  func read(into chunk: RowChunk?) throws(PartialFault) {
    let last = key
    if let last, last.shard >= shards.lowerBound { rowCount += reader?.nextCount ?? 0 }
    do throws(PartialFault) {
      try reader?.read(into: chunk, run.meaning)
    } catch {
      throw error.at(run.frames[next - 1].offset, of: run.file.path)
    }
    try advance()
    if let key, let last, key < last {
      throw PartialFault(
        "its frames are in no order", offset: run.frames[next - 1].offset, file: run.file.path)
    }
  }

  private func advance() throws(PartialFault) {
    key = reader?.key
    while key == nil, next < run.frames.count, run.frames[next].shards.lowerBound <= shards.upperBound {
      let frame = run.frames[next]
      next += 1
      do throws(PartialFault) {
        var payload = UnsafeBuffer(capacity: 0)
        let count = try run.file.payload(frame, into: &payload)
        reader = try RowReader(
          payload, count: count, run.meaning, shardCount: run.shardCount, fileCount: run.fileCount)
      } catch {
        throw error.at(frame.offset, of: run.file.path)
      }
      key = reader?.key
    }
    if let key, key.shard > shards.upperBound { self.key = nil }
    if key == nil {
      reader = nil
      try checkCount()
    }
  }

  private func checkCount() throws(PartialFault) {
    guard let expected = run.rowCounts?[shards].reduce(0, +), expected != rowCount else { return }
    throw PartialFault(
      "of shards \(shards.lowerBound) to \(shards.upperBound) it has \(rowCount) rows, and by its totals \(expected)",
      file: run.file.path)
  }
}

/// The rows of some shards of many runs, merged: group by group, each with its rows in order of time and uuid.
///
/// In memory are a frame of each run and a chunk.
struct RowMerge: ~Copyable {
  /// A heap: the one whose group comes next first.
  private var cursors: [RowCursor] = []
  private let key: HashKey
  private var chunkCount = 0

  /// Rows after which a chunk ends, at the end of a group.
  private static let rowCountTarget = 1 << 17

  init(_ runs: [RowRun], shards: ClosedRange<Int>, key: HashKey) throws(PartialFault) {
    self.key = key
    for run in runs {
      let cursor = try RowCursor(run, shards: shards)
      if cursor.key != nil { cursors.append(cursor) }
    }
    for index in stride(from: cursors.count / 2 - 1, through: 0, by: -1) { sink(index) }
  }

  /// The next groups of one shard; nil behind the last.
  mutating func next() throws(PartialFault) -> RowChunk? {
    guard let shard = cursors.first?.key?.shard else { return nil }
    chunkCount += 1
    let chunk = RowChunk(number: chunkCount, shard: shard, key: key)
    while let first = cursors.first?.key, first.shard == shard, chunk.rows.count < Self.rowCountTarget {
      let start = chunk.rows.count
      while let cursor = cursors.first, cursor.key == first {
        try cursor.read(into: chunk)
        if cursor.key == nil {
          cursors.swapAt(0, cursors.count - 1)
          cursors.removeLast()
        }
        sink(0)
      }
      chunk.sort(from: start)
    }
    return chunk
  }

  private mutating func sink(_ start: Int) {
    var index = start
    while true {
      var least = index
      for child in [2 * index + 1, 2 * index + 2] where child < cursors.count {
        if let a = cursors[child].key, let b = cursors[least].key, a < b { least = child }
      }
      if least == index { return }
      cursors.swapAt(index, least)
      index = least
    }
  }
}

extension RowChunk {
  /// Sorts rows of one group. Often they are sorted: frames are, but for uuids that are numbered as they come.
  fileprivate func sort(from start: Int) {
    let isSorted = (start + 1..<max(start + 1, rows.count)).allSatisfy { index in
      !Observation.inOrder(rows[index], rows[index - 1])
    }
    if !isSorted { rows[start...].sort(by: Observation.inOrder) }
  }
}

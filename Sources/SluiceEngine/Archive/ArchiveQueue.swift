import Glibc
import SluiceSystem
import Synchronization

/// Hands files to workers: to each its own, largest first, and when none is left a share of those that others read.
final class ArchiveQueue: Sendable {
  private struct UnderWork {
    /// Files that workers may share.
    var streams: [ArchiveStream] = []
    /// By file, how many workers have it.
    var workers: [Int: Int] = [:]
  }

  /// Those of the files that are read, largest first.
  private let streams: [ArchiveStream]
  private let next = Atomic(0)
  private let underWork = Monitor(UnderWork())
  private let totalBytes = Atomic(0)
  private let totalBytesMax: Int
  let progress: ScanProgress?

  /// - Parameters:
  ///   - again: files that are read for the second time, by number; others are not read then. nil if all are read for
  ///   the first time.
  ///   - share: of the one file there is; nil for all of each.
  ///   - only: files that are read for the first time, by number; nil if all are.
  init(
    _ listing: ArchiveListing, verifies: Bool, limits: Limits, tuning: Tuning,
    again: [Int: ArchiveStream.SecondPass]? = nil, only: Set<Int>? = nil,
    split: FileSplit? = nil, progress: ScanProgress? = nil
  ) {
    self.progress = progress
    totalBytesMax = limits.totalBytesMax
    let order = listing.files.indices.filter {
      (again == nil || again?[$0] != nil) && only?.contains($0) ?? true
    }.sorted {
      (listing.files[$1].sizeBytes, $0) < (listing.files[$0].sizeBytes, $1)
    }
    streams = order.map {
      ArchiveStream(
        file: $0, listed: listing.files[$0], verifies: verifies, limits: limits, tuning: tuning,
        secondPass: again?[$0], split: split)
    }
    if again != nil || only != nil, order.isEmpty { return }
    let files = order.map { listing.files[$0] }
    progress?.begin(
      again == nil ? .scan : .triage,
      bytesTotal: files.contains { $0.identity == nil } ? nil : files.reduce(0) { $0 + $1.sizeBytes })
  }

  /// A file for a worker without one: nobody's yet, which the worker is to open, or one that others are reading.
  func file() -> (stream: ArchiveStream, isNew: Bool)? {
    let position = next.wrappingAdd(1, ordering: .relaxed).oldValue
    return underWork.withLock { work in
      if position < streams.count {
        work.workers[streams[position].file, default: 0] += 1
        return (streams[position], true)
      }
      work.streams.removeAll { $0.isExhausted }
      // The one of which most is left lies, as a rule, furthest behind in the order of sizes.
      guard let stream = work.streams.max(by: { $0.sizeBytes < $1.sizeBytes }) else { return nil }
      work.workers[stream.file, default: 0] += 1
      return (stream, false)
    }
  }

  /// Says that a worker has done its share of a file. - Returns: whether that was the last there is.
  func leave(_ stream: ArchiveStream) -> Bool {
    underWork.withLock { work in
      work.workers[stream.file, default: 1] -= 1
      return stream.isExhausted && work.workers[stream.file] == 0
    }
  }

  /// Opens a file and lets other workers share it. If the process may open no more, waits until another is closed.
  ///
  /// - Returns: false if that failed; the log says why.
  func open(_ stream: ArchiveStream, tuning: Tuning, log: inout ProblemLog) -> Bool {
    do throws(SystemError) {
      if let change = try stream.open(tuning: tuning, unless: { isTooMuch }) {
        stream.refuse("changed", "the file was changed since it was read: \(change)", log: &log)
        return false
      }
    } catch {
      // Nothing is wrong with a file that was waited for in vain.
      if !isTooMuch { stream.refuse("unreadable", "cannot be opened: \(error)", log: &log) }
      return false
    }
    underWork.withLock { $0.streams.append(stream) }
    return true
  }

  /// Counts decoded bytes of whichever file. - Returns: false once they are more than is allowed.
  func count(_ bytes: Int) -> Bool {
    let isAllowed = totalBytes.wrappingAdd(bytes, ordering: .relaxed).newValue <= totalBytesMax
    // Files that are open now are not read to their end: nobody may wait for that.
    if !isAllowed { OpenFiles.shared.reconsider() }
    return isAllowed
  }

  /// Whether more was decoded than is allowed.
  var isTooMuch: Bool { totalBytes.load(ordering: .relaxed) > totalBytesMax }

  /// By number of the file, what it was when it was opened.
  var versions: [Int: FileVersion] {
    Dictionary(
      uniqueKeysWithValues: streams.compactMap { stream in
        stream.statusWhenOpened.map { (stream.file, $0) }
      })
  }

  /// Whether every line of every stream has been given out.
  var isFlushed: Bool { streams.allSatisfy { $0.lineAssembler.isFlushed || !$0.wasOpened } }
}

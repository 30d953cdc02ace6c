import Glibc
import SluiceSystem
import Synchronization

/// Hands files to workers: to each its own, largest first, and when none is left a share of those that others read.
final class ArchiveQueue: Sendable {
  private struct OpenFiles {
    var now = 0
    /// Since the beginning.
    var closed = 0
  }

  private struct UnderWork {
    /// Files that workers may share.
    var files: [Int] = []
    /// By file, how many workers have it.
    var workers: [Int: Int] = [:]
  }

  private let streams: [ArchiveStream]
  /// Indices of `streams`, largest first.
  private let order: [Int]
  private let next = Atomic(0)
  private let underWork = Monitor(UnderWork())
  private let openFiles = Monitor(OpenFiles())
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
    again: [Int: ArchiveStream.SecondReading]? = nil, only: Set<Int>? = nil,
    share: FileShare? = nil, progress: ScanProgress? = nil
  ) {
    self.progress = progress
    totalBytesMax = limits.totalBytesMax
    streams = listing.files.enumerated().map {
      ArchiveStream(
        file: $0.offset, listed: $0.element, verifies: verifies, limits: limits, tuning: tuning,
        secondReading: again?[$0.offset], share: share)
    }
    order = listing.files.indices.filter {
      (again == nil || again?[$0] != nil) && only?.contains($0) ?? true
    }.sorted {
      (listing.files[$1].sizeBytes, $0) < (listing.files[$0].sizeBytes, $1)
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
      if position < order.count {
        work.workers[order[position], default: 0] += 1
        return (streams[order[position]], true)
      }
      work.files.removeAll { streams[$0].isExhausted }
      // The one of which most is left lies, as a rule, furthest behind in the order of sizes.
      let file = work.files.max { streams[$0].sizeBytes < streams[$1].sizeBytes }
      guard let file else { return nil }
      work.workers[file, default: 0] += 1
      return (streams[file], false)
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
    while true {
      // One at a time, so that it is known if there is another one to wait for.
      let (opening, before) = openFiles.withLock { files -> (Result<String?, SystemError>, OpenFiles) in
        do throws(SystemError) {
          let change = try stream.open(tuning: tuning)
          if change == nil { files.now += 1 }
          return (.success(change), files)
        } catch {
          return (.failure(error), files)
        }
      }
      if case .success(let change) = opening {
        guard let change else { break }
        stream.refuse("changed", "the file was changed since it was read: \(change)", log: &log)
        return false
      }
      guard case .failure(let error) = opening else { break }
      guard error.code == EMFILE || error.code == ENFILE, before.now > 0 else {
        stream.refuse("unreadable", "cannot be opened: \(error)", log: &log)
        return false
      }
      openFiles.wait { $0.closed > before.closed || isTooMuch }
      if isTooMuch { return false }
    }
    underWork.withLock { $0.files.append(stream.file) }
    return true
  }

  /// Says that a file is closed.
  func closed() {
    openFiles.withLock {
      $0.now -= 1
      $0.closed += 1
    }
    openFiles.broadcast()
  }

  /// Counts decoded bytes of whichever file. - Returns: false once they are more than is allowed.
  func count(_ bytes: Int) -> Bool {
    let isAllowed = totalBytes.wrappingAdd(bytes, ordering: .relaxed).newValue <= totalBytesMax
    // Files that are open now are not read to their end: nobody may wait for that.
    if !isAllowed { openFiles.broadcast() }
    return isAllowed
  }

  /// Whether more was decoded than is allowed.
  var isTooMuch: Bool { totalBytes.load(ordering: .relaxed) > totalBytesMax }

  /// By number of the file, what it was when it was opened.
  var statuses: [Int: FileStatus] {
    Dictionary(
      uniqueKeysWithValues: streams.compactMap { stream in
        stream.statusWhenOpened.map { (stream.file, $0) }
      })
  }

  /// Whether every line of every stream has been given out.
  var isFlushed: Bool { streams.allSatisfy { $0.seams.isFlushed || !$0.wasOpened } }
}

import Glibc
import SluiceSystem
import Synchronization

/// A work queue that gives each worker a file of its own, largest first. When none is left, it gives a file that
/// others are reading.
final class WorkQueue: Sendable {
  private struct UnderWork {
    /// Files that several workers may read.
    var streams: [ArchiveStream] = []
    /// Number of workers by file.
    var workers: [Int: Int] = [:]
  }

  /// The files to read, largest first.
  private let streams: [ArchiveStream]
  private let next = Atomic(0)
  private let underWork = Monitor(UnderWork())
  private let totalBytes = Atomic(0)
  private let totalBytesMax: Int
  let progress: ScanProgress?

  /// - Parameters:
  ///   - secondPasses: the files of a second pass, by number; no others are read. nil in the first pass.
  ///   - only: the numbers of the files to read in the first pass; nil if all are read.
  ///   - split: the part to read of the only file; nil if files are read as a whole.
  init(
    _ listing: ArchiveListing, verifies: Bool, limits: Limits,
    secondPasses: [Int: ArchiveStream.SecondPass]? = nil, only: Set<Int>? = nil,
    split: FileSplit? = nil, progress: ScanProgress? = nil
  ) {
    self.progress = progress
    totalBytesMax = limits.totalBytesMax
    let order = listing.files.indices.filter {
      (secondPasses == nil || secondPasses?[$0] != nil) && only?.contains($0) ?? true
    }.sorted {
      (listing.files[$1].sizeBytes, $0) < (listing.files[$0].sizeBytes, $1)
    }
    streams = order.map {
      ArchiveStream(
        file: $0, listed: listing.files[$0], verifies: verifies, limits: limits,
        secondPass: secondPasses?[$0], split: split)
    }
    if secondPasses != nil || only != nil, order.isEmpty { return }
    let files = order.map { listing.files[$0] }
    progress?.begin(
      secondPasses == nil ? .scan : .triage,
      bytesTotal: files.contains { $0.identity == nil } ? nil : files.reduce(0) { $0 + $1.sizeBytes })
  }

  /// Returns a file for a worker without one: a new file, which the worker must open, or a file that others are
  /// reading.
  func file() -> (stream: ArchiveStream, isNew: Bool)? {
    let position = next.wrappingAdd(1, ordering: .relaxed).oldValue
    return underWork.withLock { work in
      if position < streams.count {
        work.workers[streams[position].file, default: 0] += 1
        return (streams[position], true)
      }
      work.streams.removeAll { $0.isExhausted }
      // The largest of them usually has the most left to read.
      guard let stream = work.streams.max(by: { $0.sizeBytes < $1.sizeBytes }) else { return nil }
      work.workers[stream.file, default: 0] += 1
      return (stream, false)
    }
  }

  /// Notes that a worker has finished its part of a file. - Returns: whether it was the last worker and no part is
  /// left.
  func leave(_ stream: ArchiveStream) -> Bool {
    underWork.withLock { work in
      work.workers[stream.file, default: 1] -= 1
      return stream.isExhausted && work.workers[stream.file] == 0
    }
  }

  /// Opens a file and lets other workers join. If the process may open no more files, waits until another is closed.
  ///
  /// - Returns: false if that failed; the log says why.
  func open(_ stream: ArchiveStream, tuning: Tuning, log: inout ProblemLog) -> Bool {
    do throws(SystemError) {
      if let change = try stream.open(tuning: tuning, unless: { isTooMuch }) {
        stream.refuse(.changed, "the file was changed since it was read: \(change)", log: &log)
        return false
      }
    } catch {
      // Nothing is wrong with the file if the wait for it was abandoned.
      if !isTooMuch { stream.refuse(.unreadable, "cannot be opened: \(error)", log: &log) }
      return false
    }
    underWork.withLock { $0.streams.append(stream) }
    return true
  }

  /// Counts decoded bytes of any file. - Returns: false once they exceed the limit.
  func count(_ bytes: Int) -> Bool {
    let isAllowed = totalBytes.wrappingAdd(bytes, ordering: .relaxed).newValue <= totalBytesMax
    // Files that are open now are not read to their end, so no worker may wait for one to close.
    if !isAllowed { OpenFiles.shared.reconsider() }
    return isAllowed
  }

  /// Whether more bytes were decoded than the limit allows.
  var isTooMuch: Bool { totalBytes.load(ordering: .relaxed) > totalBytesMax }

  /// The version of each file when it was opened, by the file's number.
  var versions: [Int: FileVersion] {
    Dictionary(
      uniqueKeysWithValues: streams.compactMap { stream in
        stream.statusWhenOpened.map { (stream.file, $0) }
      })
  }

  /// Whether every line of every stream has been returned.
  var isFlushed: Bool { streams.allSatisfy { $0.lineAssembler.isFlushed || !$0.wasOpened } }
}

import Glibc
import SluiceRecords
import SluiceSystem
import Synchronization

/// Reading of files into partials.
extension PartialCache {
  /// Reads files, each into its own partial.
  func scan(_ listing: ArchiveListing, _ files: Set<Int>) throws(ScanError) -> [Int: Entry] {
    let queue = WorkQueue(
      listing, verifies: options.verifies, limits: options.limits, only: files,
      progress: options.progress)
    if files.isEmpty { return [:] }
    let spill = options.spill(plan, fileCount: listing.files.count)
    let outputsByFile = Monitor([Int: [ScanWorker<RuleMatcher>.Output]]())
    let hasFailed = Atomic(false)
    let pool = WorkerPool(queue: queue, limits: options.limits, threads: options.threads)
    let entries = try pool.run { () throws(ScanError) in
      var worker = ScanWorker(plan: plan, sink: RuleMatcher(plan: plan, key: key, spill: spill))
      var entries: [(Int, Entry)] = []
      while !hasFailed.load(ordering: .relaxed), let (stream, isNew) = queue.file() {
        let isContinued = worker.read(stream, isNew: isNew, queue)
        let output = worker.takeOutput(renewing: RuleMatcher(plan: plan, key: key, spill: spill))
        outputsByFile.withLock { $0[stream.file, default: []].append(output) }
        guard isContinued else { break }
        guard queue.leave(stream) else { continue }
        let outputs = outputsByFile.withLock { $0.removeValue(forKey: stream.file) ?? [] }
        do throws(ScanError) {
          entries.append(
            (stream.file, try keep(outputs, stream, listing.files[stream.file], listing.files.count)))
        } catch {
          hasFailed.store(true, ordering: .relaxed)
          throw error
        }
      }
      return entries
    }
    return Dictionary(uniqueKeysWithValues: entries.joined())
  }

  /// Writes the findings of a file to its partial. If the partial may not be kept, its file is removed after use.
  func keep(
    _ outputs: [ScanWorker<RuleMatcher>.Output], _ stream: ArchiveStream, _ file: ArchiveListing.File,
    _ fileCount: Int
  ) throws(ScanError) -> Entry {
    try outputs.checkSpill()
    var totals = ScanStats(rules: plan.rules)
    for output in outputs { totals.add(output) }
    let status = stream.statusWhenOpened
    // A file that could not be opened has no version.
    var source = PartialSource(path: path(of: file), status: status)
    var name: String?
    if let status, mayKeep(file, status, totals.log) {
      if folder.isParanoid { source.content = try? contentHash(file.location) }
      name = Self.name(source.path, status, contract: contractBytes, content: source.content)
    }
    do {
      let atomicFile = try AtomicFile(name, in: folder.path, waits: true)
      let writer = try PartialWriter(to: atomicFile.descriptor, contract, [source], files: [stream.file])
      try writer.write(outputs, plan, options, fileCount: fileCount, key: key)
      let own = totals.renumbered(as: 0)
      try writer.finish(own)
      // The file was written to while it was read. The bytes may be neither the old version nor the new one.
      if let status, file.location.status != status { name = nil }
      return Entry(
        name: name, file: try atomicFile.commit(keeps: name != nil), frames: writer.rowFrames,
        rowCounts: writer.rowCounts, contract: contract, totals: own, status: status,
        content: source.content, filters: Array(options.rules.indices))
    } catch let error as ScanError {
      throw error
    } catch {
      throw .cacheFolder("the partial of \(file.path) cannot be written to \(folder.path): \(error)")
    }
  }

  /// Returns whether the partial of a file may be kept, unless the file changes while it is read.
  func isAtRest(_ file: ArchiveListing.File) -> Bool {
    file.identity != nil && file.location.status.map(isAtRest) ?? false
  }

  private func isAtRest(_ status: FileVersion) -> Bool {
    max(status.modified, status.changed) <= start - Self.restNanoseconds
  }

  /// Returns whether a later run would read the same bytes: the file was at rest, and all of it could be read.
  func mayKeep(_ file: ArchiveListing.File, _ status: FileVersion, _ log: ProblemLog) -> Bool {
    file.identity != nil && isAtRest(status) && file.location.status == status
      && !log.entries.keys.contains { $0.reason.isOne(of: [.unreadable, .changed]) }
  }
}

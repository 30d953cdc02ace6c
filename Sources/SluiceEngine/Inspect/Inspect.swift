import SluiceRecords
import SluiceSystem

/// Options of an inspection.
package struct InspectOptions: Sendable {
  /// Files, directories, or `-` for standard input.
  package var paths: [String]
  /// Minimum gap: times further apart than this make one. From 1 to `DurationText.millisecondsMax`.
  package var gapMilliseconds: Int64 = 3_600_000
  /// Number of threads, from 1 to 256.
  package var threads = availableProcessors()
  /// Whether checksums that are present are verified.
  package var verifies = true
  package var limits = Limits()
  /// Receiver of the inspection's progress.
  package var progress: ScanProgress?
  package var tuning = Tuning()

  package init(paths: [String]) { self.paths = paths }
}

extension Inspection {
  /// Inspects the files of an archive: their compression and their events.
  ///
  /// Every line is parsed, as in a strict scan. One worker reads each file from the first to the last byte, and several
  /// files are read at once. The findings of each file therefore stay apart. An archive of one file is read by one
  /// thread.
  ///
  /// The result does not depend on the number of threads, the order of files or the sizes in `tuning`. It reports
  /// unusable input. The function throws only if the archive decompresses to more than `limits` allow.
  package init(_ options: InspectOptions, listing: ArchiveListing? = nil) throws(ScanError) {
    precondition((1...256).contains(options.threads))
    let key = HashKey(options.tuning)
    let listing = listing ?? ArchiveListing(paths: options.paths)
    let queue = WorkQueue(
      listing, verifies: options.verifies, limits: options.limits,
      progress: options.progress)
    let plan = ScanPlan(
      rules: [], from: nil, to: nil, isStrict: true, limits: options.limits, tuning: options.tuning)

    let outputs = try WorkerPool(queue: queue, limits: options.limits, threads: options.threads).run {
      var outputs: [(file: Int, output: ScanWorker<FileInspector>.Output)] = []
      while let (stream, isNew) = queue.file(), isNew {
        var worker = ScanWorker(
          plan: plan, sink: FileInspector(key: key, gapMilliseconds: options.gapMilliseconds))
        guard worker.read(stream, isNew: true, queue) else { break }
        outputs.append((stream.file, worker.output))
      }
      return outputs
    }.joined().sorted { $0.file < $1.file }
    precondition(outputs.map(\.file) == Array(listing.files.indices), "a file was passed over")
    self.init(options: options, listing: listing, found: outputs.map(\.output))
  }
}

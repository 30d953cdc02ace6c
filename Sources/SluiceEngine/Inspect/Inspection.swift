import SluiceRecords

/// Result of an inspection: the record `sluice.inspect/1`.
package struct Inspection: Sendable {
  package var gapMilliseconds: Int64
  /// Inspections of the files, in the order of their paths.
  package var files: [FileInspection] = []
  /// Inspection of all files together. Its gaps are those of the whole archive, because the events of one file may fill
  /// the gaps of another. Duplicates are counted only within files.
  package var total: FileInspection
  package var problems: [Problem]
  /// Expectations that were not met. The only one is that there is a record.
  package var shortfalls: [Shortfall]
  package var skipped: ArchiveListing.Skipped

  /// Whether all input was read and used.
  package var isComplete: Bool { problems.isEmpty && total.records.rejected.isEmpty && shortfalls.isEmpty }

  init(options: InspectOptions, listing: ArchiveListing, found: [ScanWorker<FileInspector>.Output]) {
    gapMilliseconds = options.gapMilliseconds
    total = FileInspection(gapMilliseconds: gapMilliseconds)
    var log = ProblemLog()
    var recognition = ArchiveRecognition()
    for (file, output) in zip(listing.files, found) {
      var inspected = FileInspection(gapMilliseconds: gapMilliseconds)
      // The size of standard input is known only after it has been read.
      let sizeBytes = file.identity == nil ? output.input.bytesCompressed : file.sizeBytes
      inspected.path = file.path
      inspected.add(output, sizeBytes: sizeBytes)
      total.add(output, sizeBytes: sizeBytes)
      files.append(inspected)
      log.merge(output.log)
      recognition.merge(output.recognition)
    }
    // Every record was parsed and, if necessary, rejected when it was found.
    var records = RecordStats()
    recognition.apply(to: &records, &log)
    total.finish()
    for index in files.indices { files[index].finish() }
    problems = listing.problems + log.problems(files: listing.files.map(\.path))
    shortfalls = Expectation().shortfalls(
      fileCount: files.count, emptyFileCount: 0, recordCount: total.records.count, hours: CoveredHours(),
      asksForTime: false)
    skipped = listing.skipped
  }
}

import SluiceRecords
import SluiceRules

extension RunStats {
  /// Assembles the statistics after the last pass of a run. Every run checks here that every record is accounted for.
  ///
  /// - Parameter triaged: the files read for triage, if they are not the files of the first pass.
  init(
    options: ScanOptions, _ reading: ObservationSet, detections: [Detection], expired: [[Int]],
    duplicates: Int,
    triage: TriageRead.Result?, triaged: ArchiveListing? = nil, since start: ContinuousClock.Instant
  ) {
    let (listing, scan) = (reading.listing, reading.totals)
    precondition(scan.records.isBalanced, "records or lines went missing")
    self.init(
      input: scan.input, records: scan.records, candidates: scan.candidates.count,
      unrecognised: (scan.recognition.unrecognisedFiles, scan.recognition.unrecognisedSamples),
      duplicates: duplicates, coverage: Coverage(scan.hours), triage: triage?.stats,
      lacksTriage: options.triages && listing.readsStandardInput && !detections.isEmpty,
      cacheUse: reading.cacheUse
        ?? CacheUse(filesRead: scan.input.files, bytesRead: scan.input.bytesCompressed),
      skipped: listing.skipped,
      run: Resources(threads: options.threads, shards: options.tuning.shardCount, since: start))
    var log = scan.log
    scan.recognition.apply(to: &records, &log)
    for (rule, passed) in zip(options.rules, scan.passed) {
      observations.append((rule.id, passed.last ?? 0))
      let own = detections.filter { $0.rule.id == rule.id }
      self.detections.append((rule.id, own.count))
      suppressed.append((rule.id, own.count { $0.suppressed != nil }))
      funnel.append((rule.id, zip(rule.filter, passed).map { ($0.name, $1) }))
    }
    exceptions = options.exceptions.enumerated().map { index, exception in
      let hidden = detections.count { $0.suppressed?.exception == exception.id }
      return (exception, ExceptionUse(hidden: hidden, expired: expired.reduce(0) { $0 + $1[index] }))
    }
    lastKnown =
      (detections.map(\.lastSeen) + [scan.hours.hours.max().map(scan.hours.start)].compactMap { $0 }).max()
    if let triage, triaged == nil { log.merge(triage.log) }
    problems = listing.problems + log.problems(files: listing.files.map(\.path))
    if let triage, let triaged {
      problems += triaged.problems + triage.log.problems(files: triaged.files.map(\.path))
    }
    shortfalls = options.expectation.shortfalls(
      fileCount: input.files, emptyFileCount: listing.emptyFiles, recordCount: records.count,
      hours: scan.hours, asksForTime: options.from != nil || options.to != nil)
    if let lacking = triage?.detectionsLackingEvents, lacking > 0 {
      shortfalls.append(TriageRead.shortfall(lacking))
    }
  }
}

import SluiceRecords
import SluiceSystem

/// Scans an archive into one partial, see ``Scan/writePartial(of:range:to:framesPerShard:)``.
func makePartial(
  _ options: ScanOptions, _ listing: ArchiveListing, range: Range<Int>?, to descriptor: CInt,
  framesPerShard: Bool
) throws -> RunStats {
  if range != nil, listing.files.count != 1 {
    throw ScanError.range("--range needs exactly one file, and there are \(listing.files.count)")
  }
  let start = ContinuousClock().now
  var options = options
  (options.from, options.to) = (nil, nil)
  // A part of an archive may hold no record.
  options.expectation.recordCountMin = 0
  let key = HashKey(options.tuning)
  let plan = ScanPlan(forPartialsOf: options, framesPerShard ? .byRule : .byKey)
  let contract = PartialContract(plan, verifies: options.verifies)
  let scan = try WorkerOutputs(listing, plan, options, key: key, split: range.map { FileSplit($0) })
  var sources = listing.files.enumerated().map { number, file in
    PartialSource(path: file.location, status: scan.versions[number], range: range)
  }
  var totals = scan.totals(plan)
  // A file that could not be listed becomes an unread source, so that the merge reports it too.
  for problem in listing.problems {
    totals.log.add(
      file: sources.count, Position(fileOffset: 0, offsetInBlock: 0), reason: problem.reason, problem.message)
    sources.append(PartialSource(path: ArchiveListing.Path(problem.file), status: nil))
  }
  let writer = try PartialWriter(
    to: descriptor, contract, sources, files: Array(sources.indices), framesPerShard: framesPerShard)
  try writer.write(scan.outputs, plan, options, fileCount: sources.count, key: key)
  if range != nil { try totals.checkSplit(listing.files[0].path) }
  try writer.finish(totals)
  let reading = ObservationSet(
    listing: listing, versions: scan.versions, observed: .held([]), totals: scan.totals(plan))
  return RunStats(
    options: options, reading, detections: [], expired: [], duplicates: 0, triage: nil, since: start)
}

extension ScanStats {
  /// Fails if the file cannot be split.
  fileprivate func checkSplit(_ path: String) throws(ScanError) {
    for (key, entries) in log.entries where key.reason == .range {
      throw .range("\(path): \(entries.kept.first?.message ?? "")")
    }
    if times.files.values.contains(where: { !$0.isInLines }) {
      throw .range(
        "\(path): some events of this file are not single lines, so it cannot be split; leave out --range"
      )
    }
  }
}

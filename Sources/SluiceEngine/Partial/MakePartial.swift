import SluiceRecords
import SluiceSystem

/// Archive to a partial: one of all its files, for ``merge(_:_:expected:shards:)``.
///
/// - Parameters:
///   - options: of which what concerns detection does not matter, nor the time asked for.
///   - descriptor: to which it is written.
///   - framesPerShard: whether each frame's rows are of one shard.
/// - Returns: the figures of the archive, without detections.
public func makePartial(
  _ options: ScanOptions, _ listing: ArchiveListing, to descriptor: CInt, framesPerShard: Bool
) throws -> Figures {
  let start = ContinuousClock().now
  var options = options
  (options.from, options.to) = (nil, nil)
  let key = options.tuning.hashSeed.map(HashKey.init(seed:)) ?? .random()
  let plan = ScanPlan(forPartialsOf: options)
  let contract = PartialContract(plan, verifies: options.verifies)
  let scan = try ArchiveScan(listing, plan, options, key: key)
  let sources = listing.files.enumerated().map { number, file in
    PartialSource(path: file.location, status: scan.statuses[number])
  }
  let writer = try PartialWriter(
    to: descriptor, contract, sources, files: Array(sources.indices), framesPerShard: framesPerShard)
  try writer.write(scan.outputs, plan, options, fileCount: sources.count, key: key)
  let totals = scan.totals(plan)
  try writer.finish(totals)
  let reading = Reading(listing: listing, statuses: scan.statuses, observed: .held([]), totals: totals)
  return Figures(
    options: options, reading, detections: [], expired: [], duplicates: 0, triage: nil, since: start)
}

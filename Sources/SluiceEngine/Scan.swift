import Glibc
import SluiceRecords
import SluiceSystem

/// Scans an archive and returns its detections.
///
/// The result does not depend on the number of threads, the order of files, the sizes in `tuning` or the memory.
/// It depends neither on cached partials nor on the clock, unless a maximum age is expected (``Expectation``).
/// Only ``RunStats/run``, the work that ``RunStats/triage`` reports, and the amount read may differ.
///
/// Unusable input is reported in the statistics. The function throws only if the archive decompresses to more than
/// `limits` allow, or if observations that exceed the memory cannot be written to disk. Running out of memory ends
/// the process.
///
/// - Parameter listing: the listing of `options.paths`, if it has been made already.
package func scan(_ options: ScanOptions, listing: ArchiveListing? = nil) throws(ScanError) -> ScanResult {
  let start = ContinuousClock().now
  let key = options.hashKey
  let reading = try read(options, listing, key: key)
  // Triage would have to read standard input twice.
  let near = options.triages && !reading.listing.readsStandardInput ? reading : nil
  return try detect(in: reading, near: near, options, key: key, since: start)
}

/// Computes the curve of one rule's threshold in one scan. Guarantees and costs are those of ``scan(_:listing:)``.
///
/// - Parameter options: options of the scan; their rules are ignored.
package func whatIf(_ term: ThresholdTerm, _ options: ScanOptions) throws(ScanError) -> (
  curve: ThresholdCurve, stats: RunStats
) {
  let start = ContinuousClock().now
  var options = options
  options.rules = [term.rule]
  let key = options.hashKey
  let values = term.range.values
  let reading = try read(options, nil, key: key)
  let result = try ShardResults(
    of: reading, options, key: key,
    { detector, shard in detector.tally(in: shard, of: term, values) },
    detector: Detector(options: Detector.Options(options, reading.listing), key: key))
  var counts = Array(repeating: ThresholdTally.Count(), count: values.count)
  for tally in result.found { counts.add(tally.counts) }
  return (
    ThresholdCurve(term, counts, hasExceptions: !options.exceptions.isEmpty),
    RunStats(
      options: options, reading, detections: [], expired: [], duplicates: result.duplicates, triage: nil,
      since: start)
  )
}

extension ScanOptions {
  fileprivate var hashKey: HashKey { tuning.hashSeed.map(HashKey.init(seed:)) ?? .random() }
}

/// Reads an archive, or only the files without a usable partial if partials are kept.
private func read(_ options: ScanOptions, _ listing: ArchiveListing?, key: HashKey) throws(ScanError)
  -> ObservationSet
{
  let listing = listing ?? ArchiveListing(paths: options.paths)
  if let folder = options.partials {
    return try PartialCache(folder, options, key: key).read(listing)
  }
  let plan = ScanPlan(options)
  return try WorkerOutputs(listing, plan, options, key: key).observationSet(plan, options)
}

/// Turns observations into detections.
///
/// - Parameters:
///   - near: input of triage; nil for no triage.
///   - triaged: the files of `near`, if they are not the files that were scanned.
private func detect(
  in reading: ObservationSet, near: ObservationSet?, triaged: ArchiveListing? = nil, _ options: ScanOptions,
  key: HashKey,
  shards: ClosedRange<Int>? = nil, since start: ContinuousClock.Instant
) throws(ScanError) -> ScanResult {
  let result = try ShardResults(
    of: reading, options, key: key, shards: shards,
    { detector, shard in detector.detections(in: shard) },
    detector: Detector(options: Detector.Options(options, reading.listing), key: key))
  var detections = result.found.flatMap(\.detections).sorted(by: Detection.inOrder)
  var triage: TriageRead.Result?
  if let near {
    triage = try TriageRead(options, near, key: key, readsOtherFiles: triaged != nil).complete(&detections)
  }
  Detection.joinIncidents(&detections)
  return ScanResult(
    detections: detections,
    stats: RunStats(
      options: options, reading, detections: detections, expired: result.found.map(\.expired),
      duplicates: result.duplicates, triage: triage, triaged: triaged, since: start))
}

/// Merges partials into detections, as if their archive were scanned.
///
/// - Parameters:
///   - paths: files that contain partials.
///   - options: options of the scan. Triage reads the files in `paths`, if there are any.
///   - expected: expected number of sources; nil for any number.
///   - shards: shards to evaluate; nil for all. Only the rows of these shards must be present.
package func merge(
  _ paths: [String], _ options: ScanOptions, expected: Int? = nil, shards: ClosedRange<Int>? = nil
) throws(ScanError) -> ScanResult {
  let start = ContinuousClock().now
  var options = options
  options.triages = options.triages && !options.paths.isEmpty
  let key = options.hashKey
  let partials: MergedPartials
  do throws(PartialError) {
    partials = try MergedPartials(paths, expected: expected, shards: shards, threads: options.threads)
    options.tuning.shardCount = partials.shardCount
    if let shards, shards.upperBound >= partials.shardCount {
      throw PartialError(
        "there are shards 0 to \(partials.shardCount - 1), and none up to \(shards.upperBound)")
    }
  } catch {
    throw .partial(error)
  }
  let reading: ObservationSet
  do throws(PartialError) {
    reading = try partials.observationSet(options, shards: shards)
  } catch {
    throw .partial(error)
  }
  let near = options.triages ? partials.triageInput(ArchiveListing(paths: options.paths), reading) : nil
  return try detect(
    in: reading, near: near, triaged: near?.listing, options, key: key, shards: shards, since: start)
}

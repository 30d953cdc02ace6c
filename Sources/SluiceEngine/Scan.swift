import Glibc
import SluiceRecords
import SluiceSystem

/// Archive to detections.
///
/// Nothing in the result but ``RunStats/run``, what ``RunStats/triage`` says of the work done, and how much
/// was read, depends on the number of threads, the order of files, the sizes in `tuning`, the memory, what
/// was known before, or the clock, unless it is expected to be young (``Expectation``). Input that cannot be
/// used is named in the figures. Fails only if the archive decompresses to more than `limits` allow, or what
/// does not fit into memory cannot be written out; running out of memory ends the process.
///
/// - Parameter listing: of `options.paths`, if that has been made already.
public func scan(_ options: ScanOptions, listing: ArchiveListing? = nil) throws(ScanError) -> ScanResult {
  let start = ContinuousClock().now
  let key = options.hashKey
  let reading = try read(options, listing, key: key)
  // Standard input would have to be read twice.
  let near = options.triages && !reading.listing.readsStandardInput ? reading : nil
  return try detect(in: reading, near: near, options, key: key, since: start)
}

/// Archive to the curve of one rule's threshold, in one scan; promises and costs as those of ``scan(_:listing:)``.
///
/// - Parameter options: whose rules do not matter.
public func whatIf(_ term: ThresholdTerm, _ options: ScanOptions) throws(ScanError) -> (
  curve: ThresholdCurve, figures: RunStats
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

/// Reads an archive, or of its files those of which no partial is kept.
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

/// What was read to detections.
///
/// - Parameters:
///   - near: what triage reads; nil for no triage.
///   - triaged: its files, if those are not the ones that were read before.
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
    figures: RunStats(
      options: options, reading, detections: detections, expired: result.found.map(\.expired),
      duplicates: result.duplicates, triage: triage, triaged: triaged, since: start))
}

/// Partials to detections, as if the archive that they are of were scanned.
///
/// - Parameters:
///   - paths: of files of partials.
///   - options: of which `paths` is where near files are read for triage, if there are some.
///   - expected: how many sources there should be; nil for any number.
///   - shards: those that are evaluated, of which alone the rows need to be there; nil for all.
public func merge(
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

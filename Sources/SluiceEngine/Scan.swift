import Glibc
import SluiceRecords
import SluiceSystem

/// A scan of an archive.
///
/// ```swift
/// var options = ScanOptions(paths: ["/archive/okta"])
/// options.threads = 8
/// for detection in try Scan(options).run().detections { print(detection.id) }
/// ```
///
/// The result does not depend on the number of threads, the order of files, the sizes in `tuning` or the memory.
/// It depends neither on cached partials nor on the clock, unless a maximum age is expected (``Expectation``).
/// Only ``RunStats/run``, the work that ``RunStats/triage`` reports, and the amount read may differ.
public struct Scan: Sendable {
  public var options: ScanOptions

  public init(_ options: ScanOptions) { self.options = options }
}

extension Scan {
  /// Scans the archive and returns its detections.
  ///
  /// Unusable input is reported in the statistics. The function throws only if the archive decompresses to more than
  /// `limits` allow, or if observations that exceed the memory cannot be written to disk. Running out of memory ends
  /// the process. The time is that of decompressing the archive, and a second pass over files near detections.
  public func run() throws(ScanError) -> ScanResult { try run(listing: nil) }

  /// Scans a listing of the options' paths that has been made already.
  package func run(listing: ArchiveListing?) throws(ScanError) -> ScanResult {
    let start = ContinuousClock().now
    let key = HashKey(options.tuning)
    let reading = try read(options, listing, key: key)
    // Triage would have to read standard input twice.
    let triageInput = options.triages && !reading.listing.readsStandardInput ? reading : nil
    return try detect(in: reading, triageInput: triageInput, options, key: key, since: start)
  }

  /// Computes the curve of one rule's threshold in one scan. The rules of the options are ignored.
  ///
  /// Guarantees and costs are those of ``run()``.
  package func curve(of term: ThresholdTerm) throws(ScanError) -> (
    curve: ThresholdCurve, stats: RunStats
  ) {
    let start = ContinuousClock().now
    var options = self.options
    options.rules = [term.rule]
    let key = HashKey(options.tuning)
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

  /// Merges partials into detections, as if their archive were scanned.
  ///
  /// - Parameters:
  ///   - paths: files that contain partials. Triage reads the files in `options.paths`, if there are any.
  ///   - expected: expected number of sources; nil for any number.
  ///   - shards: shards to evaluate; nil for all. Only the rows of these shards must be present.
  package func merging(
    _ paths: [String], expected: Int? = nil, shards: ClosedRange<Int>? = nil
  ) throws(ScanError) -> ScanResult {
    let start = ContinuousClock().now
    var options = self.options
    options.triages = options.triages && !options.paths.isEmpty
    let key = HashKey(options.tuning)
    let partials: MergedPartials
    let reading: ObservationSet
    do throws(PartialError) {
      partials = try MergedPartials(paths, expected: expected, shards: shards, threads: options.threads)
      options.tuning.shardCount = partials.shardCount
      if let shards, shards.upperBound >= partials.shardCount {
        throw PartialError(
          "there are shards 0 to \(partials.shardCount - 1), and none up to \(shards.upperBound)")
      }
      reading = try partials.observationSet(options, shards: shards)
    } catch {
      throw .partial(error)
    }
    let triageInput =
      options.triages ? partials.triageInput(ArchiveListing(paths: options.paths), reading) : nil
    return try detect(
      in: reading, triageInput: triageInput, triaged: triageInput?.listing, options, key: key, shards: shards,
      since: start)
  }

  /// Scans an archive into one partial of all its files, for ``merging(_:expected:shards:)``. Options of
  /// detection and the time range are ignored.
  ///
  /// - Parameters:
  ///   - range: byte range of the only file: lines that begin in blocks that begin in the range are read. nil for all
  ///     bytes of each file.
  ///   - descriptor: destination of the partial.
  ///   - framesPerShard: whether shards can be dealt out to several processes. Each frame then has rows of only one
  ///     shard, and so has each rule that does not group by the client IP.
  /// - Returns: the statistics of the archive, without detections.
  package func writePartial(
    of listing: ArchiveListing, range: Range<Int>? = nil, to descriptor: CInt, framesPerShard: Bool
  ) throws -> RunStats {
    try makePartial(options, listing, range: range, to: descriptor, framesPerShard: framesPerShard)
  }
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
///   - triageInput: observations of the files that triage may read; nil for no triage.
///   - triaged: the files of `triageInput`, if they are not the files that were scanned.
private func detect(
  in reading: ObservationSet, triageInput: ObservationSet?, triaged: ArchiveListing? = nil,
  _ options: ScanOptions, key: HashKey, shards: ClosedRange<Int>? = nil, since start: ContinuousClock.Instant
) throws(ScanError) -> ScanResult {
  let result = try ShardResults(
    of: reading, options, key: key, shards: shards,
    { detector, shard in detector.detections(in: shard) },
    detector: Detector(options: Detector.Options(options, reading.listing), key: key))
  var detections = result.found.flatMap(\.detections).sorted(by: Detection.inOrder)
  var triage: TriageRead.Result?
  if let triageInput {
    let read = TriageRead(options, triageInput, key: key, readsOtherFiles: triaged != nil)
    triage = try read.complete(&detections)
  }
  Detection.joinIncidents(&detections)
  return ScanResult(
    detections: detections,
    stats: RunStats(
      options: options, reading, detections: detections, expired: result.found.map(\.expired),
      duplicates: result.duplicates, triage: triage, triaged: triaged, since: start))
}

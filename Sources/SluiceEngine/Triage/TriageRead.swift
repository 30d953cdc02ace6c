import SluiceRecords
import SluiceRules
import SluiceSystem

/// Answers an analyst's questions about detections with a second, narrow pass over the archive.
///
/// The pass reads only files that may hold events in the time range of a client IP, and parses only lines that hold one
/// of the addresses. Only ``TriageStats/seconds`` depends on the number of threads, the order of files or the clock.
struct TriageRead {
  let options: ScanOptions
  let listing: ArchiveListing
  /// Time ranges of the files, and their versions, as the first pass saw them.
  let times: FileTimeRanges
  let versions: [Int: FileVersion]
  /// Problems of the files in the first pass.
  let log: ProblemLog
  let key: HashKey
  /// Whether the files are not the ones from which the detections were made.
  let readsOtherFiles: Bool
  /// Numbering of the hours in `times`.
  private let hours: CoveredHours

  init(_ options: ScanOptions, _ reading: ObservationSet, key: HashKey, readsOtherFiles: Bool = false) {
    precondition(Rulebook.ruleCountMax + TriageEvents.Kind.allCases.count <= Observation.ruleCountMax)
    self.options = options
    self.readsOtherFiles = readsOtherFiles
    self.key = key
    listing = reading.listing
    versions = reading.versions
    times = reading.totals.times
    log = reading.totals.log
    hours = reading.totals.numbering
  }

  /// Result of the second pass, besides the triage itself.
  struct Result {
    var stats: TriageStats
    /// Problems of files that could not be read again.
    var log: ProblemLog
    /// Number of detections some of whose events are not in the files that were read. They have no triage.
    var detectionsLackingEvents = 0
  }

  /// Returns the shortfall of a run whose triage files do not hold all events of some detections.
  static func shortfall(_ detections: Int) -> Shortfall {
    Shortfall(
      reason: .triageFrom,
      message: """
        events of \(NumberFormat.count(detections, "detection")) are not in the files of --triage-from, so what else happened is not \
        known; name the files of all partials
        """)
  }

  /// Sets the triage of detections that have a client IP. - Precondition: no file is standard input.
  func complete(_ detections: inout [Detection]) throws(ScanError) -> Result {
    let start = ContinuousClock().now
    let targets = TriageTargets(detections, of: options.rules)
    let timeIndex = TimeIndex(times, hours)
    for index in targets.detections.values.joined() {
      let range = detections[index].triageRange
      var triage = Triage(from: range.lowerBound, to: range.upperBound)
      triage.filesRead = timeIndex.count(range)
      triage.filesSkipped = versions.count - triage.filesRead
      detections[index].triage = triage
    }
    let ranges = targets.allRanges
    let files = timeIndex.files(ranges)
    let plan = ScanPlan(
      rules: targets.rules + TriageEvents.Kind.allCases.map(TriageEvents.rule), from: nil, to: nil,
      isStrict: false,
      limits: options.limits, tuning: options.tuning, addresses: Array(targets.detections.keys),
      beside: TriageEvents.fields, isSecondPass: true)
    let read = try readAgain(files, near: ranges, of: targets, plan)

    let mergeRules = MergeRules.keepingAll(plan.rules, lastFields: TriageEvents.fields)
    let known = detections
    let triagesByShard = parallelMap(
      count: options.tuning.shardCount, threads: options.threads,
      state: { read.map { MergedShard.Part(shards: $0.findings, remap: DictionaryRemap($0.findings.texts)) } }
    ) { parts, index in
      let shard = MergedShard(
        index, of: parts, rules: mergeRules, keepsDuplicates: options.keepsDuplicates, key: key)
      return triages(of: known, targets, in: shard)
    }
    var lacking = readsOtherFiles ? Set(targets.detections.values.joined()) : []
    for found in triagesByShard.joined() {
      detections[found.index].triage = found.triage
      detections[found.index].evidence?.signIns = found.signIns
      if found.hasAllEvents { lacking.remove(found.index) }
    }
    for index in lacking {
      detections[index].triage = nil
      detections[index].evidence?.signIns = nil
    }

    var stats = TriageStats(read, filesSkipped: versions.count - files.count)
    stats.seconds = (ContinuousClock().now - start) / .seconds(1)
    return Result(stats: stats, log: newFailures(read), detectionsLackingEvents: lacking.count)
  }

  /// Reads files again for events of the client IPs.
  private func readAgain(
    _ files: [Int], near ranges: [ClosedRange<EventTime>], of targets: TriageTargets, _ plan: ScanPlan
  ) throws(ScanError) -> [ScanWorker<TriageMatcher>.Output] {
    let damaged = Set(log.entries.keys.map(\.file))
    let secondPasses = files.compactMap { file -> (Int, ArchiveStream.SecondPass)? in
      guard let status = versions[file] else { return nil }
      // Fragments of lines next to damage can only be understood with the bytes around them.
      let zones = times.files[file].flatMap { $0.zones.isEmpty || damaged.contains(file) ? nil : $0 }
      return (file, .init(status: status, selection: zones.map { TriageBlockSelection($0, ranges, hours) }))
    }
    let queue = WorkQueue(
      listing, verifies: options.verifies, limits: options.limits,
      secondPasses: Dictionary(uniqueKeysWithValues: secondPasses), progress: options.progress)
    return try ScanWorker.outputs(of: queue, plan, threads: options.threads) { [key] in
      TriageMatcher(plan: plan, targets: targets, key: key)
    }
  }

  private func newFailures(_ read: [ScanWorker<TriageMatcher>.Output]) -> ProblemLog {
    var all = ProblemLog()
    for output in read { all.merge(output.log) }
    return all.renamed(
      [.unreadable, .changed], to: .triage, unlessIn: log,
      "triage may lack events of this file, which was read before")
  }

  // MARK: Detections

  /// Triage of the detection at an index.
  private struct DetectionTriage {
    var index: Int
    var triage: Triage
    var signIns: [DetectionEvidence.File]?
    var hasAllEvents: Bool
  }

  /// Returns the triage of those detections whose client IPs are in a shard.
  private func triages(
    of detections: [Detection], _ targets: TriageTargets, in shard: MergedShard
  ) -> [DetectionTriage] {
    var triages: [DetectionTriage] = []
    let paths = options.evidencePaths(of: listing)
    let users = FieldNumbers([.user], in: shard, key: key)
    let networks = AddressTriage.networkNumbers(in: shard, key: key)
    let keys = targets.rules.map { rule in
      rule.restOfKey.isEmpty ? nil : FieldNumbers(rule.fieldsOfKey, in: shard, key: key)
    }
    for group in shard.groups {
      guard let address = group.address, let locations = targets.detections[address] else { continue }
      func rows(_ kind: TriageEvents.Kind) -> ArraySlice<Observation> {
        let kindIndex = TriageEvents.Kind.allCases.firstIndex(of: kind) ?? 0
        return shard.rows(of: group, thatPassed: targets.rules.count + kindIndex)
      }
      var ofAddress = AddressTriage(
        shard, address, signIns: rows(.signIn), threats: rows(.threatInsight), users: users,
        networks: networks)
      // Events by rule and by the rest of its key.
      let own = targets.rules.enumerated().map { index, rule in
        Dictionary(
          uniqueKeysWithValues: shard.partition(
            shard.rows(of: group, thatPassed: index), by: rule, keys[index]))
      }
      let inOrder = locations.sorted { (detections[$0].firstSeen, $0) < (detections[$1].firstSeen, $1) }
      for detectionIndex in inOrder {
        let detection = detections[detectionIndex]
        guard var triage = detection.triage,
          let index = targets.rules.firstIndex(where: { $0.id == detection.rule.id })
        else { continue }
        let events = (own[index][detection.restOfKey] ?? []).from(
          detection.firstSeen, to: detection.lastSeen)
        ofAddress.complete(
          &triage, own: events,
          namesUsers: targets.rules[index].fieldsKept.contains(.user))
        let signIns = paths.flatMap { paths in
          ofAddress.signInLocations.map { DetectionEvidence.files($0, paths: paths) }
        }
        triages.append(
          DetectionTriage(
            index: detectionIndex, triage: triage, signIns: signIns,
            hasAllEvents: events.count >= detection.eventCount))
      }
    }
    return triages
  }
}

extension ArraySlice<Observation> {
  /// Returns the observations in a time range, including both ends. Windows are convex, so the events of a rule and key
  /// from a detection's first to its last event are exactly the events of that detection.
  fileprivate func from(_ first: EventTime, to last: EventTime) -> ArraySlice<Observation> {
    self[partitioningIndex(where: { $0.time >= first })..<partitioningIndex(where: { $0.time > last })]
  }
}

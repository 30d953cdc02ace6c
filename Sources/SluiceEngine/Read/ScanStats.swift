import SluiceRecords
import SluiceRules

/// Counts and other facts that a scan of an archive, or of a part of it, collects besides observations.
struct ScanStats: Sendable {
  var input = InputStats()
  var records = RecordStats()
  /// Events that passed a filter step and all steps before it, by rule and step.
  var passed: [[Int]]
  var candidates = CandidateCounts()
  var hours: CoveredHours
  var recognition = ArchiveRecognition()
  /// Time ranges of files, in hours as numbered by ``numbering``.
  var times = FileTimeRanges()
  /// Covered hours without any hour. They define how hours are cut and numbered.
  var numbering: CoveredHours
  var log = ProblemLog()
  /// Sum of all counts of statistics that were read from a partial. It bounds every sum of them.
  var weight = 0

  init(rules: [Rule], from: EventTime? = nil, to: EventTime? = nil) {
    passed = rules.map { rule in rule.filter.map { _ in 0 } }
    hours = CoveredHours(from: from, to: to)
    numbering = hours
  }

  /// Adds the output of one worker. - Precondition: its rules and its time range are the same.
  mutating func add(_ output: ScanWorker<RuleMatcher>.Output) {
    input += output.input
    records += output.records
    log.merge(output.log)
    recognition.merge(output.recognition)
    hours.merge(output.findings.hours)
    times.merge(output.findings.times)
    candidates.merge(output.findings.candidates)
    for (rule, steps) in output.findings.funnel.enumerated() {
      for (step, count) in steps.enumerated() { passed[rule][step] += count }
    }
  }

  /// Adds the statistics of a partial. Their hours are not cut at the requested time range.
  ///
  /// - Parameters:
  ///   - files: file numbers of this scan by source number of the partial.
  ///   - filters: filter numbers of the partial by rule number of this scan.
  mutating func add(_ other: ScanStats, files: [Int], filters: [Int]) {
    input += other.input
    records += other.records
    for (rule, filter) in filters.enumerated() {
      // Equal filters have equally many steps, unless the partial was forged.
      for (step, count) in zip(passed[rule].indices, other.passed[filter]) { passed[rule][step] += count }
    }
    candidates.merge(other.candidates) { there in
      filters.enumerated().reduce(0) { rules, filter in
        there >> UInt32(filter.element) & 1 != 0 ? rules | 1 << UInt32(filter.offset) : rules
      }
    }
    hours.noteWhole(other.hours)
    for (file, times) in other.times.files { self.times.merge(times, of: files[file]) }
    for (file, recognition) in other.recognition.files {
      self.recognition.merge(recognition, of: files[file])
    }
    for (key, entries) in other.log.entries {
      log.merge(ProblemLog.Key(file: files[key.file], reason: key.reason), entries)
    }
    // Hours of partials are not cut.
    numbering = other.numbering
  }

  /// Returns the same statistics with another file number. - Precondition: they are about one file.
  func renumbered(as number: Int) -> ScanStats {
    var totals = self
    totals.times = FileTimeRanges()
    totals.log = ProblemLog()
    totals.recognition = ArchiveRecognition()
    for recognition in recognition.files.values { totals.recognition.merge(recognition, of: number) }
    for times in times.files.values { totals.times.merge(times, of: number) }
    for (key, entries) in log.entries {
      totals.log.merge(ProblemLog.Key(file: number, reason: key.reason), entries)
    }
    return totals
  }
}

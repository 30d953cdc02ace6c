import SluiceRecords

/// What the scan of an archive, or of a part of it, counted and noted beside its observations.
struct ScanStats: Sendable {
  var counts = RecordStats()
  var archive = InputStats()
  /// By rule, then by filter step: how many events passed it and all before it.
  var passed: [[Int]]
  var candidates = CandidateCounts()
  var hours: CoveredHours
  var recognition = ArchiveRecognition()
  /// Hours numbered as in ``numbering``.
  var times = FileTimeRanges()
  /// Without any hours: tells how they are cut.
  var numbering: CoveredHours
  var log = ProblemLog()
  /// Of totals that were read from a partial, what all counts add up to: no sum of them is larger.
  var weight = 0

  init(rules: [Rule], from: EventTime? = nil, to: EventTime? = nil) {
    passed = rules.map { rule in rule.filter.map { _ in 0 } }
    hours = CoveredHours(from: from, to: to)
    numbering = hours
  }

  /// Adds what one worker found. - Precondition: by the same rules, of the same time.
  mutating func add(_ output: ScanWorker<RuleMatcher>.Output) {
    counts.add(output.counts)
    archive.add(output.archive)
    log.merge(output.log)
    recognition.merge(output.recognition)
    hours.merge(output.findings.hours)
    times.merge(output.findings.times)
    candidates.merge(output.findings.candidates)
    for (rule, steps) in output.findings.funnel.enumerated() {
      for (step, count) in steps.enumerated() { passed[rule][step] += count }
    }
  }

  /// Adds what a partial holds, of which hours are whole and not of the time asked for alone.
  ///
  /// - Parameters:
  ///   - files: by number of its source the number of the file here.
  ///   - filters: by number of a rule here that of its filter there.
  mutating func add(_ other: ScanStats, files: [Int], filters: [Int]) {
    counts.add(other.counts)
    archive.add(other.archive)
    for (rule, filter) in filters.enumerated() {
      // The same filter has the same steps, unless somebody made the partial up.
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
    // Of partials hours are not cut.
    numbering = other.numbering
  }

  /// The same with another number of the one file. - Precondition: it is of one file.
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

  /// Fails if a record was not accounted for; called in every run.
  func check() {
    precondition(
      counts.records == counts.events + counts.rejected.values.reduce(0, +), "records went missing")
    precondition(
      counts.records
        == counts.lines - counts.blankLines - counts.linesWithoutRecord + counts.recordsBeyondLines,
      "lines went missing")
  }
}

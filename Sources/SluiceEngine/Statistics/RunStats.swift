import Glibc
import SluiceRecords
import SluiceRules

/// The statistics of one run: the record `sluice.stats/1`.
public struct RunStats: Sendable {
  public var files = 0
  package var frames = 0
  package var framesVerified = 0
  package var framesUnverifiable = 0
  package var framesCorrupt = 0
  package var bytesCompressed = 0
  package var bytesDecompressed = 0
  package var lines = 0
  package var blankLines = 0
  /// Non-blank lines on which no record begins: inner lines of an event on several lines, and brackets.
  package var linesWithoutRecord = 0
  /// Records that begin on a line on which an earlier record begins.
  package var recordsBeyondLines = 0
  public var records = 0
  public var events = 0
  /// Lines that some active rule may match, see ``CandidateCounts``.
  package var candidates = 0
  /// The number of rejected records by reason.
  package var rejected: [Reason.Word: Int] = [:]
  /// Files without any Okta event among their sampled records, and sampled records of all files that are not Okta
  /// events.
  package var unrecognised = (files: 0, recordsSampled: 0)
  /// Candidate records by the name of the outermost shape in which they were found.
  package var shapes: [String: Int] = [:]
  /// Events that passed each rule's filter, before duplicates are dropped.
  package var observations: [(rule: String, count: Int)] = []
  package var duplicates = 0
  public var detections: [(rule: String, count: Int)] = []
  /// Detections of each rule that an exception covers.
  package var suppressed: [(rule: String, count: Int)] = []
  /// The exceptions in the order in which they apply, with their use.
  package var exceptions: [(exception: RuleException, use: ExceptionUse)] = []
  /// For each rule and filter step, the events that passed it and all steps before it.
  ///
  /// Events that the rule rejects because they have no usable time are not counted.
  package var funnel: [(rule: String, steps: [(name: String, passed: Int)])] = []
  package var coverage: Coverage
  /// A lower bound of the last seen event's time, less than an hour below it; nil if no event was seen.
  package var lastKnown: EventTime?
  /// The statistics of the second pass; nil if there was none.
  package var triage: TriageStats?
  /// Whether detections could not be triaged, because standard input can be read only once.
  package var lacksTriage = false
  public var problems: [Problem] = []
  /// The expectations of the whole run that were not met.
  public var shortfalls: [Shortfall] = []
  /// The number of `files` that were read, and in `filesReused` of those taken from a partial.
  package var filesRead = 0
  package var filesReused = 0
  /// The part of `bytesCompressed` that was read.
  package var bytesRead = 0
  /// The number of partials made again because rules need more than they held, and the reason for the first.
  package var outdated: (count: Int, why: String)?
  /// Symbolic links in directories; they are not followed.
  package var linksPassedOver = 0
  /// Pipes, sockets and devices in directories; they are not read.
  package var specialsPassedOver = 0
  /// The statistics that differ from run to run.
  package var run: Resources

  package struct Resources: Sendable {
    package var threads: Int
    package var shards: Int
    package var wallSeconds: Double
    package var cpuSeconds: Double
    package var peakRSSBytes: Int
  }

  /// Whether all input was read and used.
  ///
  /// A damaged partial does not count: it is reported and was made again.
  public var isComplete: Bool {
    problems.allSatisfy { $0.reason == .partial } && rejected.isEmpty && shortfalls.isEmpty
  }

  /// - Parameter triaged: the files read for triage, if they are not the files of the first pass.
  init(
    options: ScanOptions, _ reading: ObservationSet, detections: [Detection], expired: [[Int]],
    duplicates: Int,
    triage: TriageRead.Result?, triaged: ArchiveListing? = nil, since start: ContinuousClock.Instant
  ) {
    let (listing, totals) = (reading.listing, reading.totals)
    // Every byte and every record must be accounted for, in every run.
    totals.check()
    let (archive, passed, hours) = (totals.archive, totals.passed, totals.hours)
    var (counts, log) = (totals.counts, totals.log)
    totals.recognition.apply(to: &counts, &log)
    unrecognised = (totals.recognition.unrecognisedFiles, totals.recognition.unrecognisedSamples)

    files = archive.files
    frames = archive.frames
    framesVerified = archive.framesVerified
    framesUnverifiable = archive.framesUnverifiable
    framesCorrupt = archive.framesCorrupt
    bytesCompressed = archive.bytesCompressed
    bytesDecompressed = archive.bytesDecompressed
    lines = counts.lines
    blankLines = counts.blankLines
    linesWithoutRecord = counts.linesWithoutRecord
    recordsBeyondLines = counts.recordsBeyondLines
    records = counts.records
    events = counts.events
    candidates = totals.candidates.count
    rejected = counts.rejected
    for (shape, count) in zip(Shape.allCases, counts.shapes) where count > 0 { shapes[shape.name] = count }
    self.duplicates = duplicates
    for (rule, passed) in zip(options.rules, passed) {
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
    coverage = Coverage(hours)
    lastKnown = (detections.map(\.lastSeen) + [hours.hours.max().map(hours.start)].compactMap { $0 }).max()
    self.triage = triage?.figures
    if let triage, triaged == nil { log.merge(triage.log) }
    lacksTriage = options.triages && listing.readsStandardInput && !detections.isEmpty
    linksPassedOver = listing.linksPassedOver
    specialsPassedOver = listing.specialsPassedOver
    problems = listing.problems + log.problems(files: listing.files.map(\.path))
    if let triage, let triaged {
      problems += triaged.problems + triage.log.problems(files: triaged.files.map(\.path))
    }
    shortfalls = options.expectation.shortfalls(
      fileCount: files, emptyFileCount: listing.emptyFiles, recordCount: records, hours: hours,
      asksForTime: options.from != nil || options.to != nil)
    if let lacking = triage?.detectionsLackingEvents, lacking > 0 {
      shortfalls.append(TriageRead.shortfall(lacking))
    }
    filesRead = reading.cacheUse?.filesRead ?? files
    filesReused = reading.cacheUse?.filesReused ?? 0
    bytesRead = reading.cacheUse?.bytesRead ?? bytesCompressed
    outdated = reading.cacheUse?.outdated
    var usage = rusage()
    getrusage(CInt(RUSAGE_SELF.rawValue), &usage)
    let elapsed = ContinuousClock().now - start
    run = Resources(
      threads: options.threads, shards: options.tuning.shardCount, wallSeconds: elapsed / .seconds(1),
      cpuSeconds: usage.ru_utime.seconds + usage.ru_stime.seconds,
      peakRSSBytes: peakResidentBytes() ?? usage.ru_maxrss * 1024)
  }

  /// One line of JSON, without the newline.
  package var json: [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.member("schema", "sluice.stats/1")
      json.member("files", files)
      json.member("frames", frames)
      json.member("bytes_compressed", bytesCompressed)
      json.member("bytes_decompressed", bytesDecompressed)
      json.member("lines", lines)
      json.member("blank_lines", blankLines)
      json.member("records", records)
      json.member("events", events)
      json.key("rejected")
      json.object { json in
        for (reason, count) in rejected.sorted(by: { $0.key < $1.key }) { json.member(reason.text, count) }
      }
      json.key("unrecognised")
      json.object { json in
        json.member("files", unrecognised.files)
        json.member("records_sampled", unrecognised.recordsSampled)
      }
      json.member("candidates", candidates)
      json.key("observations")
      json.object { json in for (rule, count) in observations { json.member(rule, count) } }
      json.member("duplicates", duplicates)
      json.key("detections")
      json.object { json in for (rule, count) in detections { json.member(rule, count) } }
      if !exceptions.isEmpty { write(exceptions, &json) }
      json.member("frames_verified", framesVerified)
      json.member("frames_unverifiable", framesUnverifiable)
      json.member("frames_corrupt", framesCorrupt)
      json.member("threads", run.threads)
      json.member("shards", run.shards)
      json.member("wall_seconds", .double(run.wallSeconds))
      json.member("cpu_seconds", .double(run.cpuSeconds))
      json.member("events_per_second", .double(perSecond(events)))
      json.member("bytes_per_second", .double(perSecond(bytesDecompressed)))
      json.member("peak_rss_bytes", run.peakRSSBytes)
      json.key("funnel")
      json.object { json in
        for (rule, steps) in funnel {
          json.key(rule)
          json.object { json in for (name, passed) in steps { json.member(name, passed) } }
        }
      }
      json.key("coverage")
      coverage.write(to: &json)
      if let triage {
        json.key("triage")
        triage.write(to: &json)
      } else {
        json.member("triage", .null)
      }
      json.key("problems")
      json.array { json in for problem in problems { problem.write(to: &json) } }
      json.key("shortfalls")
      json.array { json in for shortfall in shortfalls { shortfall.write(to: &json) } }
      writeSkipped(links: linksPassedOver, specials: specialsPassedOver, &json)
      json.member("files_read", filesRead)
      json.member("files_reused", filesReused)
      json.member("bytes_read", bytesRead)
      json.member("complete", .bool(isComplete))
    }
    return json.bytes
  }

  private func write(_ exceptions: [(exception: RuleException, use: ExceptionUse)], _ json: inout JSONWriter)
  {
    json.key("suppressed")
    json.object { json in for (rule, count) in suppressed { json.member(rule, count) } }
    json.key("exceptions")
    json.array { json in
      for (exception, use) in exceptions {
        json.object { json in
          json.member("id", exception.id)
          json.member("owner", exception.owner)
          json.member("reason", exception.reason)
          json.member("expires", exception.expires.map { .time($0) } ?? .null)
          json.member("hidden", use.hidden)
          json.member("expired", use.expired)
        }
      }
    }
  }

  package func perSecond(_ count: Int) -> Double { run.wallSeconds > 0 ? Double(count) / run.wallSeconds : 0 }
}

/// Writes the numbers of entries in directories that are not read.
func writeSkipped(links: Int, specials: Int, _ json: inout JSONWriter) {
  json.key("skipped")
  json.object { json in
    json.member("symbolic_links", links)
    json.member("special_files", specials)
  }
}

extension Problem {
  func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("file", file)
      json.member("offset", offset)
      json.member("reason", reason.text)
      json.member("message", message)
    }
  }
}

/// Returns the peak resident memory of this process in bytes, from `/proc/self/status`.
///
/// `getrusage` is no substitute: it reports the parent's peak before the exec if that was higher.
private func peakResidentBytes() -> Int? {
  guard let text = smallFile("/proc/self/status", bytesMax: 8192),
    let line = text.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") })
  else { return nil }
  return line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { Int($0) }.map {
    $0 * 1024
  }
}

extension timeval {
  fileprivate var seconds: Double { Double(tv_sec) + Double(tv_usec) / 1e6 }
}

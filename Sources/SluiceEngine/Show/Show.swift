import SluiceRecords
import SluiceRules
import SluiceSystem

/// Archive of a detection's events, and options for reading it.
package struct ShowOptions: Sendable {
  /// Files and directories that include the files of the record.
  package var paths: [String]
  /// Rules that include the detection's rule.
  package var rules: [Rule]
  /// Whether the successful sign-ins that triage found are shown too.
  package var includesSignIns = false
  package var threads = availableProcessors()
  package var verifies = true
  package var limits = Limits()

  package init(paths: [String], rules: [Rule]) {
    self.paths = paths
    self.rules = rules
  }
}

/// The raw events of a detection.
package struct RetrievedEvents: Sendable {
  /// Events in order of time, then of uuid, then of bytes.
  package var events: [RetrievedEvent]
  /// Reasons why the events differ or may differ from those that the record counted; empty without any.
  package var notes: [String]
  package var bytesRead: Int
  /// Problems of the files that did not change the number of events.
  fileprivate var checksumProblems: [String] = []
}

extension RetrievedEvents {
  /// Retrieves the raw events of a detection from the archive.
  ///
  /// Only the blocks are decoded that the record names, and the blocks into which their lines continue. If that
  /// yields another number of events than the record counted, it reads the files completely. This is necessary, for
  /// example, where an event is spread over several lines.
  package init(of record: ParsedDetection, _ options: ShowOptions) throws(ShowError) {
    guard let rule = options.rules.first(where: { $0.id == record.rule }) else {
      throw ShowError(
        "there is no rule '\(record.rule)', of which the detection is; give the file that it was scanned with by --rules"
      )
    }
    if options.includesSignIns, record.signIns == nil {
      throw ShowError(
        record.clientIP == nil
          ? "a detection without a client IP has no triage, and no sign-ins to see; leave out --triage"
          : "the record holds no triage: scan again, without --no-triage, to see sign-ins")
    }
    let search = EventSearch(
      rule: rule, clientIP: record.clientIP, events: record.firstSeen...record.lastSeen,
      signIns: options.includesSignIns ? record.signIns?.range : nil)
    let listing = ArchiveListing(paths: options.paths)
    if listing.files.isEmpty, let problem = listing.problems.first {
      var error = ShowError("\(problem.file): \(problem.reason): \(problem.message)")
      error.foundNoFile = true
      throw error
    }
    let named = EvidenceFiles(listing, paths: options.paths)
    var files: [(file: ArchiveListing.File, offsets: [Int]?)] = []
    let signIns = options.includesSignIns ? record.evidence.signIns ?? [] : []
    for (path, evidence) in Dictionary(grouping: record.evidence.events + signIns, by: \.path)
      .sorted(by: { $0.key < $1.key })
    {
      let offsets = evidence.compactMap(\.offsets)
      files.append((try named.file(path), offsets.count == evidence.count ? offsets.flatMap { $0 } : nil))
    }
    let reading = EvidenceReader(record: record, search: search, options: options)
    self = try reading.read(files)
    if !notes.isEmpty, files.contains(where: { $0.offsets != nil }) {
      let bytesReadBefore = bytesRead
      self = try reading.read(files.map { ($0.file, nil) })
      bytesRead += bytesReadBefore
    }
    notes += checksumProblems
  }
}

private struct EvidenceReader {
  let record: ParsedDetection
  let search: EventSearch
  let options: ShowOptions

  func read(_ files: [(file: ArchiveListing.File, offsets: [Int]?)]) throws(ShowError) -> RetrievedEvents {
    let plan = ScanPlan(
      rules: search.rules, from: nil, to: nil, isStrict: false, limits: options.limits, tuning: Tuning(),
      beside: [.uuid, .eventType, .outcomeResult, .outcomeReason, .user], isSecondPass: true)
    let secondPasses = files.enumerated().map { index, file in
      (index, ArchiveStream.SecondPass(selection: file.offsets.map { EvidenceBlocks($0) }))
    }
    let queue = WorkQueue(
      ArchiveListing(files: files.map(\.file)), verifies: options.verifies, limits: options.limits,
      secondPasses: Dictionary(uniqueKeysWithValues: secondPasses))
    let threads = max(1, min(options.threads, files.count))
    let read: [ScanWorker<EventCollector>.Output]
    do throws(ScanError) {
      read = try ScanWorker.outputs(of: queue, plan, threads: threads) { [search] in
        EventCollector(plan: plan, search: search)
      }
    } catch {
      throw ShowError(error.description)
    }
    var log = ProblemLog()
    for output in read { log.merge(output.log) }
    let all = log.problems(files: files.map(\.file.path))
    func problems(_ reasons: Reason...) -> [String] {
      all.filter { $0.reason.isOne(of: reasons) }.map { "\($0.file): \($0.message)" }
    }
    var shown = shown(
      read.flatMap(\.findings), problems(.unreadable, .changed),
      bytesRead: read.reduce(0) { $0 + $1.input.bytesCompressed })
    shown.checksumProblems = problems(.contentChecksum)
    return shown
  }

  private func shown(_ found: [RetrievedEvent], _ problems: [String], bytesRead: Int) -> RetrievedEvents {
    // The record contains the key only as part of its id.
    let isOfDetection = { (event: RetrievedEvent) in
      let restOfKey = zip(search.rule.restOfKey, event.key).map { Detection.Column($0.name, .text($1)) }
      return Detection.id(
        rule: record.rule, clientIP: record.clientIP, restOfKey: restOfKey, windowStart: record.windowStart)
        == record.id
    }
    var ids: [[LogText]: Bool] = [:]
    func isOwn(_ event: RetrievedEvent) -> Bool {
      if let known = ids[event.key] { return known }
      let isOwn = isOfDetection(event)
      ids[event.key] = isOwn
      return isOwn
    }
    let all = found.filter { $0.kind == .event }
    let own = counted(all).filter(isOwn)
    let signIns = counted(found.filter { $0.kind == .signIn })
    var notes = problems
    // With --keep-duplicates, copies were counted too.
    if own.count != record.eventCount, all.count(where: isOwn) != record.eventCount {
      notes.append(
        "\(NumberFormat.count(own.count, "event")) of the detection found where \(record.eventCount) were counted: "
          + "the archive, or the rule, is not what it was; scan again")
    }
    if let wanted = search.signIns == nil ? nil : record.signIns?.count, signIns.count != wanted {
      notes.append(
        "\(NumberFormat.count(signIns.count, "sign-in")) found where \(wanted) were counted: the archive is not what it was; scan again"
      )
    }
    return RetrievedEvents(
      events: (own + signIns).sorted(by: RetrievedEvent.inOrder), notes: notes, bytesRead: bytesRead)
  }

  /// Returns each event once. Among copies it keeps the one that a scan counts.
  private func counted(_ events: [RetrievedEvent]) -> [RetrievedEvent] {
    struct Identity: Hashable {
      var time: EventTime
      var uuid: LogText
      var clientIP: IPAddress?
    }
    var kept: [RetrievedEvent] = []
    var places: [Identity: Int] = [:]
    for event in events {
      guard let uuid = event.uuid else {
        kept.append(event)
        continue
      }
      let identity = Identity(time: event.time, uuid: uuid, clientIP: event.clientIP)
      guard let place = places[identity] else {
        places[identity] = kept.count
        kept.append(event)
        continue
      }
      if RetrievedEvent.isCounted(event, before: kept[place]) { kept[place] = event }
    }
    return kept
  }
}

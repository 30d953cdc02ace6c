import SluiceEngine
import SluiceRecords

/// The sections around the incidents.
extension Report {
  private var stats: RunStats { result.stats }

  // MARK: Summary

  func summary(_ incidents: [Incident], _ episodes: [Episode]) -> ReportObject {
    let shown = episodes.flatMap(\.detections)
    var compromised: Set<LogText> = []
    for detection in shown { compromised.formUnion(detection.compromisedUsers ?? []) }
    let isTriaged = stats.triage != nil
    let hidden = stats.suppressed.reduce(0) { $0 + $1.count }
    let addresses = Set(incidents.compactMap(\.clientIP)).count
    var summary: ReportObject = [
      "headline": headline(incidents, addresses: addresses, compromised: isTriaged ? compromised.count : nil),
      "isBad": !compromised.isEmpty,
      "tiles": [
        tile(
          isTriaged ? ReportText.number(compromised.count) : "–",
          NumberFormat.form(isTriaged ? compromised.count : 0, "user compromised", "users compromised"),
          isBad: !compromised.isEmpty),
        tile(ReportText.number(incidents.count), NumberFormat.form(incidents.count, "incident")),
        tile(ReportText.number(addresses), NumberFormat.form(addresses, "client IP")),
        tile(
          ReportText.number(shown.count),
          NumberFormat.form(shown.count, "detection (window)", "detections (windows)")),
        tile(ReportText.number(hidden), "covered by exceptions"),
      ],
      "isComplete": stats.isComplete,
      "coverage": coverage, "reading": reading,
      "rejected": stats.records.rejectedByReason.map { reason, count -> ReportObject in
        ["reason": reason, "count": ReportText.number(count)]
      },
      "problems": stats.problems.prefix(Limits.problems).map { problem -> ReportObject in
        [
          "file": problem.file, "offset": problem.isOfWholePath ? "–" : ReportText.number(problem.offset),
          "reason": problem.reason.text,
          "message": problem.message,
        ]
      },
    ]
    if let emptyStretches { summary["emptyStretches"] = emptyStretches }
    summary["shortfalls"] = stats.shortfalls.map { "\($0.reason): \($0.message)." }
    summary["hasRejected"] = !stats.records.rejected.isEmpty
    summary["hasProblems"] = !stats.problems.isEmpty
    let more = stats.problems.count - Limits.problems
    if more > 0 { summary["moreProblems"] = ReportText.count(more, "more problem") }
    return summary
  }

  private func tile(_ value: String, _ label: String, isBad: Bool = false) -> ReportObject {
    ["value": value, "label": label, "isBad": isBad]
  }

  private func headline(_ incidents: [Incident], addresses: Int, compromised: Int?) -> String {
    if incidents.isEmpty, stats.records.count == 0 { return "Nothing was looked at: no record was read." }
    let found =
      incidents.isEmpty
      ? "No incident was found\(stats.isComplete ? "" : " in what was looked at")"
      : ReportText.count(incidents.count, "incident")
    let from = addresses == 0 ? "" : " from \(ReportText.count(addresses, "client IP"))"
    guard let compromised else {
      return incidents.isEmpty
        ? "\(found)."
        : "\(found)\(from). Whether anyone was compromised is not known: the scan did not triage."
    }
    if incidents.isEmpty { return "\(found)." }
    return compromised == 0
      ? "\(found)\(from). No attempted user then signed in from the address of an attack."
      : "\(found)\(from). \(ReportText.count(compromised, "user was", "users were")) attempted and then signed in from the same address."
  }

  private var coverage: [ReportObject] {
    let coverage = stats.coverage
    var facts: [ReportObject] = []
    if coverage.areTooMany {
      facts.append(fact("Time covered", "not known: the events lie in too many different hours"))
    } else if let from = coverage.from, let to = coverage.to {
      facts.append(fact("Time covered", "\(ReportText.minute(from)) to \(ReportText.minute(to)) UTC"))
      facts.append(
        fact(
          "Hours without events",
          "\(ReportText.number(coverage.emptyHourCount)) of \(ReportText.number(coverage.hourCount))",
          isDoubtful: coverage.emptyHourCount > 0))
    } else {
      facts.append(fact("Time covered", "none: no event with a time was seen", isDoubtful: true))
    }
    return facts
  }

  private var emptyStretches: ReportObject? {
    let empty = stats.coverage.empty.map { from, to in
      "\(ReportText.minute(from)) to \(ReportText.minute(to))"
    }
    if empty.isEmpty { return nil }
    var object: ReportObject = ["items": Array(empty.prefix(Limits.emptyStretches))]
    if empty.count > Limits.emptyStretches {
      object["more"] = ReportText.count(
        empty.count - Limits.emptyStretches, "more stretch", "more stretches")
    }
    return object
  }

  private var reading: [ReportObject] {
    let number = ReportText.number
    let rejected = stats.records.rejectedCount
    var facts = [
      fact(
        "Files read", number(stats.input.files), isDoubtful: stats.input.files == 0),
      fact("Events", number(stats.records.events)),
      fact("Records rejected", number(rejected), isDoubtful: rejected > 0),
      fact("Duplicates dropped", number(stats.duplicates)),
    ]
    if stats.input.frames > 0 {
      facts += [
        fact("Frames verified", "\(number(stats.input.framesVerified)) of \(number(stats.input.frames))"),
        fact(
          "Frames without verified checksums", number(stats.input.framesUnverifiable),
          isDoubtful: stats.input.framesUnverifiable > 0),
        fact("Frames damaged", number(stats.input.framesCorrupt), isDoubtful: stats.input.framesCorrupt > 0),
      ]
    } else {
      facts.append(fact("Verified", "the input has no frames of LZ4, gzip or zstd"))
    }
    if stats.skipped.symbolicLinks + stats.skipped.specialFiles > 0 {
      facts.append(
        fact(
          "Passed over",
          """
          \(ReportText.count(stats.skipped.symbolicLinks, "symbolic link")), \
          \(ReportText.count(stats.skipped.specialFiles, "pipe, socket or device", "pipes, sockets and devices"))
          """,
          isDoubtful: true))
    }
    if stats.lacksTriage {
      facts.append(fact("Triage", "none: standard input cannot be read twice", isDoubtful: true))
    } else if let triage = stats.triage {
      facts.append(
        fact(
          "Triage",
          "\(ReportText.count(triage.input.files, "file")) read again, \(number(triage.filesSkipped)) too far away in time"
        ))
      if triage.records.rejectedCount > 0 {
        facts.append(
          fact("Records triage could not use", number(triage.records.rejectedCount), isDoubtful: true))
      }
    } else {
      facts.append(fact("Triage", "none"))
    }
    return facts
  }

  private func fact(_ name: String, _ value: String, isDoubtful: Bool = false) -> ReportObject {
    ["name": name, "value": value, "isDoubtful": isDoubtful]
  }

  // MARK: Rules

  func rules(_ episodes: [Episode]) -> [ReportObject] {
    stats.funnel.enumerated().map { number, entry in
      let (id, steps) = entry
      let found = guidance.entry(id)
      let metadata = found?.rule.metadata
      let detections = stats.detections.first { $0.rule == id }?.count ?? 0
      let hidden = stats.suppressed.first { $0.rule == id }?.count ?? 0
      let own = episodes.count { $0.rule.id == id }
      let all = max(1, stats.records.events)
      var object: ReportObject = [
        "number": number, "id": id, "title": metadata?.title ?? id, "vendor": metadata?.vendor ?? "",
        "vendorRuleID": metadata?.vendorRuleID ?? "", "severity": metadata?.severity ?? "",
        "window": found?.rule.windowText ?? "", "condition": found?.conditionText ?? "",
        "falsePositives": found?.falsePositives ?? [], "nextSteps": found?.nextSteps ?? [],
        "steps": [step("All events", stats.records.events, all)]
          + steps.map { step($0.name, $0.passed, all) },
        "outcome": """
        \(ReportText.count(detections, "detection")), \(ReportText.number(hidden)) of them covered by \
        exceptions; \(ReportText.count(own, "episode")) to be looked at.
        """,
      ]
      let techniques = (metadata?.tactics ?? []) + (metadata?.techniques ?? [])
      if !techniques.isEmpty { object["techniques"] = techniques.joined(separator: ", ") }
      if let link = guidance.link(id) {
        object["link"] = link
      } else if let source = found?.source {
        object["source"] = source
      }
      return object
    }
  }

  private func step(_ name: String, _ passed: Int, _ all: Int) -> ReportObject {
    ["name": name, "passed": ReportText.number(passed), "share": Self.percent(passed, of: all)]
  }

  private static func percent(_ part: Int, of all: Int) -> String {
    let share = Double(part) * 100 / Double(all)
    return part > 0 && share < 0.001 ? "< 0.001 %" : "\(NumberFormat.fixed(share, share >= 10 ? 1 : 3)) %"
  }

  // MARK: Exceptions

  var exceptions: ReportObject? {
    if stats.exceptions.isEmpty { return nil }
    var object: ReportObject = [
      "rows": stats.exceptions.prefix(Limits.exceptions).map { exception, use -> ReportObject in
        [
          "id": exception.id, "owner": exception.owner, "reason": exception.reason,
          "covers": exception.criteria.joined(separator: "; "),
          "expires": exception.expires.map { ReportText.minute($0) } ?? "never",
          "hidden": ReportText.number(use.hidden), "state": state(use),
          "isDoubtful": use.hidden == 0 || use.expired > 0,
        ]
      }
    ]
    let more = stats.exceptions.count - Limits.exceptions
    if more > 0 { object["more"] = ReportText.count(more, "more exception") }
    return object
  }

  private func state(_ use: ExceptionUse) -> String {
    if use.expired > 0 { return "expired: would have hidden \(ReportText.count(use.expired, "detection"))" }
    return use.hidden > 0 ? "in use" : "unused"
  }

  // MARK: The run

  var run: [ReportObject] {
    let run = stats.run
    return [
      fact("Wall time", "\(NumberFormat.fixed(run.wallSeconds, 2)) s"),
      fact("Processor time", "\(NumberFormat.fixed(run.cpuSeconds, 2)) s"),
      fact("Threads", "\(run.threads)"),
      fact("Read", NumberFormat.bytes(stats.input.bytesCompressed)),
      fact("Decompressed", NumberFormat.bytes(stats.input.bytesDecompressed)),
      fact("Rate", "\(NumberFormat.bytes(Int(stats.perSecond(stats.input.bytesDecompressed))))/s"),
      fact("Most memory", NumberFormat.bytes(run.peakRSSBytes)),
    ]
  }
}

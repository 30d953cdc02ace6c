import SluiceEngine
import SluiceRecords

/// The sections around the incidents.
extension Report {
  private var figures: RunStats { result.figures }

  // MARK: Summary

  func summary(_ incidents: [Incident], _ episodes: [Episode]) -> ReportObject {
    let shown = episodes.flatMap(\.detections)
    var compromised: Set<LogText> = []
    for detection in shown { compromised.formUnion(detection.compromisedUsers ?? []) }
    let isTriaged = figures.triage != nil
    let hidden = figures.suppressed.reduce(0) { $0 + $1.count }
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
      "isComplete": figures.isComplete,
      "coverage": coverage, "reading": reading,
      "rejected": figures.rejected.sorted { $0.key < $1.key }.map { reason, count -> ReportObject in
        ["reason": reason.text, "count": ReportText.number(count)]
      },
      "problems": figures.problems.prefix(Limits.problems).map { problem -> ReportObject in
        [
          "file": problem.file, "offset": problem.isOfWholePath ? "–" : ReportText.number(problem.offset),
          "reason": problem.reason.text,
          "message": problem.message,
        ]
      },
    ]
    if let emptyStretches { summary["emptyStretches"] = emptyStretches }
    summary["shortfalls"] = figures.shortfalls.map { "\($0.reason): \($0.message)." }
    summary["hasRejected"] = !figures.rejected.isEmpty
    summary["hasProblems"] = !figures.problems.isEmpty
    let more = figures.problems.count - Limits.problems
    if more > 0 { summary["moreProblems"] = ReportText.count(more, "more problem") }
    return summary
  }

  private func tile(_ value: String, _ label: String, isBad: Bool = false) -> ReportObject {
    ["value": value, "label": label, "isBad": isBad]
  }

  private func headline(_ incidents: [Incident], addresses: Int, compromised: Int?) -> String {
    if incidents.isEmpty, figures.records == 0 { return "Nothing was looked at: no record was read." }
    let found =
      incidents.isEmpty
      ? "No incident was found\(figures.isComplete ? "" : " in what was looked at")"
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
    let coverage = figures.coverage
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
    let empty = figures.coverage.empty.map { from, to in
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
    let rejected = figures.rejected.values.reduce(0, +)
    var facts = [
      fact(
        "Files read", number(figures.files), isDoubtful: figures.files == 0),
      fact("Events", number(figures.events)),
      fact("Records rejected", number(rejected), isDoubtful: rejected > 0),
      fact("Duplicates dropped", number(figures.duplicates)),
    ]
    if figures.frames > 0 {
      facts += [
        fact("Frames verified", "\(number(figures.framesVerified)) of \(number(figures.frames))"),
        fact(
          "Frames without verified checksums", number(figures.framesUnverifiable),
          isDoubtful: figures.framesUnverifiable > 0),
        fact("Frames damaged", number(figures.framesCorrupt), isDoubtful: figures.framesCorrupt > 0),
      ]
    } else {
      facts.append(fact("Verified", "the input has no frames of LZ4, gzip or zstd"))
    }
    if figures.linksPassedOver + figures.specialsPassedOver > 0 {
      facts.append(
        fact(
          "Passed over",
          """
          \(ReportText.count(figures.linksPassedOver, "symbolic link")), \
          \(ReportText.count(figures.specialsPassedOver, "pipe, socket or device", "pipes, sockets and devices"))
          """,
          isDoubtful: true))
    }
    if figures.lacksTriage {
      facts.append(fact("Triage", "none: standard input cannot be read twice", isDoubtful: true))
    } else if let triage = figures.triage {
      facts.append(
        fact(
          "Triage",
          "\(ReportText.count(triage.filesRead, "file")) read again, \(number(triage.filesSkipped)) too far away in time"
        ))
      if triage.rejectedCount > 0 {
        facts.append(
          fact("Records triage could not use", number(triage.rejectedCount), isDoubtful: true))
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
    figures.funnel.enumerated().map { number, entry in
      let (id, steps) = entry
      let found = guidance.entry(id)
      let metadata = found?.rule.metadata
      let detections = figures.detections.first { $0.rule == id }?.count ?? 0
      let hidden = figures.suppressed.first { $0.rule == id }?.count ?? 0
      let own = episodes.count { $0.rule.id == id }
      let all = max(1, figures.events)
      var object: ReportObject = [
        "number": number, "id": id, "title": metadata?.title ?? id, "vendor": metadata?.vendor ?? "",
        "vendorRuleID": metadata?.vendorRuleID ?? "", "severity": metadata?.severity ?? "",
        "window": found?.rule.windowText ?? "", "condition": found?.conditionText ?? "",
        "falsePositives": found?.falsePositives ?? [], "nextSteps": found?.nextSteps ?? [],
        "steps": [step("All events", figures.events, all)]
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
    if figures.exceptions.isEmpty { return nil }
    var object: ReportObject = [
      "rows": figures.exceptions.prefix(Limits.exceptions).map { exception, use -> ReportObject in
        [
          "id": exception.id, "owner": exception.owner, "reason": exception.reason,
          "covers": exception.criteria.joined(separator: "; "),
          "expires": exception.expires.map { ReportText.minute($0) } ?? "never",
          "hidden": ReportText.number(use.hidden), "state": state(use),
          "isDoubtful": use.hidden == 0 || use.expired > 0,
        ]
      }
    ]
    let more = figures.exceptions.count - Limits.exceptions
    if more > 0 { object["more"] = ReportText.count(more, "more exception") }
    return object
  }

  private func state(_ use: ExceptionUse) -> String {
    if use.expired > 0 { return "expired: would have hidden \(ReportText.count(use.expired, "detection"))" }
    return use.hidden > 0 ? "in use" : "unused"
  }

  // MARK: The run

  var run: [ReportObject] {
    let run = figures.run
    return [
      fact("Wall time", "\(NumberFormat.fixed(run.wallSeconds, 2)) s"),
      fact("Processor time", "\(NumberFormat.fixed(run.cpuSeconds, 2)) s"),
      fact("Threads", "\(run.threads)"),
      fact("Read", NumberFormat.bytes(figures.bytesCompressed)),
      fact("Decompressed", NumberFormat.bytes(figures.bytesDecompressed)),
      fact("Rate", "\(NumberFormat.bytes(Int(figures.perSecond(figures.bytesDecompressed))))/s"),
      fact("Most memory", NumberFormat.bytes(run.peakRSSBytes)),
    ]
  }
}

import SluiceEngine
import SluiceRecords

/// A table for people: the worst episodes, a summary of the run, the use of exceptions and the next steps.
///
/// The worst episodes have the most compromised users, then the highest severity, then the most events.
package struct Table {
  private let episodes: [Episode]
  private let stats: RunStats
  private let options: RenderOptions

  package init(_ result: ScanResult, _ options: RenderOptions = RenderOptions()) {
    episodes = Episode.grouped(result.shown).sorted(by: Self.isWorse)
    stats = result.stats
    self.options = options
  }

  private static let headings: [SafeText] = [
    "COMPROMISED", "SEVERITY", "CLIENT IP", "RULE", "USERS", "EVENTS", "WINDOWS", "FIRST SEEN (UTC)",
    "LAST SEEN", "ALSO SEEN BY",
  ]
  /// Columns that are aligned to the right.
  private static let numbers: Set = [4, 5, 6]

  /// The table, with a newline at its end. Text from the log is ``SafeText``; the rest may contain colour codes.
  package var text: String {
    var lines: [String] = []
    if episodes.isEmpty {
      let areSuppressed = stats.suppressed.contains { $0.count > 0 }
      let inWhat = stats.isComplete ? "" : " in what was looked at"
      lines.append(
        stats.records.count == 0
          ? "Nothing was looked at: no record was read."
          : "No detections\(inWhat)\(areSuppressed ? " but those that exceptions cover" : "").")
    } else {
      lines += rows
      let more = episodes.count - shown.count
      if more > 0 {
        let compromised = episodes.dropFirst(shown.count).count { $0.compromisedCount ?? 0 > 0 }
        let which = compromised > 0 ? ", \(compromised) of them with compromised users" : ""
        lines.append("and \(NumberFormat.count(more, "more episode")), none worse than these\(which).")
      }
    }
    lines.append("")
    lines += Summary(stats).lines.map(\.description)
    lines += ExceptionSummary(stats).lines.map(\.description)
    lines += nextSteps.map(\.description)
    return lines.map { $0 + "\n" }.joined()
  }

  // MARK: Episodes

  private static func isWorse(_ a: Episode, _ b: Episode) -> Bool {
    let (aRank, bRank) = (rank(a), rank(b))
    return aRank != bRank ? bRank.lexicographicallyPrecedes(aRank) : Episode.inOrder(a, b)
  }

  private static func rank(_ episode: Episode) -> [Int] {
    [episode.compromisedCount ?? 0, episode.rule.severityRank, episode.peakEventCount]
  }

  private var shown: ArraySlice<Episode> { episodes.prefix(options.rowCountMax ?? episodes.count) }

  private var rows: [String] {
    let aligned = SafeText.aligned([Self.headings] + shown.map(Self.cells), toTheRight: Self.numbers)
    guard let heading = aligned.first else { return [] }
    return [line(heading, nil)] + zip(aligned.dropFirst(), shown).map(line)
  }

  private static func cells(_ episode: Episode) -> [SafeText] {
    [
      compromised(episode), "\(episode.rule.severity)", "\(episode.clientIP?.description ?? "none")",
      "\(episode.rule.id)", "\(episode.peakUserCount.map(String.init) ?? "-")", "\(episode.peakEventCount)",
      "\(episode.windowCount)", "\(second(episode.firstSeen))", "\(second(episode.lastSeen))",
      "\(episode.alsoSeenBy.joined(separator: ", "))",
    ]
  }

  /// Returns the number of compromised users and the first of them; a dash if they are unknown.
  private static func compromised(_ episode: Episode) -> SafeText {
    guard let count = episode.compromisedCount else { return "-" }
    guard let first = episode.compromisedUsers?.first else { return "0" }
    let others: SafeText = count > 1 ? ", …" : ""
    return "\(count): \(SafeText(first).cut(to: 30))\(others)"
  }

  /// Formats `2026-01-05 10:00:07`.
  private static func second(_ time: EventTime) -> String {
    String(time.description.prefix(19).map { $0 == "T" ? " " : $0 })
  }

  // MARK: Terminals

  /// Returns a row cut to the terminal's width and coloured.
  private func line(_ row: SafeText, _ episode: Episode?) -> String {
    let row = row.trimmed
    let text = (options.width.map { row.cut(to: $0) } ?? row).description
    guard options.hasColours else { return text }
    guard let episode else { return "\u{1B}[1m\(text)\u{1B}[0m" }
    guard let colour = Self.colour(of: episode) else { return text }
    return "\u{1B}[\(colour)m\(text)\u{1B}[0m"
  }

  private static func colour(of episode: Episode) -> String? {
    if episode.compromisedCount ?? 0 > 0 { return "1;31" }
    return switch episode.rule.severityRank {
    case 4...: "31"
    case 3: "33"
    default: nil
    }
  }

  // MARK: Next steps

  private var nextSteps: [SafeText] {
    var steps: [SafeText] = []
    if let worst = episodes.first {
      if worst.compromisedCount ?? 0 > 0 {
        steps.append("reset the compromised users and end their sessions, the first row's before all")
      }
      steps.append("--format ndjson --output FILE writes every window with all its columns")
      steps.append("name what is known as an exception (--rules FILE)")
    } else if stats.records.events > 0 {
      steps.append("sluice what-if shows what other thresholds would have found")
    }
    if !stats.isComplete {
      steps.append(
        "sluice inspect says, file by file, what could not be read; the result is incomplete until it is")
    }
    return steps.isEmpty ? [] : ["Next: \(SafeText.joined(steps, separator: "; "))."]
  }
}

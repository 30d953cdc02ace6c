import SluiceEngine
import SluiceRecords

/// The summary of a run: amount read, speed, results and unusable input.
package struct Summary {
  private let stats: RunStats

  package init(_ stats: RunStats) { self.stats = stats }

  package var lines: [SafeText] {
    let run = stats.run
    var lines: [SafeText] = [
      """
      Read \(NumberFormat.count(stats.records.events, "event")) in \(NumberFormat.count(stats.input.files, "file")), \
      \(NumberFormat.bytes(stats.input.bytesDecompressed)) (\(NumberFormat.bytes(stats.input.bytesCompressed)) as stored), in \
      \(NumberFormat.fixed(run.wallSeconds, 2)) s on \(NumberFormat.count(run.threads, "thread")): \
      \(NumberFormat.bytes(Int(stats.perSecond(stats.input.bytesDecompressed))))/s.
      """
    ]
    if stats.input.frames > 0 {
      lines.append(
        """
        Frames: \(stats.input.framesVerified) verified, \(stats.input.framesUnverifiable) without verified checksums, \
        \(stats.input.framesCorrupt) damaged.
        """)
    }
    for (rule, steps) in stats.funnel {
      let passed = steps.map { "\($0.name) \($0.passed)" }.joined(separator: " > ")
      let fired = stats.detections.first { $0.rule == rule }?.count ?? 0
      lines.append("\(rule): \(passed) > \(NumberFormat.count(fired, "detection"))")
    }
    if let coverage = stats.coverage.text { lines.append(coverage) }
    if let triage = stats.triage, stats.detections.contains(where: { $0.count > 0 }) {
      lines.append(
        """
        Triage read \(NumberFormat.count(triage.input.files, "file")) again, \(NumberFormat.bytes(triage.input.bytesDecompressed)), in \
        \(NumberFormat.fixed(triage.seconds, 2)) s; not read again: \(triage.filesSkipped), with no time \
        seen within \(NumberFormat.count(TriageStats.slackSeconds / 3600, "hour")) of any range.
        """)
    }
    if stats.cacheUse.filesReused > 0 {
      lines.append(
        """
        Read now: \(NumberFormat.count(stats.cacheUse.filesRead, "file")), \
        \(NumberFormat.bytes(stats.cacheUse.bytesRead)) as stored; taken from partials: \(stats.cacheUse.filesReused).
        """)
    }
    if stats.duplicates > 0 {
      lines.append("Dropped \(NumberFormat.count(stats.duplicates, "duplicate")).")
    }
    return lines + notes.map(\.text)
  }

  /// Unusable input and unmet expectations, for standard error and the end of the table.
  package var notes: [Diagnostic] {
    var triage: [Diagnostic] =
      stats.lacksTriage
      ? ["Detections are not triaged: standard input cannot be read twice; scan files for that."] : []
    if let rejected = stats.triage?.records.rejectedCount, rejected > 0 {
      triage.append(
        """
        Triage could not use \(NumberFormat.count(rejected, "record")) with the address of a detection; a sign-in \
        among them would be missed.
        """)
    }
    return triage + outdated + InputDiagnostics(stats).all
  }

  /// The reason why files with a partial were read.
  private var outdated: [Diagnostic] {
    guard let (count, why) = stats.cacheUse.outdated else { return [] }
    return ["Read \(NumberFormat.count(count, "file")) again of which there was a partial: \(SafeText(why))."]
  }
}

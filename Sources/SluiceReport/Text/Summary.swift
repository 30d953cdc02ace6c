import SluiceEngine
import SluiceRecords

/// The summary of a run: amount read, speed, results and unusable input.
package struct Summary {
  private let figures: RunStats

  package init(_ figures: RunStats) { self.figures = figures }

  package var lines: [SafeText] {
    let run = figures.run
    var lines: [SafeText] = [
      """
      Read \(NumberFormat.count(figures.events, "event")) in \(NumberFormat.count(figures.files, "file")), \
      \(NumberFormat.bytes(figures.bytesDecompressed)) (\(NumberFormat.bytes(figures.bytesCompressed)) as stored), in \
      \(NumberFormat.fixed(run.wallSeconds, 2)) s on \(NumberFormat.count(run.threads, "thread")): \
      \(NumberFormat.bytes(Int(figures.perSecond(figures.bytesDecompressed))))/s.
      """
    ]
    if figures.frames > 0 {
      lines.append(
        """
        Frames: \(figures.framesVerified) verified, \(figures.framesUnverifiable) without verified checksums, \
        \(figures.framesCorrupt) damaged.
        """)
    }
    for (rule, steps) in figures.funnel {
      let passed = steps.map { "\($0.name) \($0.passed)" }.joined(separator: " > ")
      let fired = figures.detections.first { $0.rule == rule }?.count ?? 0
      lines.append("\(rule): \(passed) > \(NumberFormat.count(fired, "detection"))")
    }
    if let coverage = figures.coverage.text { lines.append(coverage) }
    if let triage = figures.triage, figures.detections.contains(where: { $0.count > 0 }) {
      lines.append(
        """
        Triage read \(NumberFormat.count(triage.filesRead, "file")) again, \(NumberFormat.bytes(triage.bytesDecompressed)), in \
        \(NumberFormat.fixed(triage.seconds, 2)) s; not read again: \(triage.filesSkipped), with no time \
        seen within \(NumberFormat.count(TriageStats.slackSeconds / 3600, "hour")) of any range.
        """)
    }
    if figures.filesReused > 0 {
      lines.append(
        """
        Read now: \(NumberFormat.count(figures.filesRead, "file")), \(NumberFormat.bytes(figures.bytesRead)) as stored; taken from \
        partials: \(figures.filesReused).
        """)
    }
    if figures.duplicates > 0 {
      lines.append("Dropped \(NumberFormat.count(figures.duplicates, "duplicate")).")
    }
    return lines + notes.map(\.text)
  }

  /// Unusable input and unmet expectations, for standard error and the end of the table.
  package var notes: [Diagnostic] {
    var triage: [Diagnostic] =
      figures.lacksTriage
      ? ["Detections are not triaged: standard input cannot be read twice; scan files for that."] : []
    if let rejected = figures.triage?.rejectedCount, rejected > 0 {
      triage.append(
        """
        Triage could not use \(NumberFormat.count(rejected, "record")) with the address of a detection; a sign-in \
        among them would be missed.
        """)
    }
    return triage + outdated + InputDiagnostics(figures).all
  }

  /// The reason why files with a partial were read.
  private var outdated: [Diagnostic] {
    guard let (count, why) = figures.outdated else { return [] }
    return ["Read \(NumberFormat.count(count, "file")) again of which there was a partial: \(SafeText(why))."]
  }
}

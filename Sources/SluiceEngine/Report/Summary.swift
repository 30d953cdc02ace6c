/// What was read, how fast, what it held, and what could not be used.
public struct Summary {
  private let figures: Figures

  public init(_ figures: Figures) { self.figures = figures }

  public var lines: [SafeText] {
    let run = figures.run
    var lines: [SafeText] = [
      """
      Read \(figures.events) events in \(count(figures.files, "file")), \(bytes(figures.bytesDecompressed)) \
      (\(bytes(figures.bytesCompressed)) as stored), in \(fixed(run.wallSeconds, 2)) s on \
      \(count(run.threads, "thread")): \(bytes(Int(figures.perSecond(figures.bytesDecompressed))))/s.
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
      lines.append("\(rule): \(passed) > \(count(fired, "detection"))")
    }
    if figures.duplicates > 0 { lines.append("Dropped \(count(figures.duplicates, "duplicate")).") }
    return lines + notes
  }

  private static let problemsShownMax = 10

  /// What could not be used, and what a reader may not expect; for standard error and the end of the table.
  public var notes: [SafeText] {
    var lines: [SafeText] = []
    if figures.files == 0, figures.problems.isEmpty { lines.append("There was no file to read.") }
    if figures.linksPassedOver > 0 {
      lines.append(
        "\(count(figures.linksPassedOver, "symbolic link")) inside directories passed over; name what they lead to."
      )
    }
    if figures.specialsPassedOver > 0 {
      lines.append(
        """
        \(count(figures.specialsPassedOver, "pipe, socket or device", "pipes, sockets and devices")) inside directories \
        passed over.
        """)
    }
    if figures.isComplete { return lines }
    let rejected = figures.rejected.values.reduce(0, +)
    if rejected > 0 {
      let reasons = figures.rejected.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
      lines.append(
        "\(rejected) of \(figures.records) records were rejected (\(reasons.joined(separator: ", "))).")
    }
    for problem in figures.problems.prefix(Self.problemsShownMax) {
      lines.append(
        "\(problem.file), byte \(problem.offset): \(problem.reason): \(problem.message)")
    }
    let more = figures.problems.count - Self.problemsShownMax
    if more > 0 { lines.append("and \(count(more, "more problem")); --stats FILE writes all of them.") }
    return lines
  }

  private func count(_ number: Int, _ noun: String, _ plural: String? = nil) -> String {
    "\(number) \(number == 1 ? noun : plural ?? noun + "s")"
  }

  private func bytes(_ number: Int) -> String {
    let units = ["bytes", "kB", "MB", "GB", "TB"]
    var value = Double(number)
    var unit = 0
    while value >= 1000, unit < units.count - 1 {
      value /= 1000
      unit += 1
    }
    return unit == 0 ? "\(number) bytes" : "\(fixed(value, value < 10 ? 2 : 1)) \(units[unit])"
  }

  private func fixed(_ value: Double, _ digits: Int) -> String {
    let scale = (0..<digits).reduce(1.0) { scale, _ in scale * 10 }
    let scaled = Int((value * scale).rounded())
    if digits == 0 { return String(scaled) }
    let fraction = String(scaled % Int(scale))
    return "\(scaled / Int(scale)).\(String(repeating: "0", count: digits - fraction.count))\(fraction)"
  }
}

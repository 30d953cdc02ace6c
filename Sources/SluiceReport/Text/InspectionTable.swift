import SluiceEngine
import SluiceRecords
import SluiceRules

/// Readable table of an inspection: some lines for each file, and for all files together if there are several.
package struct InspectionTable {
  private let inspection: Inspection

  package init(_ inspection: Inspection) { self.inspection = inspection }

  private static let typesShownMax = 10
  private static let gapsShownMax = 10

  package var text: SafeText {
    var lines: [SafeText] = []
    for file in inspection.files { lines += section(file, title: "\(file.path ?? "")") + [""] }
    if inspection.files.count > 1 {
      lines +=
        section(inspection.total, title: "All \(NumberFormat.count(inspection.files.count, "file"))") + [""]
    }
    return SafeText.joined((lines + notes.map(\.text)).map { "\($0)\n" })
  }

  /// Reports of unusable input, also for standard error.
  package var notes: [Diagnostic] { InputDiagnostics(inspection).all }

  private func section(_ file: FileInspection, title: SafeText) -> [SafeText] {
    var rows: [[SafeText]] = [["  codec", codec(file)]]
    if file.input.frames > 0 { rows.append(["  frames", frames(file)]) }
    if file.input.codecs.lz4 > 0 { rows.append(["  LZ4", lz4(file)]) }
    if file.input.codecs.gzip > 0 { rows.append(["  gzip", gzip(file)]) }
    if file.input.codecs.zstd > 0 { rows.append(["  zstd", zstd(file)]) }
    if file.input.codecs.skippable > 0 {
      rows.append([
        "  skippable", "\(NumberFormat.count(file.input.codecs.skippable, "frame")), passed over",
      ])
    }
    rows.append(["  lines", lines(file)])
    let shapes = file.records.shapes
    if !shapes.isEmpty { rows.append(["  shapes", list(shapes.map { "\($0.name) \($0.count)" })]) }
    rows.append(["  times", times(file)])
    if file.records.events > 0 { rows.append(["  event types", types(file)]) }
    rows.append(["  duplicates", duplicates(file)])
    rows.append(["  gaps", gaps(file)])
    return [title] + SafeText.aligned(rows)
  }

  private func codec(_ file: FileInspection) -> SafeText {
    let codecs = file.input.codecs
    let names = codecs.name == "mixed" ? codecs.names.joined(separator: " and ") : codecs.name
    let ratio = file.input.ratio.map { ", ratio \(NumberFormat.fixed($0, 2))" } ?? ""
    return """
      \(names), \(NumberFormat.bytes(file.input.bytesDecompressed)) (\(NumberFormat.bytes(file.sizeBytes)) as stored\(ratio))
      """
  }

  private func frames(_ file: FileInspection) -> SafeText {
    """
    \(file.input.frames): \(file.input.framesVerified) verified, \(file.input.framesUnverifiable) without \
    verified checksums, \(file.input.framesCorrupt) damaged
    """
  }

  private func lz4(_ file: FileInspection) -> SafeText {
    let codecs = file.input.codecs
    let sizes = codecs.blockSizes.map { size -> SafeText in
      "\(size.frames) with blocks of at most \(Self.blockSize(size.bytes))"
    }
    let others = counted([
      (codecs.linked, "with linked blocks"), (codecs.withBlockChecksums, "with block checksums"),
      (codecs.withContentChecksum, "with a content checksum"),
      (codecs.withContentSize, "with a content size"),
    ])
    return list(["\(codecs.lz4)"] + sizes + others)
  }

  private func gzip(_ file: FileInspection) -> SafeText {
    "\(NumberFormat.count(file.input.codecs.gzip, "member")), each with a checksum and a content size"
  }

  private func zstd(_ file: FileInspection) -> SafeText {
    let codecs = file.input.codecs
    let windows = codecs.windows.map { window -> SafeText in
      "\(window.frames) with a window of at most \(Self.blockSize(window.bytes))"
    }
    let sizes: [SafeText] =
      codecs.zstdWithContentSize > 0
      ? ["\(codecs.zstdWithContentSize) with a content size (\(NumberFormat.bytes(codecs.zstdContentBytes)))"]
      : []
    let others = counted([
      (codecs.zstdWithChecksum, "with a checksum"), (codecs.zstdWithDictionary, "with a dictionary"),
    ])
    return list(["\(codecs.zstd)"] + windows + others + sizes)
  }

  private func counted(_ counts: [(Int, String)]) -> [SafeText] {
    counts.filter { $0.0 > 0 }.map { count, what in "\(count) \(what)" }
  }

  private static func blockSize(_ bytes: Int) -> String {
    let units = [(30, "GB"), (20, "MB"), (10, "kB")]
    let unit = units.first { bytes >= 1 << $0.0 }
    return unit.map { "\(bytes >> $0.0) \($0.1)" } ?? NumberFormat.count(bytes, "byte")
  }

  private func lines(_ file: FileInspection) -> SafeText {
    let records = file.records
    let rejected = records.rejectedByReason.map { "\($0.count) \($0.name)" }
    return """
      \(records.lines), \(records.blankLines) of them blank; \(NumberFormat.count(records.count, "record")), \
      \(NumberFormat.count(records.events, "event")), \
      \(records.rejectedCount) rejected\(rejected.isEmpty ? "" : " (\(rejected.joined(separator: ", ")))")
      """
  }

  private func times(_ file: FileInspection) -> SafeText {
    let findings = file.findings
    let untimed: SafeText =
      findings.untimedEvents > 0
      ? "; \(NumberFormat.count(findings.untimedEvents, "event")) without a usable time" : ""
    guard let first = findings.times.firstTime, let last = findings.times.lastTime else {
      return "none\(untimed)"
    }
    return "\(first) to \(last)\(untimed)"
  }

  private func types(_ file: FileInspection) -> SafeText {
    let types = file.findings.eventTypes
    var parts: [SafeText] = types.prefix(Self.typesShownMax).map { "\(SafeText($0.type)) \($0.count)" }
    let more = types.count - parts.count
    if more > 0 { parts.append("\(NumberFormat.count(more, "more type"))") }
    if file.findings.otherTypeEvents > 0 {
      parts.append("\(NumberFormat.count(file.findings.otherTypeEvents, "event")) of types beyond those kept")
    }
    if file.findings.untypedEvents > 0 {
      parts.append("\(NumberFormat.count(file.findings.untypedEvents, "event")) without a type")
    }
    return parts.isEmpty ? "none" : .joined(parts, separator: ", ")
  }

  private func duplicates(_ file: FileInspection) -> SafeText {
    let scope: SafeText = file.path == nil ? ", each within its file" : ""
    return "\(NumberFormat.count(file.findings.duplicates, "event")) whose uuid was there before\(scope)"
  }

  private func gaps(_ file: FileInspection) -> SafeText {
    let length = DurationText.text(inspection.gapMilliseconds)
    guard let gaps = file.findings.times.gaps else {
      return "more than \(IntervalSet.countMax) longer than \(length); ask for longer ones with --gap"
    }
    let shown = gaps.prefix(Self.gapsShownMax).map { gap -> SafeText in
      "\(gap.from) to \(gap.to) (\(DurationText.text(gap.milliseconds)))"
    }
    let more = gaps.count - shown.count
    let list = SafeText.joined(shown + (more > 0 ? ["and \(more) more"] : []), separator: ", ")
    return "\(gaps.count) longer than \(length)\(gaps.isEmpty ? "" : ": ")\(list)"
  }

  private func list(_ texts: [SafeText]) -> SafeText { .joined(texts, separator: ", ") }
}

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
    if file.archive.frames > 0 { rows.append(["  frames", frames(file)]) }
    if file.archive.forms.lz4 > 0 { rows.append(["  LZ4", lz4(file)]) }
    if file.archive.forms.gzip > 0 { rows.append(["  gzip", gzip(file)]) }
    if file.archive.forms.zstd > 0 { rows.append(["  zstd", zstd(file)]) }
    if file.archive.forms.skippable > 0 {
      rows.append([
        "  skippable", "\(NumberFormat.count(file.archive.forms.skippable, "frame")), passed over",
      ])
    }
    rows.append(["  lines", lines(file)])
    if !file.shapes.isEmpty { rows.append(["  shapes", list(file.shapes.map { "\($0.name) \($0.count)" })]) }
    rows.append(["  times", times(file)])
    if file.events > 0 { rows.append(["  event types", types(file)]) }
    rows.append(["  duplicates", duplicates(file)])
    rows.append(["  gaps", gaps(file)])
    return [title] + SafeText.aligned(rows)
  }

  private func codec(_ file: FileInspection) -> SafeText {
    let names = file.codec == "mixed" ? file.archive.forms.codecs.joined(separator: " and ") : file.codec
    let ratio = file.ratio.map { ", ratio \(NumberFormat.fixed($0, 2))" } ?? ""
    return """
      \(names), \(NumberFormat.bytes(file.archive.bytesDecompressed)) (\(NumberFormat.bytes(file.sizeBytes)) as stored\(ratio))
      """
  }

  private func frames(_ file: FileInspection) -> SafeText {
    """
    \(file.archive.frames): \(file.archive.framesVerified) verified, \(file.archive.framesUnverifiable) without \
    verified checksums, \(file.archive.framesCorrupt) damaged
    """
  }

  private func lz4(_ file: FileInspection) -> SafeText {
    let forms = file.archive.forms
    let sizes = file.blockSizes.map { size -> SafeText in
      "\(size.frames) with blocks of at most \(Self.blockSize(size.bytes))"
    }
    let others = counted([
      (forms.linked, "with linked blocks"), (forms.withBlockChecksums, "with block checksums"),
      (forms.withContentChecksum, "with a content checksum"), (forms.withContentSize, "with a content size"),
    ])
    return list(["\(forms.lz4)"] + sizes + others)
  }

  private func gzip(_ file: FileInspection) -> SafeText {
    "\(NumberFormat.count(file.archive.forms.gzip, "member")), each with a checksum and a content size"
  }

  private func zstd(_ file: FileInspection) -> SafeText {
    let forms = file.archive.forms
    let windows = file.windows.map { window -> SafeText in
      "\(window.frames) with a window of at most \(Self.blockSize(window.bytes))"
    }
    let sizes: [SafeText] =
      forms.zstdWithContentSize > 0
      ? ["\(forms.zstdWithContentSize) with a content size (\(NumberFormat.bytes(forms.zstdContentBytes)))"]
      : []
    let others = counted([
      (forms.zstdWithChecksum, "with a checksum"), (forms.zstdWithDictionary, "with a dictionary"),
    ])
    return list(["\(forms.zstd)"] + windows + others + sizes)
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
    let rejected = file.rejected.map { "\($0.count) \($0.reason)" }
    return """
      \(file.lines), \(file.blankLines) of them blank; \(NumberFormat.count(file.records, "record")), \
      \(NumberFormat.count(file.events, "event")), \
      \(file.records - file.events) rejected\(rejected.isEmpty ? "" : " (\(rejected.joined(separator: ", ")))")
      """
  }

  private func times(_ file: FileInspection) -> SafeText {
    let untimed: SafeText =
      file.untimedEvents > 0
      ? "; \(NumberFormat.count(file.untimedEvents, "event")) without a usable time" : ""
    guard let first = file.firstTime, let last = file.lastTime else { return "none\(untimed)" }
    return "\(first) to \(last)\(untimed)"
  }

  private func types(_ file: FileInspection) -> SafeText {
    let types = file.eventTypes
    var parts: [SafeText] = types.prefix(Self.typesShownMax).map { "\(SafeText($0.type)) \($0.count)" }
    let more = types.count - parts.count
    if more > 0 { parts.append("\(NumberFormat.count(more, "more type"))") }
    if file.found.otherTypeEvents > 0 {
      parts.append("\(NumberFormat.count(file.found.otherTypeEvents, "event")) of types beyond those kept")
    }
    if file.found.untypedEvents > 0 {
      parts.append("\(NumberFormat.count(file.found.untypedEvents, "event")) without a type")
    }
    return parts.isEmpty ? "none" : .joined(parts, separator: ", ")
  }

  private func duplicates(_ file: FileInspection) -> SafeText {
    let scope: SafeText = file.path == nil ? ", each within its file" : ""
    return "\(NumberFormat.count(file.duplicates, "event")) whose uuid was there before\(scope)"
  }

  private func gaps(_ file: FileInspection) -> SafeText {
    let length = DurationText.text(inspection.gapMilliseconds)
    guard let gaps = file.gaps else {
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

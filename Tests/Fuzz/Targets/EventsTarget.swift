@testable import SluiceRecords
@testable import SluiceReference
@testable import SluiceTestSupport

@testable import SluiceEngine

/// Scans the bytes as the content of a sound LZ4 file and compares the result with the reference implementation.
///
/// The bytes decide which form of LZ4 is written and which options are used, so that a finding can be reproduced from
/// its input.
func fuzzEvents(_ bytes: [UInt8]) throws(Finding) {
  let choice = Int(withBytes(bytes, RunningXXH32.digest))
  let form = archiveForms[choice % archiveForms.count]
  let kernels = SIMDTarget.allCases.filter(\.isSupported)
  var options = scanOptions()
  options.tuning.rangeBytesTarget = 1000
  options.tuning.simdTarget = kernels[(choice >> 8) % kernels.count].rawValue
  options.keepsDuplicates = choice >> 16 & 1 == 1
  options.usesTextWindows = choice >> 17 & 1 == 1
  var reference = ReferenceOptions()
  reference.keepDuplicates = options.keepsDuplicates
  reference.windowAll = options.usesTextWindows

  inputFile.write(form.encode(bytes))
  if withBytes(bytes, { Codec.refusal(ofContent: $0) }) != nil { return try fuzzCompressedInAnother(options) }
  if lines(of: bytes).contains(where: mayBelongToOthers) { return try fuzzPages(bytes, options) }
  let expected = referenceDetections(lines: lines(of: bytes), options: reference)
  do {
    // Lines that no rule matches are not parsed. They may hold anything, including several events.
    let result = try scanned(options)
    // A tiny block that is no text may be text if its stored/compressed flag is ignored.
    if result.stats.problems.contains(where: { $0.reason == "block-packing" }) { return }
    try requireAgreement(result, expected)
    try requireSame(result.stats.input.bytesDecompressed, bytes.count, "bytes decoded")
    try requireSame(result.stats.input.framesCorrupt, 0, "damaged frames")

    options.isStrict = true
    let strict = try scanned(options)
    try requireAgreement(strict, expected)
    try requireSame(strict.stats.records.count, expected.records, "records, with --strict")
    try requireSame(
      strict.stats.records.rejected["shape"], expected.rejected["shape"], "records of no known shape")
    try requireSame(
      strict.stats.records.rejected["unrecognised"], expected.rejected["unrecognised"], "unrecognised records"
    )
    try requireSame(strict.stats.records.events, expected.events, "events, with --strict")
  } catch {
    throw Finding(description: "\(form.name): \(error)")
  }
}

/// Expects that content which begins like another archive is refused as a whole, unless the first block is too short
/// to tell.
private func fuzzCompressedInAnother(_ options: ScanOptions) throws(Finding) {
  var options = options
  let found = try scanned(options)
  if found.stats.input.bytesDecompressed == 0 {
    try requireSame(found.stats.problems.map(\.reason), ["codec"], "reasons")
    try requireSame(found.stats.records.count, 0, "records of what is refused")
  }
  options.tuning.rangeBytesTarget = 7
  options.threads = 2
  try requireSame(text(try scanned(options)), text(found), "with ranges of 7 bytes, another archive")
}

/// Returns whether the line may share an event with other lines; the reference implementation cannot read such
/// events.
private func mayBelongToOthers(_ line: [UInt8]) -> Bool {
  let content = line.filter { !" \t\r".utf8.contains($0) }
  guard let first = content.first, let last = content.last else { return false }
  return "[]},".utf8.contains(first) || content == [UInt8(ascii: "{")] || last == UInt8(ascii: ",")
}

/// Scans text over several lines. The result must depend neither on ranges nor on threads.
private func fuzzPages(_ bytes: [UInt8], _ options: ScanOptions) throws(Finding) {
  var options = options
  let found = try scanned(options)
  try requireSame(found.stats.input.bytesDecompressed, bytes.count, "bytes decoded")
  for (rangeBytesTarget, threads) in [(1 << 20, 1), (7, 2)] {
    options.tuning.rangeBytesTarget = rangeBytesTarget
    options.threads = threads
    let other = try scanned(options)
    try requireSame(
      textWithoutCoverage(other), textWithoutCoverage(found),
      "with ranges of \(rangeBytesTarget) bytes, pages")
  }
}

/// The ranges also decide which times are sampled of lines in no order.
private func textWithoutCoverage(_ result: ScanResult) -> [String] {
  var result = result
  result.stats.coverage = Coverage(CoveredHours())
  return text(result)
}

/// Splits the bytes into lines. An empty remainder after the last newline is no line.
private func lines(of bytes: [UInt8]) -> [[UInt8]] {
  var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map(Array.init)
  if lines.last == [] { lines.removeLast() }
  return lines
}

private func requireAgreement(_ result: ScanResult, _ expected: ReferenceResult) throws(Finding) {
  let stats = result.stats
  try requireSame(stats.records.blankLines, expected.blankLines, "blank lines")
  try requireSame(
    stats.records.rejected["time", default: 0], expected.rejected["time", default: 0], "events without a time"
  )
  try requireSame(stats.duplicates, expected.duplicates, "duplicates")
  for (rule, count) in stats.observations {
    try requireSame(count, expected.observations[rule, default: 0], "observations of \(rule)")
  }
  try requireSame(
    result.detections.map { LogText(withoutFiles($0).ndjson).description },
    expected.detections.map { LogText($0.ndjson).description }, "detections")
}

/// Removes the values that concern files, because the reference implementation does not know files.
private func withoutFiles(_ detection: Detection) -> Detection {
  var detection = detection
  detection.triage?.filesRead = 0
  detection.triage?.filesSkipped = 0
  detection.evidence = nil
  return detection
}

import SluiceRecords
import SluiceReference
import SluiceTestSupport

@testable import SluiceEngine

/// Scans the bytes as the content of a sound LZ4 file and compares the result with the reference's.
///
/// Which of the forms of LZ4 it is, depends on the bytes, so that an input that is found can be run again.
func fuzzEvents(_ bytes: [UInt8]) throws(Finding) {
  let form = LZ4Forms.all[Int(withBytes(bytes, ContentChecksum.digest)) % LZ4Forms.all.count]
  inputFile.write(form.encode(bytes))
  var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map(Array.init)
  // What stands behind the last newline is a line only if there is something.
  if lines.last == [] { lines.removeLast() }
  let expected = referenceDetections(lines: lines, options: ReferenceOptions())

  var options = scanOptions()
  options.tuning.rangeBytesTarget = 1000
  options.isStrict = true
  let strict = scan(options)
  try requireSame(strict.figures.records, expected.records, "records, \(form.name)")
  try requireSame(strict.figures.events, expected.events, "events, \(form.name)")
  try requireSame(strict.figures.blankLines, expected.blankLines, "blank lines, \(form.name)")
  try requireSame(
    strict.figures.rejected["time", default: 0], expected.rejected["time", default: 0],
    "events without a time")
  try requireSame(strict.figures.bytesDecompressed, bytes.count, "bytes decoded, \(form.name)")
  try requireAgreement(strict, expected, form)

  // What no rule looks at is not parsed, and may be anything.
  options.isStrict = false
  let result = scan(options)
  try requireSame(result.figures.records, expected.records, "records, not strict, \(form.name)")
  try requireAgreement(result, expected, form)
}

private func requireAgreement(_ result: ScanResult, _ expected: ReferenceResult, _ form: LZ4Forms.Form)
  throws(Finding)
{
  try requireSame(result.figures.duplicates, expected.duplicates, "duplicates, \(form.name)")
  for (rule, count) in result.figures.observations {
    try requireSame(count, expected.observations[rule, default: 0], "observations of \(rule), \(form.name)")
  }
  try requireSame(
    result.detections.map { LogText($0.ndjson).description },
    expected.detections.map { LogText($0.ndjson).description }, "detections, \(form.name)")
}

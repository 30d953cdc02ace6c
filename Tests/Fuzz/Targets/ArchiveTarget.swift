import SluiceRecords

@testable import SluiceEngine

/// Scans the bytes as an archive of one file.
///
/// Lines, records and bytes add up, nothing depends on threads and tuning, and all that is written is JSON. To be faster,
/// one input goes only one of two ways, which depends on its bytes.
func fuzzArchive(_ bytes: [UInt8]) throws(Finding) {
  inputFile.write(bytes)
  if withBytes(bytes, ContentChecksum.digest) & 1 == 0 {
    try fuzzPlainScan(bytes)
  } else {
    try fuzzStrictScan(bytes)
  }
}

private func fuzzPlainScan(_ bytes: [UInt8]) throws(Finding) {
  var options = scanOptions()
  let result = try scanned(options)
  try requireConsistent(result, byteCount: bytes.count)
  options.threads = 3
  options.tuning.rangeBytesTarget = 1
  options.tuning.shardCount = 1
  options.tuning.hashSeed = 7
  options.tuning.simdTarget = "portable"
  try requireSame(text(try scanned(options)), text(result), "with 3 threads and ranges of one block")
}

private func fuzzStrictScan(_ bytes: [UInt8]) throws(Finding) {
  var options = scanOptions()
  options.isStrict = true
  options.verifies = false
  options.usesTextWindows = true
  options.keepsDuplicates = true
  // Lines above this are rejected, which is another way through the joining of lines.
  options.limits.lineBytesMax = 300
  let result = try scanned(options)
  try requireConsistent(result, byteCount: bytes.count)
  options.tuning.rangeBytesTarget = 100
  try requireSame(text(try scanned(options)), text(result), "with --strict and ranges of 100 bytes")
}

/// What is within all limits, as everything here is.
func scanned(_ options: ScanOptions) throws(Finding) -> ScanResult {
  do throws(ScanError) {
    return try scan(options)
  } catch {
    throw Finding(description: "\(error)")
  }
}

/// One thread and few shards: what is measured here is not speed.
func scanOptions() -> ScanOptions {
  var options = ScanOptions(paths: [inputFile.path])
  options.threads = 1
  options.tuning.shardCount = 4
  options.tuning.rangeBytesTarget = 10_000
  return options
}

private func requireConsistent(_ result: ScanResult, byteCount: Int) throws(Finding) {
  let figures = result.figures
  try requireSame(figures.files, 1, "files")
  try requireSame(figures.bytesCompressed, byteCount, "bytes accounted for")
  try requireSame(
    figures.lines + figures.recordsBeyondLines,
    figures.records + figures.blankLines + figures.linesWithoutRecord, "lines")
  try requireSame(figures.records, figures.events + figures.rejected.values.reduce(0, +), "records")
  try requireSame(
    figures.frames, figures.framesVerified + figures.framesUnverifiable + figures.framesCorrupt, "frames")
  try require(
    figures.isComplete || !figures.problems.isEmpty || !figures.shortfalls.isEmpty,
    "incomplete without a problem")
  try require(figures.framesCorrupt == 0 || !figures.isComplete, "a damaged frame, and nothing is said of it")
  for record in result.detections.map(\.ndjson) + [figures.json] {
    var walker = JSONWalker(trie: ShapeTries.all.raw)
    try require(withBytes(record) { (try? walker.walk($0)) != nil }, "not JSON: \(LogText(record))")
    try require(!record.contains(UInt8(ascii: "\n")), "a newline in a record: \(LogText(record))")
  }
}

/// All of a result that must not depend on the run.
func text(_ result: ScanResult) -> [String] {
  var figures = result.figures
  figures.run = RunStats.Run(threads: 0, shards: 0, wallSeconds: 0, cpuSeconds: 0, peakRSSBytes: 0)
  // Nor how much triage could pass over, which the cut of ranges decides.
  figures.triage?.seconds = 0
  figures.triage?.bytesDecompressed = 0
  figures.triage?.lines = 0
  figures.triage?.rejected = [:]
  // Nor which unrecognised records are sampled.
  figures.events += figures.rejected.removeValue(forKey: "unrecognised") ?? 0
  figures.unrecognised = (files: 0, recordsSampled: 0)
  figures.problems.removeAll { $0.reason == "unrecognised" }
  return (result.detections.map(\.ndjson) + [figures.json]).map { LogText($0).description }
}

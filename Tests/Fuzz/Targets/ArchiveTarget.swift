@testable import SluiceRecords
@testable import SluiceReport

@testable import SluiceEngine

/// Scans the bytes as an archive of one file.
///
/// Lines, records and bytes must add up. The result must not depend on threads and tuning. All output must be JSON.
/// For speed, each input takes only one of two ways; its bytes decide which.
func fuzzArchive(_ bytes: [UInt8]) throws(Finding) {
  inputFile.write(bytes)
  if withBytes(bytes, RunningXXH32.digest) & 1 == 0 {
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
  // Longer lines are rejected, which exercises another path through line assembly.
  options.limits.lineBytesMax = 300
  let result = try scanned(options)
  try requireConsistent(result, byteCount: bytes.count)
  options.tuning.rangeBytesTarget = 100
  try requireSame(text(try scanned(options)), text(result), "with --strict and ranges of 100 bytes")
}

/// Scans with options that stay within all limits, as all fuzz inputs do.
func scanned(_ options: ScanOptions) throws(Finding) -> ScanResult {
  do throws(ScanError) {
    return try Scan(options).run()
  } catch {
    throw Finding(description: "\(error)")
  }
}

/// Returns options with one thread and few shards, because speed is not measured here.
func scanOptions() -> ScanOptions {
  var options = ScanOptions(paths: [inputFile.path])
  options.threads = 1
  options.tuning.shardCount = 4
  options.tuning.rangeBytesTarget = 10_000
  return options
}

private func requireConsistent(_ result: ScanResult, byteCount: Int) throws(Finding) {
  let stats = result.stats
  try requireSame(stats.input.files, 1, "files")
  try requireSame(stats.input.bytesCompressed, byteCount, "bytes accounted for")
  try requireSame(
    stats.records.lines + stats.records.recordsBeyondLines,
    stats.records.count + stats.records.blankLines + stats.records.linesWithoutRecord, "lines")
  try requireSame(
    stats.records.count, stats.records.events + stats.records.rejected.values.reduce(0, +), "records")
  try requireSame(
    stats.input.frames,
    stats.input.framesVerified + stats.input.framesUnverifiable + stats.input.framesCorrupt, "frames")
  try require(
    stats.isComplete || !stats.problems.isEmpty || !stats.shortfalls.isEmpty,
    "incomplete without a problem")
  try require(
    stats.input.framesCorrupt == 0 || !stats.isComplete, "a damaged frame, and nothing is said of it")
  for record in result.detections.map(\.ndjson) + [stats.json] {
    var walker = JSONWalker(trie: ShapeTries.all.raw)
    try require(withBytes(record) { (try? walker.walk($0)) != nil }, "not JSON: \(LogText(record))")
    try require(!record.contains(UInt8(ascii: "\n")), "a newline in a record: \(LogText(record))")
  }
}

/// Returns everything in a result that must not depend on the run.
func text(_ result: ScanResult) -> [String] {
  var stats = result.stats
  stats.run = RunStats.Resources(threads: 0, shards: 0, wallSeconds: 0, cpuSeconds: 0, peakRSSBytes: 0)
  // How much triage can skip depends on how ranges are cut.
  stats.triage?.seconds = 0
  stats.triage?.input.bytesDecompressed = 0
  stats.triage?.records.lines = 0
  stats.triage?.records.rejected = [:]
  // The ranges also decide which unrecognised records are sampled.
  stats.records.events += stats.records.rejected.removeValue(forKey: "unrecognised") ?? 0
  stats.unrecognised = (files: 0, recordsSampled: 0)
  stats.problems.removeAll { $0.reason == "unrecognised" }
  return (result.detections.map(\.ndjson) + [stats.json]).map { LogText($0).description }
}

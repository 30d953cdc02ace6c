import Glibc
@testable import SluiceEngine
@testable import SluiceRecords
@testable import SluiceReport
@testable import SluiceRules

/// Merges the bytes as a file of partials, after one byte of flags. Bit 0 says whether checksums are corrected, bit 1
/// whether other header fields are too, and the rest is a ``MergeWay``.
///
/// The outcome must be a result or an error with a message, and it must be the same each time. The result must not
/// depend on threads, the hash seed or the memory. All output must be JSON. The partials written again, and their
/// shards merged one by one, must give the same result.
func fuzzPartial(_ bytes: [UInt8]) throws(Finding) {
  guard let flags = bytes.first else { return }
  var file = Array(bytes.dropFirst())
  if flags & 1 != 0 { mendPartials(&file, deeply: flags & 2 != 0) }
  inputFile.write(file)
  let way = MergeWay(rawValue: flags)
  let options = way.options

  let result: ScanResult
  switch try merged(inputFile, options, way) {
  case .failure(let error):
    try require(!error.message.isEmpty, "an error without words")
    try require(error.file == inputFile.path, "the error names another file: \(error)")
    try require(error.offset.map { (0...file.count).contains($0) } ?? true, "no such location: \(error)")
    let again = try merged(inputFile, options, way)
    guard case .failure(error) = again else { throw Finding(description: "refused once only: \(error)") }
    return
  case .success(let value): result = value
  }
  let found = text(result)
  for record in result.detections.map(\.ndjson) + [result.stats.json] {
    var walker = JSONWalker(trie: ShapeTries.all.raw)
    try require(withBytes(record) { (try? walker.walk($0)) != nil }, "not JSON: \(LogText(record))")
  }
  // A page takes longer than all else together.
  for format in OutputFormat.allCases where format != .html { _ = format.render(result) }
  _ = Risk(result).json
  _ = Table(result).text

  var other = options
  other.threads = 3
  other.tuning.hashSeed = 7
  guard case .success(let again) = try merged(inputFile, other, way) else {
    throw Finding(description: "refused with 3 threads")
  }
  try requireSame(text(again), found, "with 3 threads")

  // Rows that no rule can need are not read. A merge that reads all rows may therefore refuse an input that another
  // one accepts.
  other = options
  other.memoryBytes = options.memoryBytes == nil ? 1 : nil
  if case .success(let reduced) = try merged(inputFile, other, way) {
    try requireSame(text(reduced), found, "with \(other.memoryBytes == nil ? "any" : "little") memory")
  }
  if way.contains(.oneShard) { return }
  try compareShards(result, options)
  if try writeAnew() {
    guard case .success(let again) = try merged(copyFile, options, way) else {
      throw Finding(description: "what was written anew is refused")
    }
    try requireSame(text(again), found, "written anew")
  }
}

/// The options of a merge.
private struct MergeWay: OptionSet {
  let rawValue: UInt8

  static let keepsDuplicates = MergeWay(rawValue: 1 << 2)
  static let usesTextWindows = MergeWay(rawValue: 1 << 3)
  /// Uses only one rule's filters and fields of all those in the partial.
  static let oneRule = MergeWay(rawValue: 1 << 4)
  static let someTime = MergeWay(rawValue: 1 << 5)
  /// Behaves like `--shards 0-0`, which allows other shards to be missing.
  static let oneShard = MergeWay(rawValue: 1 << 6)
  /// Behaves as if only one sorted run fitted into memory.
  static let littleMemory = MergeWay(rawValue: 1 << 7)

  var options: ScanOptions {
    var options = ScanOptions(paths: [])
    // Rules without a client IP need all shards.
    let rules = contains(.oneShard) ? mergedRules.filter { $0.clientIP != .none } : mergedRules
    options.rules = contains(.oneRule) ? rules.filter { $0.id == "okta-accounts-locked-out" } : rules
    options.keepsDuplicates = contains(.keepsDuplicates)
    options.usesTextWindows = contains(.usesTextWindows)
    if contains(.someTime) {
      options.from = EventTime(milliseconds: 1_767_607_200_000)  // 2026-01-05T10:00:00Z
      options.to = EventTime(milliseconds: 1_767_610_000_000)
    }
    options.memoryBytes = contains(.littleMemory) ? 1 : nil
    options.threads = 1
    options.tuning.hashSeed = 1
    return options
  }
}

/// The rules of `Tests/Golden/partial-2`: the published ones, and one that does not group by the client IP.
private let mergedRules: [Rule] = {
  let text = """
    rules:
      - id: locks-by-user
        title: Locks of one user
        severity: low
        filter: ['eventType == "user.account.lock"']
        key: [{field: actor.alternateId, null: unknown}]
        window: {length: 1h}
        columns: {n: count(), ips: values(client.ipAddress)}
        condition: n >= 2
    """
  guard let book = Rulebook.reading(Array(text.utf8), file: "rules").book else {
    preconditionFailure("the rules have an error")
  }
  return book.activeRules()
}()

private func merged(_ file: InputFile, _ options: ScanOptions, _ way: MergeWay) throws(Finding)
  -> Result<ScanResult, PartialError>
{
  try merged(file, options, shards: way.contains(.oneShard) ? 0...0 : nil)
}

private func merged(_ file: InputFile, _ options: ScanOptions, shards: ClosedRange<Int>?) throws(Finding)
  -> Result<ScanResult, PartialError>
{
  do throws(ScanError) {
    return .success(try Scan(options).merging([file.path], shards: shards))
  } catch .partial(let error) {
    return .failure(error)
  } catch {
    throw Finding(description: "\(error)")
  }
}

/// Compares the detections of rules that can be evaluated shard by shard with those of the single shards.
private func compareShards(_ result: ScanResult, _ options: ScanOptions) throws(Finding) {
  var options = options
  options.rules = options.rules.filter { $0.clientIP != .none }
  let ofAll = result.detections.filter { detection in options.rules.contains { $0.id == detection.rule.id } }
  guard let sections = try? PartialSection.all(in: inputFile.path),
    case let count = sections[0].contract.shardCount, (2...8).contains(count)
  else { return }
  var ids: [String] = []
  for shard in 0..<count {
    guard case .success(let part) = try merged(inputFile, options, shards: shard...shard) else {
      throw Finding(description: "shard \(shard) is refused")
    }
    ids += part.detections.map { "\($0.id)" }
  }
  try requireSame(ids.sorted(), ofAll.map { "\($0.id)" }.sorted(), "detections by shard")
}

/// The file to which partials are written again.
private let copyFile = InputFile()

/// Writes the partials of the input again.
///
/// - Returns: false if a row that the merge did not need is refused.
private func writeAnew() throws(Finding) -> Bool {
  copyFile.rewind()
  do {
    for section in try PartialSection.all(in: inputFile.path) {
      let contract = section.contract
      let writer = try PartialWriter(
        to: copyFile.descriptor, contract, section.sources, files: Array(section.sources.indices))
      let run = SortedRun(
        file: section.file, frames: section.frames,
        projection: RowProjection(asWritten: contract.fields, filterCount: contract.filters.count),
        shardCount: contract.shardCount, fileCount: section.sources.count, rowCounts: section.rowCounts)
      try writer.write([run], key: HashKey(seed: 0))
      try writer.finish(section.totals)
    }
    return true
  } catch is PartialError {
    return false
  } catch {
    throw Finding(description: "\(error)")
  }
}

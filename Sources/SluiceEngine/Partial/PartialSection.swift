import SluiceRecords
import SluiceRules

/// A partial in a file that may hold several. Its rows are not here; they are read when they are needed.
struct PartialSection: Sendable {
  var file: PartialFile
  /// Offset of the first frame in the file.
  var offset: Int
  var contract: PartialContract
  var contractHash: UInt64
  var sources: [PartialSource]
  var identity: PartialFrame.Identity
  var frames: [RowFrame]
  /// Numbers of rows, by shard.
  var rowCounts: [Int]
  /// Statistics. Files have the numbers of their sources.
  var totals: ScanStats

  /// Reads the partials of a file, which follow one another. The checksum of every frame is verified.
  ///
  /// - Parameter isDealt: whether row frames may be missing because they were dealt out to several processes.
  static func all(in path: String, isDealt: Bool = false) throws(PartialError) -> [PartialSection] {
    let file = PartialFile(path)
    var sections: [PartialSection] = []
    var reader = PartialReader(file: file, isDealt: isDealt)
    while let section = try reader.next() { sections.append(section) }
    if sections.isEmpty { throw PartialError("it is empty", file: path) }
    return sections
  }

  /// Returns the filter number of each rule. - Throws: if the partial lacks data that a rule needs.
  ///
  /// - Parameter isDealt: whether only rows of some shards are present.
  func filters(of rules: [Rule], isDealt: Bool = false) throws(PartialError) -> [Int] {
    let numbers = try contract.filters(of: rules, isDealt: isDealt)
    for (rule, number) in zip(rules, numbers) where totals.passed[number].count != rule.filter.count {
      throw PartialError("its totals contradict its filters", offset: offset, file: file.path)
    }
    return numbers
  }

  /// Returns the rows of the partial as a sorted run.
  ///
  /// - Parameters:
  ///   - filters: filter numbers, by rule.
  ///   - files: file numbers, by source.
  func run(filters: [Int], layout: FacetLayout, files: [Int], from: EventTime?, to: EventTime?) -> SortedRun {
    var projection = RowProjection(contract, filters: filters, layout: layout, files: files)
    projection.from = from
    projection.to = to
    return SortedRun(
      file: file, frames: frames, projection: projection, shardCount: contract.shardCount,
      fileCount: sources.count, rowCounts: rowCounts)
  }
}

import SluiceRecords
import SluiceSystem

/// Rollups: the partials of many files as one, so that a run with few new files merges few sorted runs.
///
/// A rollup holds only data that the partials of its files also hold, so it can be removed at any time.
extension PartialCache {
  /// A rollup all of whose files are unchanged.
  struct Rollup {
    var name: String
    var section: PartialSection
    /// File numbers, by source.
    var files: [Int]
    /// Filter numbers, by rule.
    var filters: [Int]

    func run(_ plan: ScanPlan, _ options: ScanOptions) -> SortedRun {
      section.run(
        filters: filters, layout: plan.layout, files: files, from: options.from, to: options.to)
    }

    /// Names of the partials of the rollup's files, and the paths of the files.
    var partialNames: [(name: String, path: String)] {
      let contract = section.contract.bytes
      return section.sources.compactMap { source in
        source.status.map { status in
          let name = PartialCache.name(source.path, status, contract: contract, content: source.content)
          return (name, source.path.name)
        }
      }
    }
  }

  private static let nameStart = "rollup-"
  /// Minimum number of files outside the known rollup for writing a new one. They must also be an eighth of all.
  private static let newCountMin = 8
  /// Minimum age of a rollup's files. A recently written file may change again and would invalidate the rollup.
  private static let ageNanoseconds: Int64 = 24 * 3_600_000_000_000

  /// Returns the usable rollup with the most files, and the problem of an unusable one, if there is one.
  func rollup(of listing: ArchiveListing, _ names: [String]) -> (section: Rollup?, problem: String?) {
    let numbers = Dictionary(
      listing.files.enumerated().map { (path(of: $1), $0) }, uniquingKeysWith: { first, _ in first })
    var best: Rollup?
    var problem: String?
    for name in names where name.hasPrefix(Self.nameStart) {
      do throws(PartialError) {
        let sections = try PartialSection.all(in: "\(folder.path)/\(name)")
        guard sections.count == 1, sections[0].contract.isAlike(contract),
          let filters = try? sections[0].filters(of: options.rules)
        else { continue }
        let files = sections[0].sources.compactMap { source -> Int? in
          numbers[source.path].flatMap { isUnchanged(source) ? $0 : nil }
        }
        guard files.count == sections[0].sources.count, files.count > best?.files.count ?? 0 else { continue }
        best = Rollup(name: name, section: sections[0], files: files, filters: filters)
      } catch {
        problem = "a rollup could not be used, so the partials of its files were used: \(error)"
      }
    }
    return (best, problem)
  }

  private func isUnchanged(_ source: PartialSource) -> Bool {
    guard let status = source.path.status, status == source.status, source.range == nil else { return false }
    guard folder.isParanoid else { return true }
    return source.content != nil && (try? contentHash(source.path)) == source.content
  }

  /// Writes a rollup if enough files are in none. - Returns: its name.
  func rollUp(
    _ listing: ArchiveListing, _ known: Rollup?, _ entries: [(file: Int, entry: Entry)]
  ) throws(ScanError) -> String? {
    let new = entries.filter { _, entry in
      guard entry.name != nil, entry.contract == contract, let status = entry.status else { return false }
      return status.modified <= start - Self.ageNanoseconds
    }
    // A rollup of other rules has other rows.
    let known = known?.section.contract == contract ? known : nil
    let knownCount = known?.files.count ?? 0
    guard new.count >= max(Self.newCountMin, (knownCount + new.count) / 8) else { return nil }
    var members = known.map { Array(zip($0.files, $0.section.sources)) } ?? []
    members += new.map { file, entry in
      let source = PartialSource(
        path: path(of: listing.files[file]), status: entry.status, content: entry.content)
      return (file, source)
    }
    members.sort { $0.0 < $1.0 }
    // Maps a file number to its source number.
    func number(_ file: Int) -> Int { members.partitioningIndex(where: { $0.0 >= file }) }
    let filters = Array(contract.filters.indices)
    var totals = ScanStats(rules: options.rules)
    var runs: [SortedRun] = []
    if let known {
      totals.add(known.section.totals, files: known.files.map(number), filters: filters)
      runs.append(
        known.section.run(filters: filters, layout: plan.layout, files: known.files, from: nil, to: nil))
    }
    var ofAllTimes = options
    (ofAllTimes.from, ofAllTimes.to) = (nil, nil)
    for (file, entry) in new {
      totals.add(entry.totals, files: [number(file)], filters: filters)
      runs.append(entry.run(file, plan, ofAllTimes))
    }
    do {
      let reduced = try MergePass(
        options: options, key: key, shardCount: contract.shardCount, fileCount: listing.files.count
      ).reduced(runs)
      var name = ByteWriter()
      for (_, source) in members { source.write(to: &name) }
      let fileName =
        "\(Self.nameStart)\(Self.hash(name.bytes))-\(Self.hash(contractBytes))\(Self.ending)"
      let atomicFile = try AtomicFile(fileName, in: folder.path)
      let writer = try PartialWriter(
        to: atomicFile.descriptor, contract, members.map { $0.1 }, files: members.map { $0.0 })
      try writer.write(reduced, key: key)
      try writer.finish(totals)
      try atomicFile.commit()
      return fileName
    } catch let error as ScanError {
      throw error
    } catch {
      throw .cacheFolder("the folder of partials \(folder.path) cannot be written to: \(error)")
    }
  }
}

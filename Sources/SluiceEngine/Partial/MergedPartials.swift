import Glibc
import SluiceRecords
import SluiceSystem

/// Partials to be merged. They share one contract, and their sources do not overlap.
struct MergedPartials {
  private let sections: [PartialSection]
  private let sources: MergedSources

  var shardCount: Int { sections[0].contract.shardCount }

  /// - Throws: if a partial is damaged, cut, of another contract than the first, or overlaps another; if two partials
  ///   hold different versions of a file; if the number of sources is not the expected one.
  init(_ paths: [String], expected: Int?, shards: ClosedRange<Int>?, threads: Int) throws(PartialError) {
    try Self.checkPaths(paths)
    let sections = try Self.sections(in: paths, isDealt: shards != nil, threads: threads)
    for section in sections where section.contractHash != sections[0].contractHash {
      throw PartialError(
        "this partial does not fit the one in \(sections[0].file.path): \(section.contract.difference(from: sections[0].contract))",
        offset: section.offset, file: section.file.path)
    }
    var weight = 0
    for section in sections {
      weight += section.totals.weight
      guard weight < 1 << 60 else {
        throw PartialError(
          "the counts of all partials up to this one are too large", offset: section.offset,
          file: section.file.path)
      }
    }
    let sources = try MergedSources(of: sections)
    if let expected, expected != sources.count {
      throw PartialError(
        "\(NumberFormat.count(expected, "source")) \(NumberFormat.form(expected, "was", "were")) expected, and \(sources.count) found"
      )
    }
    self.sources = sources
    self.sections = sections
  }

  /// Refuses paths that are not regular files, and files that are given twice, also under different names.
  private static func checkPaths(_ paths: [String]) throws(PartialError) {
    var known: [FileIdentity: String] = [:]
    for path in paths {
      var status = stat()
      guard ArchiveListing.Path(path).withCString({ stat($0, &status) }) == 0 else { continue }
      switch status.st_mode & S_IFMT {
      case S_IFREG: break
      case S_IFDIR: throw PartialError("it is a folder; name the files of partials in it", file: path)
      default: throw PartialError("partials are read by place; copy this one to a file first", file: path)
      }
      let identity = FileIdentity(status)
      if let other = known.updateValue(path, forKey: identity) {
        throw PartialError("it is given twice\(other == path ? "" : ", also as \(other)")", file: path)
      }
    }
  }

  private static func sections(in paths: [String], isDealt: Bool, threads: Int) throws(PartialError)
    -> [PartialSection]
  {
    try parallelMap(count: paths.count, threads: threads) { (index) throws(PartialError) in
      try PartialSection.all(in: paths[index], isDealt: isDealt)
    }.flatMap { $0 }
  }

  /// Returns the observations of all partials.
  ///
  /// - Parameter shards: shards to evaluate; nil for all.
  /// - Throws: if an active rule needs events or fields that the partials lack, or rows of other shards.
  func observationSet(_ options: ScanOptions, shards: ClosedRange<Int>?) throws(PartialError)
    -> ObservationSet
  {
    let isDealt = shards.map { $0 != 0...shardCount - 1 } ?? false
    let filters: [Int]
    do throws(PartialError) {
      filters = try sections[0].filters(of: options.rules, isDealt: isDealt)
      for section in sections { _ = try section.filters(of: options.rules) }
    } catch {
      throw error.at(of: sections[0].file.path)
    }
    let layout = FacetLayout(rules: options.rules)
    var totals = ScanStats(rules: options.rules, from: options.from, to: options.to)
    var versions: [Int: FileVersion] = [:]
    for (section, files) in zip(sections, sources.numbers) {
      totals.add(section.totals, files: files, filters: filters)
      for (file, source) in zip(files, section.sources) { versions[file] = versions[file] ?? source.status }
    }
    totals.log.merge(sources.missing)
    // A file in several ranges was counted once for each range.
    totals.input.files -= sources.count - sources.listing.files.count
    let runs = zip(sections, sources.numbers).map { section, files in
      section.run(filters: filters, layout: layout, files: files, from: options.from, to: options.to)
    }
    return ObservationSet(
      listing: sources.listing, versions: versions, observed: .written(runs), totals: totals,
      cacheUse: CacheUse(filesReused: totals.input.files))
  }

  /// Returns the input of triage: the files of another listing, with times and problems of those that are sources.
  func triageInput(_ listing: ArchiveListing, _ reading: ObservationSet) -> ObservationSet {
    var input = ObservationSet(
      listing: listing, versions: [:], observed: .held([]), totals: ScanStats(rules: []), cacheUse: nil)
    input.totals.numbering = reading.totals.numbering
    // Several partials may have read standard input.
    let numbers = Dictionary(
      sources.listing.files.enumerated().map { ($1.location, $0) }, uniquingKeysWith: { first, _ in first })
    for (number, file) in input.listing.files.enumerated() {
      let known = numbers[file.location]
      // An unknown file may contain anything, so it must be read.
      if let times = known == nil ? FileTimeRanges.File() : known.flatMap({ reading.totals.times.files[$0] })
      {
        input.totals.times.merge(times, of: number)
      }
      input.versions[number] = known.flatMap { reading.versions[$0] } ?? file.location.status
      for (key, entries) in reading.totals.log.entries where key.file == known {
        input.totals.log.merge(ProblemLog.Key(file: number, reason: key.reason), entries)
      }
    }
    return input
  }
}

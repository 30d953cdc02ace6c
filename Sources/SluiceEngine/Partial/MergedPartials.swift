import SluiceRecords
import SluiceSystem
import Synchronization

/// Partials that are merged: all of one contract, and of sources that have nothing in common.
struct MergedPartials {
  private let sections: [PartialSection]
  /// All sources, in the order of their paths and ranges; and of each section's sources the numbers of their files.
  private let listing: ArchiveListing
  private let files: [[Int]]

  var shardCount: Int { sections[0].contract.shardCount }

  /// - Throws: if one is damaged, cut, of another contract than the others, or of a source that another is of; if there
  ///   are not as many sources as expected.
  init(_ paths: [String], expected: Int?, shards: ClosedRange<Int>?, threads: Int) throws(PartialFault) {
    let sections = try Self.sections(in: paths, isDealt: shards != nil, threads: threads)
    for section in sections where section.contractHash != sections[0].contractHash {
      throw PartialFault(
        "this partial does not fit the one in \(sections[0].file.path): \(section.contract.difference(from: sections[0].contract))",
        offset: section.offset, file: section.file.path)
    }
    var weight = 0
    for section in sections {
      weight += section.totals.weight
      guard weight < 1 << 60 else {
        throw PartialFault(
          "the counts of all partials up to this one are too large", offset: section.offset,
          file: section.file.path)
      }
    }
    let sources = sections.enumerated().flatMap { number, section in section.sources.map { (number, $0) } }
    let named = sources.map { (section: $0.0, source: $0.1, parts: $0.1.path.withoutDots) }
    let sorted = named.sorted { a, b in
      if a.parts != b.parts {
        return a.parts.lexicographicallyPrecedes(b.parts) { $0.lexicographicallyPrecedes($1) }
      }
      return (a.source.range?.lowerBound ?? 0, a.section) < (b.source.range?.lowerBound ?? 0, b.section)
    }
    for (a, b) in zip(sorted, sorted.dropFirst()) where a.source.overlaps(b.source) {
      throw PartialFault(
        "\(b.source.name) is in two partials; the other is in \(sections[a.section].file.path)",
        offset: sections[b.section].offset, file: sections[b.section].file.path)
    }
    if let expected, expected != sources.count {
      throw PartialFault("\(expected) sources were expected, and there are \(sources.count)")
    }
    // Ranges of one file are that file.
    var locations: [ArchiveListing.Path] = []
    for path in sources.map(\.1.path).sorted() where locations.last != path { locations.append(path) }
    let numbers = Dictionary(uniqueKeysWithValues: locations.enumerated().map { ($1, $0) })
    let sizes = Dictionary(sources.map { ($0.1.path, $0.1.status?.size ?? 0) }, uniquingKeysWith: max)
    listing = ArchiveListing(
      files: locations.map { ArchiveListing.File(location: $0, sizeBytes: sizes[$0] ?? 0, identity: nil) })
    files = sections.map { section in section.sources.map { numbers[$0.path]! } }  // Of all sources.
    self.sections = sections
  }

  private static func sections(in paths: [String], isDealt: Bool, threads: Int) throws(PartialFault)
    -> [PartialSection]
  {
    let next = Atomic(0)
    let results = Monitor([Int: Result<[PartialSection], PartialFault>]())
    runWorkers(min(threads, paths.count)) { _ in
      while case let index = next.wrappingAdd(1, ordering: .relaxed).oldValue, index < paths.count {
        let result = Result { () throws(PartialFault) in
          try PartialSection.all(in: paths[index], isDealt: isDealt)
        }
        results.withLock { $0[index] = result }
      }
    }
    var sections: [PartialSection] = []
    let read = results.withLock { $0 }
    for index in paths.indices { sections += try read[index]!.get() }  // Each has one.
    return sections
  }

  /// - Throws: if a rule in force asks for events or fields that were not kept.
  func reading(_ options: ScanOptions) throws(PartialFault) -> Reading {
    let filters: [Int]
    do throws(PartialFault) {
      filters = try sections[0].filters(of: options.rules)
      for section in sections { _ = try section.filters(of: options.rules) }
    } catch {
      throw error.at(of: sections[0].file.path)
    }
    let layout = FacetLayout(rules: options.rules)
    var totals = ScanTotals(rules: options.rules, from: options.from, to: options.to)
    var statuses: [Int: FileStatus] = [:]
    for (section, files) in zip(sections, files) {
      totals.add(section.totals, files: files, filters: filters)
      for (file, source) in zip(files, section.sources) { statuses[file] = source.status }
    }
    // A file that is there in ranges was counted once for each.
    totals.archive.files -= sections.reduce(0) { $0 + $1.sources.count } - listing.files.count
    let runs = zip(sections, files).map { section, files in
      section.run(filters: filters, layout: layout, files: files, from: options.from, to: options.to)
    }
    return Reading(
      listing: listing, statuses: statuses, observed: .written(runs), totals: totals,
      reuse: Reading.Reuse(filesReused: totals.archive.files))
  }

  /// For triage: the files of another listing, of which those that have a source's path are known.
  func triageReading(_ near: ArchiveListing, _ reading: Reading) -> Reading {
    var near = Reading(
      listing: near, statuses: [:], observed: .held([]), totals: ScanTotals(rules: []), reuse: nil)
    near.totals.numbering = reading.totals.numbering
    let numbers = Dictionary(
      uniqueKeysWithValues: listing.files.enumerated().map { ($1.location, $0) })
    for (number, file) in near.listing.files.enumerated() {
      let known = numbers[file.location]
      // Of a file that is not known it is not known either that nothing is in it.
      if let times = known == nil ? ArchiveTimes.File() : known.flatMap({ reading.totals.times.files[$0] }) {
        near.totals.times.merge(times, of: number)
      }
      near.statuses[number] = known.flatMap { reading.statuses[$0] } ?? file.location.status
      for (key, entries) in reading.totals.log.entries where key.file == known {
        near.totals.log.merge(ProblemLog.Key(file: number, reason: key.reason), entries)
      }
    }
    return near
  }
}

import SluiceRecords
import SluiceSystem

/// Maps the sources of partials to files, and finds bytes that no partial holds.
///
/// Sources with equal paths are ranges of one file. A file under two names would be counted twice, so it is refused.
/// Hard links count as separate files, as in a scan.
struct MergedSources {
  /// Number of sources.
  private(set) var count = 0
  /// Files, sorted by path. Each standard input is a separate file.
  let listing: ArchiveListing
  /// File numbers, by section and source.
  private(set) var numbers: [[Int]]
  /// Problems that report bytes missing from all partials.
  private(set) var missing = ProblemLog()

  /// - Throws: if two partials hold the same bytes, or different versions of one file.
  init(of sections: [PartialSection]) throws(PartialError) {
    let files = SourceFile.all(of: sections)
    for file in files { try file.check(sections) }
    try Self.checkNames(files, sections)
    numbers = sections.map { Array(repeating: 0, count: $0.sources.count) }
    listing = ArchiveListing(
      files: files.map {
        ArchiveListing.File(location: $0.path, sizeBytes: $0.status?.size ?? 0, identity: nil)
      })
    for (number, file) in files.enumerated() {
      count += file.members.count
      for member in file.members { numbers[member.section][member.number] = number }
      for gap in file.gaps {
        missing.add(
          file: number, Position(fileOffset: gap.start, offsetInBlock: 0), reason: .missing, gap.message)
      }
    }
  }

  /// Refuses files with more names than hard links.
  private static func checkNames(_ files: [SourceFile], _ sections: [PartialSection]) throws(PartialError) {
    // Number of names that each file has so far, and the first name in each of the first two sections that have one.
    var known: [FileVersion: (count: Int, names: [SourceFile])] = [:]
    for file in files {
      guard let status = file.status else { continue }
      let (count, names) = known[status] ?? (0, [])
      let other = names.first { $0.members[0].section != file.members[0].section }
      let isNew = names.isEmpty || names.count == 1 && other != nil
      known[status] = (count + 1, isNew ? names + [file] : names)
      // Names in one partial count as in a scan.
      guard count >= status.links, let other else { continue }
      let section = sections[file.members[0].section]
      let isInRanges = file.members[0].source.range != nil && other.members[0].source.range != nil
      throw PartialError(
        """
        \(file.path.name) is in two partials; by device, inode, size and times it is \(other.path.name) in \
        \(sections[other.members[0].section].file.path); \
        \(isInRanges ? "make the partials of its ranges under one name" : "leave one out")
        """, offset: section.offset, file: section.file.path)
    }
  }
}

/// A file that partials hold, complete or in ranges.
private struct SourceFile {
  struct Member {
    var section: Int
    /// Number of the source in its section.
    var number: Int
    var source: PartialSource
    /// Components of the path, by which paths are compared.
    var parts: [[UInt8]]
  }

  struct Gap {
    var start: Int
    /// End of the gap; nil if the file's size is not known.
    var end: Int?

    var message: String {
      guard let end else { return "the file's size is not known, so bytes from \(start) on may be missing" }
      return """
        bytes \(start) to \(end) are in none of these partials; add the partial of them, or make it with \
        --range \(start)..\(end)
        """
    }
  }

  /// Sources of this file, in the order of their ranges.
  private(set) var members: [Member]

  /// Returns the files of all sources, sorted by path.
  static func all(of sections: [PartialSection]) -> [SourceFile] {
    let members = sections.enumerated().flatMap { section, content in
      content.sources.enumerated().map {
        Member(section: section, number: $0, source: $1, parts: $1.path.withoutDots)
      }
    }.sorted { a, b in
      if a.parts != b.parts {
        return a.parts.lexicographicallyPrecedes(b.parts) { $0.lexicographicallyPrecedes($1) }
      }
      return (a.source.range?.lowerBound ?? 0, a.section) < (b.source.range?.lowerBound ?? 0, b.section)
    }
    var files: [SourceFile] = []
    for member in members {
      if let last = files.last?.members[0], last.parts == member.parts, !member.source.isStandardInput {
        files[files.count - 1].members.append(member)
      } else {
        files.append(SourceFile(members: [member]))
      }
    }
    return files.sorted { $0.path < $1.path }
  }

  /// First of the file's paths in sort order.
  var path: ArchiveListing.Path { members.map(\.source.path).min() ?? members[0].source.path }

  /// File version; nil if no member could be opened or the file is not a regular one.
  var status: FileVersion? { members.lazy.compactMap(\.source.status).first }

  /// Refuses bytes that occur twice, and ranges of different file versions.
  func check(_ sections: [PartialSection]) throws(PartialError) {
    func error(_ member: Member, _ message: String) -> PartialError {
      let section = sections[member.section]
      return PartialError(
        "\(member.source.name) \(message)", offset: section.offset, file: section.file.path)
    }
    for (a, b) in zip(members, members.dropFirst()) where a.source.overlaps(b.source) {
      throw error(b, "is in two partials; the other is in \(sections[a.section].file.path)")
    }
    guard let first = members.first(where: { $0.source.status != nil }), let status else { return }
    for member in members {
      guard let change = member.source.status?.difference(from: status) else { continue }
      throw error(
        member,
        """
        is of another version than \(first.source.name) in \(sections[first.section].file.path): \
        \(change); make the partials of all its ranges again
        """)
    }
  }

  /// Bytes that no member holds.
  var gaps: [Gap] {
    var gaps: [Gap] = []
    let size = status?.size
    var end = 0
    for member in members {
      guard let range = member.source.range else { return [] }
      if end < min(range.lowerBound, size ?? .max) {
        gaps.append(Gap(start: end, end: min(range.lowerBound, size ?? .max)))
      }
      end = max(end, range.upperBound)
    }
    if size.map({ end < $0 }) ?? true { gaps.append(Gap(start: end, end: size)) }
    return gaps
  }
}

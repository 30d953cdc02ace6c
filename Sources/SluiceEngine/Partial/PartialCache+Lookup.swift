import CXXHash
import Glibc
import SluiceRecords
import SluiceSystem

/// Lookup of usable partials.
extension PartialCache {
  enum Lookup {
    case usable(Entry)
    case damaged(String)
    /// The partial lacks events or fields that a rule needs.
    case outdated(String)

    var entry: Entry? { if case .usable(let entry) = self { entry } else { nil } }
  }

  /// Looks up the partials of files; a file without one has no entry. - Parameter names: names in the folder, sorted.
  func find(_ listing: ArchiveListing, _ names: [String], except covered: Set<Int>) -> [Int: Lookup] {
    let files = listing.files.indices.filter { !covered.contains($0) }
    let found = parallelMap(count: files.count, threads: options.threads) {
      find(listing.files[files[$0]], names)
    }
    return Dictionary(uniqueKeysWithValues: zip(files, found)).compactMapValues { $0 }
  }

  func find(_ file: ArchiveListing.File, _ names: [String]) -> Lookup? {
    guard file.identity != nil, let status = file.location.status else { return nil }
    let path = path(of: file)
    let prefix = Self.prefix(path, status)
    let first = names[...].partitioningIndex(where: { $0 >= prefix })
    var candidates = Array(names[first...].prefix { $0.hasPrefix(prefix) })
    guard !candidates.isEmpty else { return nil }
    // Try first the name that this run would write.
    let own = Self.name(path, status, contract: contractBytes, content: nil)
    if let index = candidates.firstIndex(of: own) { candidates.swapAt(0, index) }
    var source = PartialSource(path: path, status: status)
    if folder.isParanoid {
      guard let content = try? contentHash(file.location) else { return nil }
      source.content = content
    }
    var worst: Lookup?
    for name in candidates {
      switch look(at: name, source) {
      case .usable(let entry): return .usable(entry)
      case .damaged(let why): worst = .damaged(why)
      case .outdated(let why): worst = worst ?? .outdated(why)
      case nil: break
      }
    }
    return worst
  }

  /// Examines one partial; nil if it belongs to another source.
  func look(at name: String, _ source: PartialSource) -> Lookup? {
    let path = "\(folder.path)/\(name)"
    let section: PartialSection
    do throws(PartialError) {
      let sections = try PartialSection.all(in: path)
      guard sections.count == 1 else { throw PartialError("it holds several partials", file: path) }
      section = sections[0]
    } catch {
      return .damaged("its partial could not be used and was made again: \(error)")
    }
    guard section.sources.count == 1, section.sources[0].path == source.path,
      section.sources[0].status == source.status, section.sources[0].range == nil,
      source.content == nil || section.sources[0].content == source.content
    else { return nil }
    guard section.contract.isAlike(contract) else {
      return .outdated(section.contract.difference(from: contract))
    }
    do throws(PartialError) {
      let filters = try section.filters(of: options.rules)
      return .usable(
        Entry(
          name: name, file: section.file, frames: section.frames, rowCounts: section.rowCounts,
          contract: section.contract, totals: section.totals, status: source.status,
          content: section.sources[0].content, filters: filters))
    } catch {
      return .outdated(error.message)
    }
  }

  func contentHash(_ path: ArchiveListing.Path) throws(SystemError) -> [UInt8] {
    let source = try ByteSource(ArchiveListing.File(location: path, sizeBytes: 0, isNamed: true))
    guard let state = XXH3_createState() else { throw SystemError(code: ENOMEM) }
    defer { XXH3_freeState(state) }
    XXH3_128bits_reset(state)
    var buffer = UnsafeBuffer(capacity: 1 << 20)
    while case let count = try source.read(into: &buffer, at: 0, count: 1 << 20), count > 0 {
      XXH3_128bits_update(state, buffer.base, count)
    }
    let hash = XXH3_128bits_digest(state)
    var bytes = ByteWriter()
    bytes.fixed(hash.low64)
    bytes.fixed(hash.high64)
    return bytes.bytes
  }
}

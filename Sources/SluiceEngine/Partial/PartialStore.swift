import CXXHash
import Glibc
import SluiceRecords
import SluiceSystem
import Synchronization

/// A folder that keeps a partial for each file of archives, so that what has not changed need not be read again.
///
/// A partial's name says of which path, of which state of the file and by which contract it is, so that a listing of the folder says
/// all there is, and a run that was killed has lost nothing but what it was writing. Partials are written beside their
/// places and renamed into them; none is ever changed. Several runs may use a folder at once: what nobody needs any more is
/// removed by a run that is alone.
struct PartialStore {
  /// Of problems that say that a partial could not be used.
  static let reason = "partial"
  /// A file that has just changed may change again and look the same.
  private static let restNanoseconds: Int64 = 2_000_000_000

  let folder: PartialFolder
  let options: ScanOptions
  let key: HashKey
  let plan: ScanPlan
  let contract: PartialContract
  let contractBytes: [UInt8]
  let start: Int64

  init(_ folder: PartialFolder, _ options: ScanOptions, key: HashKey) {
    self.folder = folder
    self.options = options
    self.key = key
    start = folder.now()
    plan = ScanPlan(forPartialsOf: options)
    contract = PartialContract(plan, verifies: options.verifies)
    contractBytes = contract.bytes
  }

  /// Reads the files of which no partial can be used, and keeps one of each.
  func read(_ listing: ArchiveListing) throws(ScanError) -> Reading {
    try checkFolder()
    let lock: FolderLock
    var names: [String]
    do throws(SystemError) {
      lock = try FolderLock(folder.path)
      names = try partialNames()
    } catch {
      throw .unexpected("the folder of partials \(folder.path) cannot be used: \(error)")
    }
    names.sort()
    let rollup = rollup(of: listing, names)
    let covered = Set(rollup.section?.files ?? [])
    let found = find(listing, names, except: covered)
    let missing = listing.files.indices.filter { found[$0]?.entry == nil && !covered.contains($0) }
    let made = try scan(listing, Set(missing))

    var reading = Reading(
      listing: listing, statuses: [:], observed: .held([]),
      totals: ScanTotals(rules: options.rules, from: options.from, to: options.to), reuse: Reading.Reuse())
    var reuse = Reading.Reuse()
    var runs: [RowRun] = []
    var kept: [Kept] = []
    if let problem = rollup.problem, !listing.files.isEmpty {
      reading.totals.log.add(
        file: 0, Position(fileOffset: 0, offsetInBlock: 0), reason: Self.reason, problem)
    }
    if let known = rollup.section {
      reading.totals.add(known.section.totals, files: known.files, filters: known.filters)
      for (file, source) in zip(known.files, known.section.sources) { reading.statuses[file] = source.status }
      runs.append(known.run(plan, options))
      reuse.filesReused += known.section.totals.archive.files
      kept.append(Kept(name: known.name, path: nil))
      kept += known.partialNames(listing).map { Kept(name: $0.name, path: $0.path) }
    }
    for file in listing.files.indices where !covered.contains(file) {
      if case .outdated(let why)? = found[file] {
        reuse.outdated = ((reuse.outdated?.count ?? 0) + 1, reuse.outdated?.why ?? why)
      }
      if case .damaged(let problem)? = found[file] {
        reading.totals.log.add(
          file: file, Position(fileOffset: 0, offsetInBlock: 0), reason: Self.reason, problem)
      }
      guard let entry = found[file]?.entry ?? made[file] else { continue }
      reading.totals.add(entry.totals, files: [file], filters: entry.filters)
      reading.statuses[file] = entry.status
      runs.append(entry.run(file, plan, options))
      if made[file] == nil {
        reuse.filesReused += entry.totals.archive.files
      } else {
        reuse.filesRead += entry.totals.archive.files
        reuse.bytesRead += entry.totals.archive.bytesCompressed
      }
      if let name = entry.name { kept.append(Kept(name: name, path: listing.files[file].path)) }
    }
    if reading.totals.archive.bytesDecompressed > options.limits.totalBytesMax {
      throw .tooMuch(totalBytesMax: options.limits.totalBytesMax)
    }
    reading.observed = .written(runs)
    reading.reuse = reuse
    let entries = listing.files.indices.compactMap { file in
      (found[file]?.entry ?? made[file]).map { (file, $0) }
    }
    if let name = try rollUp(listing, rollup.section, entries) { kept.append(Kept(name: name, path: nil)) }
    do throws(SystemError) {
      try writeManifest(kept)
    } catch {
      throw .unexpected("the folder of partials \(folder.path) cannot be written to: \(error)")
    }
    // Nothing depends on what is left over.
    let inUse = kept.map(\.name) + made.values.filter { $0.name == nil }.map(\.file.name)
    lock.ifAlone { try? clean(Set(inUse), Set(listing.files.map(\.location))) }
    reading.hold = lock
    return reading
  }

  /// Fails if the folder lies within what is scanned: its partials would be scanned too.
  private func checkFolder() throws(ScanError) {
    func identity(_ path: String) -> FileIdentity? {
      var status = stat()
      return stat(path, &status) == 0 ? FileIdentity(status) : nil
    }
    let scanned = Set(options.paths.compactMap(identity))
    // It need not be there yet.
    var path = identity(folder.path) == nil ? folder.path + "/.." : folder.path
    if identity(path) == nil, let slash = folder.path.lastIndex(of: "/") {
      path = String(folder.path[..<slash])
    }
    if identity(path) == nil { path = "." }
    var last: FileIdentity?
    while let here = identity(path), here != last {
      if scanned.contains(here) {
        throw .unexpected(
          "the folder of partials \(folder.path) lies in what is scanned, so that its files would be too; name another"
        )
      }
      last = here
      path += "/.."
    }
  }

  /// What there is of a file.
  struct Entry {
    /// In the folder; nil for what is not kept.
    var name: String?
    var file: PartialBytes
    var frames: [RowFrame]
    var rowCounts: [Int]
    var contract: PartialContract
    var totals: ScanTotals
    var status: FileStatus?
    /// Hash of the file's bytes, if it was taken.
    var content: [UInt8]?
    /// By rule.
    var filters: [Int]

    func run(_ file: Int, _ plan: ScanPlan, _ options: ScanOptions) -> RowRun {
      var meaning = RowMeaning(contract, filters: filters, layout: plan.layout, files: [file])
      meaning.from = options.from
      meaning.to = options.to
      return RowRun(
        file: self.file, frames: frames, meaning: meaning, shardCount: contract.shardCount, fileCount: 1,
        rowCounts: rowCounts)
    }
  }

  // MARK: Names

  static func hash(_ bytes: [UInt8]) -> String {
    let digits = String(bytes.withUnsafeBytes { XXH3_64bits($0.baseAddress, $0.count) }, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// What the names of all partials of a file as it is begin with.
  static func prefix(_ path: ArchiveListing.Path, _ status: FileStatus) -> String {
    var bytes = ByteWriter()
    PartialSource(path: ArchiveListing.Path(""), status: status).write(to: &bytes)
    return "\(hash(path.bytes))-\(hash(bytes.bytes))-"
  }

  static let ending = ".partial"

  /// - Parameter content: which is in the partial, so that one with it has another name.
  private func name(_ prefix: String, content: [UInt8]?) -> String {
    prefix + Self.hash(contractBytes + (content ?? [])) + Self.ending
  }

  private func partialNames() throws(SystemError) -> [String] {
    var names: [[UInt8]] = []
    try ArchiveListing.Path(folder.path).withCString { (path) throws(SystemError) in
      try readDirectory(path, followsLink: true, into: &names)
    }
    return names.map { String(decoding: $0, as: UTF8.self) }.filter { $0.hasSuffix(Self.ending) }
  }

  // MARK: Finding

  private enum Finding {
    case usable(Entry)
    case damaged(String)
    /// It lacks what a rule asks for.
    case outdated(String)

    var entry: Entry? { if case .usable(let entry) = self { entry } else { nil } }
  }

  /// By file; nil where there is nothing. - Parameter names: of the folder, sorted.
  private func find(_ listing: ArchiveListing, _ names: [String], except covered: Set<Int>) -> [Int: Finding]
  {
    let next = Atomic(0)
    let results = Monitor([Int: Finding]())
    runWorkers(options.threads) { _ in
      while case let file = next.wrappingAdd(1, ordering: .relaxed).oldValue, file < listing.files.count {
        guard !covered.contains(file), let finding = find(listing.files[file], names) else { continue }
        results.withLock { $0[file] = finding }
      }
    }
    return results.withLock { $0 }
  }

  private func find(_ file: ArchiveListing.File, _ names: [String]) -> Finding? {
    guard file.identity != nil, let status = file.location.status else { return nil }
    let prefix = Self.prefix(file.location, status)
    let first = names[...].firstIndex(ordered: { $0 >= prefix })
    var candidates = Array(names[first...].prefix { $0.hasPrefix(prefix) })
    guard !candidates.isEmpty else { return nil }
    // The one that this run would make first.
    let own = name(prefix, content: nil)
    if let index = candidates.firstIndex(of: own) { candidates.swapAt(0, index) }
    var source = PartialSource(path: file.location, status: status)
    if folder.isParanoid {
      guard let content = try? contentHash(file.location) else { return nil }
      source.content = content
    }
    var worst: Finding?
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

  /// nil for a partial that is of something else.
  private func look(at name: String, _ source: PartialSource) -> Finding? {
    let path = "\(folder.path)/\(name)"
    let section: PartialSection
    do throws(PartialFault) {
      let sections = try PartialSection.all(in: path)
      guard sections.count == 1 else { throw PartialFault("it holds several partials", file: path) }
      section = sections[0]
    } catch {
      return .damaged("its partial cannot be used and was made anew: \(error)")
    }
    guard section.sources.count == 1, section.sources[0].path == source.path,
      section.sources[0].status == source.status, section.sources[0].range == nil,
      source.content == nil || section.sources[0].content == source.content
    else { return nil }
    guard section.contract.isAlike(contract) else {
      return .outdated(section.contract.difference(from: contract))
    }
    do throws(PartialFault) {
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

  // MARK: Making

  /// Reads files, each to a partial of its own.
  private func scan(_ listing: ArchiveListing, _ files: Set<Int>) throws(ScanError) -> [Int: Entry] {
    let queue = ArchiveQueue(
      listing, verifies: options.verifies, limits: options.limits, tuning: options.tuning, only: files,
      progress: options.progress)
    if files.isEmpty { return [:] }
    let spill = options.bytesMaxOfWorker.map {
      Spill(plan, bytesMax: $0, folder: options.spillFolder, fileCount: listing.files.count)
    }
    struct Work {
      var outputs: [Int: [ScanWorker<RuleMatcher>.Output]] = [:]
      var entries: [Int: Entry] = [:]
      var fault: ScanError?
    }
    let work = Monitor(Work())
    runWorkers(options.threads) { _ in
      var worker = ScanWorker(plan: plan, taker: RuleMatcher(plan: plan, key: key, spill: spill))
      while work.withLock({ $0.fault == nil }), let (stream, isNew) = queue.file() {
        let goesOn = worker.read(stream, isNew: isNew, queue)
        let output = worker.takeOutput(renewing: RuleMatcher(plan: plan, key: key, spill: spill))
        work.withLock { $0.outputs[stream.file, default: []].append(output) }
        guard goesOn else { return }
        guard queue.leave(stream) else { continue }
        let outputs = work.withLock { $0.outputs.removeValue(forKey: stream.file) ?? [] }
        do throws(ScanError) {
          let entry = try keep(outputs, stream, listing.files[stream.file], listing.files.count)
          work.withLock { $0.entries[stream.file] = entry }
        } catch {
          work.withLock { $0.fault = $0.fault ?? error }
        }
      }
    }
    if queue.isTooMuch { throw .tooMuch(totalBytesMax: options.limits.totalBytesMax) }
    let result = work.withLock { $0 }
    if let fault = result.fault { throw fault }
    precondition(queue.isFlushed, "lines went missing between ranges")
    return result.entries
  }

  /// Writes what was found in a file to its partial, or, if it may not be kept, to a file that is gone with its use.
  private func keep(
    _ outputs: [ScanWorker<RuleMatcher>.Output], _ stream: ArchiveStream, _ file: ArchiveListing.File,
    _ fileCount: Int
  ) throws(ScanError) -> Entry {
    try outputs.checkSpill()
    var totals = ScanTotals(rules: plan.rules)
    for output in outputs { totals.add(output) }
    let status = stream.statusWhenOpened
    // There is no status of what could not be opened.
    var source = PartialSource(path: file.location, status: status)
    var name: String?
    if let status, mayKeep(file, status, totals.log) {
      if folder.isParanoid { source.content = try? contentHash(file.location) }
      name = self.name(Self.prefix(file.location, status), content: source.content)
    }
    do {
      let place = try PartialPlace(name, in: folder.path)
      let writer = try PartialWriter(to: place.descriptor, contract, [source], files: [stream.file])
      try writer.write(outputs, plan, options, fileCount: fileCount, key: key)
      let own = totals.renumbered([stream.file: 0])
      try writer.finish(own)
      // Read while it was written down: what was read may be neither the old file nor the new one.
      if let status, file.location.status != status { name = nil }
      return Entry(
        name: name, file: try place.commit(keeps: name != nil), frames: writer.rowFrames,
        rowCounts: writer.rowCounts, contract: contract, totals: own, status: status,
        content: source.content, filters: Array(options.rules.indices))
    } catch let error as ScanError {
      throw error
    } catch {
      throw .unexpected("the partial of \(file.path) cannot be written to \(folder.path): \(error)")
    }
  }

  /// Whether what was read of a file is what a later run would read: it was at rest, and all of it could be read.
  private func mayKeep(_ file: ArchiveListing.File, _ status: FileStatus, _ log: ProblemLog) -> Bool {
    file.identity != nil && max(status.modified, status.changed) <= start - Self.restNanoseconds
      && file.location.status == status
      && !log.entries.keys.contains { $0.reason == "unreadable" || $0.reason == "changed" }
  }

  // MARK: Keeping order

  private struct Kept {
    var name: String
    /// Of the file of which it is; nil for a rollup.
    var path: String?
  }

  /// Says, for whoever looks into the folder, which partials the last run used, and of which files they are.
  private func writeManifest(_ kept: [Kept]) throws(SystemError) {
    var bytes: [UInt8] = []
    for entry in kept {
      var json = JSONWriter()
      json.object { json in
        json.member("partial", entry.name)
        json.member("file", entry.path)
      }
      bytes += json.bytes + [UInt8(ascii: "\n")]
    }
    let part = "\(folder.path)/\(Self.temporaryName())"
    let descriptor = try retried { open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600) }
    do throws(SystemError) { try writeAll(descriptor, bytes[...]) } catch {
      close(descriptor)
      unlink(part)
      throw error
    }
    try closeWritten(descriptor)
    let manifest = "\(folder.path)/manifest.ndjson"
    try retried { rename(part, manifest) }
  }

  static func temporaryName() -> String { "sluice-\(String(UInt64.random(in: 0 ... .max), radix: 16)).part" }

  /// Removes partials of files that are gone or have changed, and what runs that were killed left behind.
  ///
  /// - Parameter paths: of this run's files.
  private func clean(_ kept: Set<String>, _ paths: Set<ArchiveListing.Path>) throws(SystemError) {
    var names: [[UInt8]] = []
    try ArchiveListing.Path(folder.path).withCString { (path) throws(SystemError) in
      try readDirectory(path, followsLink: true, into: &names)
    }
    for name in names.map({ String(decoding: $0, as: UTF8.self) }) where !kept.contains(name) {
      let path = "\(folder.path)/\(name)"
      if name.hasPrefix("sluice-"), name.hasSuffix(".part") {
        unlink(path)
      } else if name.hasSuffix(Self.ending), isOutlived(path, paths) {
        unlink(path)
      }
    }
  }

  /// Whether a file of which a partial is, is not there any more as it was; or all of what a rollup is of has another now.
  private func isOutlived(_ path: String, _ paths: Set<ArchiveListing.Path>) -> Bool {
    guard let sections = try? PartialSection.all(in: path), sections.count == 1 else { return true }
    let sources = sections[0].sources
    if sources.contains(where: { isGone($0, paths) }) { return true }
    return sources.count > 1 && sources.allSatisfy { paths.contains($0.path) }
  }

  private func isGone(_ source: PartialSource, _ paths: Set<ArchiveListing.Path>) -> Bool {
    if paths.contains(source.path) { return source.path.status != source.status }
    // A path that depends on where a run is started says nothing here; nor does one on what is not mounted now.
    guard source.path.bytes.first == UInt8(ascii: "/") else { return false }
    if let status = source.path.status { return status != source.status }
    guard let slash = source.path.bytes.lastIndex(of: UInt8(ascii: "/")), slash > 0 else { return false }
    var directory = stat()
    return ArchiveListing.Path(bytes: Array(source.path.bytes[..<slash])).withCString { stat($0, &directory) }
      == 0
  }
}

/// Where a partial is written: beside its place in the folder.
final class PartialPlace {
  let descriptor: CInt
  private let part: String
  private let path: String?

  /// - Parameter name: that it is to have; nil for what this process alone needs.
  init(_ name: String?, in folder: String) throws(SystemError) {
    path = name.map { "\(folder)/\($0)" }
    let part = "\(folder)/\(PartialStore.temporaryName())"
    self.part = part
    descriptor = try retried { open(part, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600) }
  }

  deinit { close(descriptor) }

  /// - Parameter keeps: whether it is to have its name; else it is there as long as this process reads it.
  func commit(keeps: Bool) throws(SystemError) -> PartialBytes {
    guard let path, keeps else { return PartialBytes(part, isRemovedAfterUse: true) }
    try retried { rename(part, path) }
    return PartialBytes(path)
  }
}

/// Shared by all runs that use a folder.
final class FolderLock: Sendable {
  private let descriptor: CInt
  /// Held by the one run that tries to be alone.
  private let cleaning: CInt

  init(_ folder: String) throws(SystemError) {
    if mkdir(folder, 0o700) != 0, errno != EEXIST { throw .last }
    func opened(_ name: String) throws(SystemError) -> CInt {
      try retried { open("\(folder)/\(name)", O_RDWR | O_CREAT | O_CLOEXEC, 0o600) }
    }
    descriptor = try opened("lock")
    do throws(SystemError) {
      cleaning = try opened("lock-cleaning")
    } catch {
      close(descriptor)
      throw error
    }
    // Where file systems know no locks, nothing is cleaned.
    _ = flock(descriptor, LOCK_SH)
  }

  deinit {
    close(descriptor)
    close(cleaning)
  }

  /// Does something while no other run uses the folder; nothing if one does.
  func ifAlone(_ body: () -> Void) {
    // A lock that cannot be changed is lost for a moment, in which no other run may believe to be alone.
    guard flock(cleaning, LOCK_EX | LOCK_NB) == 0 else { return }
    if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { body() }
    _ = flock(descriptor, LOCK_SH)
    _ = flock(cleaning, LOCK_UN)
  }
}

extension ArchiveListing.Path {
  /// What lies there now; nil if that is no regular file.
  var status: FileStatus? {
    var status = stat()
    let result = withCString { stat($0, &status) }
    return result == 0 && status.st_mode & S_IFMT == S_IFREG ? FileStatus(status) : nil
  }
}

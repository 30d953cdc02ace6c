import CXXHash
import Glibc
import SluiceRecords
import SluiceSystem

/// A folder that keeps a partial for each file of archives, so that unchanged files need not be read again.
///
/// A partial's name states the path, the file version and the contract. A listing of the folder is therefore its
/// complete index, and a killed run loses only the partial that it was writing. Partials are written under temporary
/// names and then renamed; they are never changed. Several runs may use a folder at once. A run that is alone removes
/// obsolete partials.
struct PartialCache {
  /// Minimum age of a change. A file that has just changed may change again without a visible difference.
  static let restNanoseconds: Int64 = 2_000_000_000

  let folder: PartialFolder
  let options: ScanOptions
  let key: HashKey
  let plan: ScanPlan
  let contract: PartialContract
  let contractBytes: [UInt8]
  let start: Int64
  private let workingFolder = ArchiveListing.Path.workingFolder

  init(_ folder: PartialFolder, _ options: ScanOptions, key: HashKey) {
    self.folder = folder
    self.options = options
    self.key = key
    start = folder.now()
    plan = ScanPlan(forPartialsOf: options)
    contract = PartialContract(plan, verifies: options.verifies)
    contractBytes = contract.bytes
  }

  /// Reads the files without a usable partial and keeps a partial of each.
  func read(_ listing: ArchiveListing) throws(ScanError) -> ObservationSet {
    try checkFolder()
    let lock: FolderLock
    let names: [String]
    do throws(SystemError) {
      lock = try FolderLock(folder.path)
      names = try self.names().filter { $0.hasSuffix(Self.ending) }
    } catch {
      throw .cacheFolder("the folder of partials \(folder.path) cannot be used: \(error)")
    }
    let rollup = rollup(of: listing, names)
    let covered = Set(rollup.section?.files ?? [])
    let found = find(listing, names, except: covered)
    let missing = listing.files.indices.filter { found[$0]?.entry == nil && !covered.contains($0) }
    let resting = Set(missing.filter { isAtRest(listing.files[$0]) })
    let made = try scan(listing, resting)
    let others = Set(missing).subtracting(resting)

    var reading = ObservationSet(
      listing: listing, versions: [:], observed: .held([]),
      totals: ScanStats(rules: options.rules, from: options.from, to: options.to),
      cacheUse: CacheUse())
    var cacheUse = CacheUse()
    var runs: [SortedRun] = []
    var kept: [ManifestEntry] = []
    if let problem = rollup.problem, !listing.files.isEmpty {
      reading.totals.log.add(
        file: 0, Position(fileOffset: 0, offsetInBlock: 0), reason: .partial, problem)
    }
    if let known = rollup.section {
      reading.totals.add(known.section.totals, files: known.files, filters: known.filters)
      for (file, source) in zip(known.files, known.section.sources) { reading.versions[file] = source.status }
      runs.append(known.run(plan, options))
      cacheUse.filesReused += known.section.totals.input.files
      kept.append(ManifestEntry(name: known.name, path: nil))
      kept += known.partialNames.map { ManifestEntry(name: $0.name, path: $0.path) }
    }
    if !others.isEmpty {
      let scan = try WorkerOutputs(listing, plan, options, key: key, only: others)
      let totals = scan.totals(plan)
      reading.totals.add(
        totals, files: Array(listing.files.indices), filters: Array(options.rules.indices))
      reading.versions.merge(scan.versions) { $1 }
      for var run in try scan.outputs.written(plan, options, fileCount: listing.files.count) {
        (run.projection.from, run.projection.to) = (options.from, options.to)
        runs.append(run)
      }
      cacheUse.filesRead += totals.input.files
      cacheUse.bytesRead += totals.input.bytesCompressed
    }
    for file in listing.files.indices where !covered.contains(file) {
      if case .outdated(let why)? = found[file] {
        cacheUse.outdated = ((cacheUse.outdated?.count ?? 0) + 1, cacheUse.outdated?.why ?? why)
      }
      if case .damaged(let problem)? = found[file] {
        reading.totals.log.add(
          file: file, Position(fileOffset: 0, offsetInBlock: 0), reason: .partial, problem)
      }
      guard let entry = found[file]?.entry ?? made[file] else { continue }
      reading.totals.add(entry.totals, files: [file], filters: entry.filters)
      reading.versions[file] = entry.status
      runs.append(entry.run(file, plan, options))
      if made[file] == nil {
        cacheUse.filesReused += entry.totals.input.files
      } else {
        cacheUse.filesRead += entry.totals.input.files
        cacheUse.bytesRead += entry.totals.input.bytesCompressed
      }
      if let name = entry.name {
        kept.append(ManifestEntry(name: name, path: path(of: listing.files[file]).name))
      }
    }
    if reading.totals.input.bytesDecompressed > options.limits.totalBytesMax {
      throw .tooMuch(totalBytesMax: options.limits.totalBytesMax)
    }
    reading.observed = .written(runs)
    reading.cacheUse = cacheUse
    let entries = listing.files.indices.compactMap { file in
      (found[file]?.entry ?? made[file]).map { (file, $0) }
    }
    if let name = try rollUp(listing, rollup.section, entries) {
      kept.append(ManifestEntry(name: name, path: nil))
    }
    do throws(SystemError) {
      try writeManifest(kept)
    } catch {
      throw .cacheFolder("the folder of partials \(folder.path) cannot be written to: \(error)")
    }
    // Cleaning may fail, because no result depends on files that are left over.
    let inUse = kept.map(\.name) + made.values.filter { $0.name == nil }.map(\.file.name)
    lock.ifAlone { try? clean(Set(inUse), Set(listing.files.map(path))) }
    reading.folderLock = lock
    return reading
  }

  /// Fails if the folder is inside the scanned paths, because its partials would be scanned too.
  func checkFolder() throws(ScanError) {
    func identity(_ path: String) -> FileIdentity? {
      var status = stat()
      return stat(path.cPath, &status) == 0 ? FileIdentity(status) : nil
    }
    let scanned = Set(options.paths.compactMap(identity))
    // The folder need not exist yet.
    var path = identity(folder.path) == nil ? folder.path + "/.." : folder.path
    if identity(path) == nil, let slash = folder.path.lastIndex(of: "/") {
      path = String(folder.path[..<slash])
    }
    if identity(path) == nil { path = "." }
    var last: FileIdentity?
    while let here = identity(path), here != last {
      if scanned.contains(here) {
        throw .cacheFolder(
          "the folder of partials \(folder.path) is inside the scanned paths, so its files would be scanned too; name another"
        )
      }
      last = here
      path += "/.."
    }
  }

  /// The partial of one file.
  struct Entry {
    /// Name in the folder; nil if the partial is not kept.
    var name: String?
    var file: PartialFile
    var frames: [RowFrame]
    var rowCounts: [Int]
    var contract: PartialContract
    var totals: ScanStats
    var status: FileVersion?
    /// Hash of the file's bytes, if it was computed.
    var content: [UInt8]?
    /// Filter numbers, by rule.
    var filters: [Int]

    func run(_ file: Int, _ plan: ScanPlan, _ options: ScanOptions) -> SortedRun {
      var projection = RowProjection(contract, filters: filters, layout: plan.layout, files: [file])
      projection.from = options.from
      projection.to = options.to
      return SortedRun(
        file: self.file, frames: frames, projection: projection, shardCount: contract.shardCount,
        fileCount: 1,
        rowCounts: rowCounts)
    }
  }

  // MARK: Names

  /// Returns the path that identifies a file in the folder, whatever the working directory of the run.
  func path(of file: ArchiveListing.File) -> ArchiveListing.Path {
    workingFolder.map { file.location.absolute(in: $0).normalised } ?? file.location
  }

  static func hash(_ bytes: [UInt8]) -> String {
    let digits = String(bytes.withUnsafeBytes { XXH3_64bits($0.baseAddress, $0.count) }, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// Returns the common prefix of the names of all partials of one file version.
  static func prefix(_ path: ArchiveListing.Path, _ status: FileVersion) -> String {
    var bytes = ByteWriter()
    PartialSource(path: ArchiveListing.Path(""), status: status).write(to: &bytes)
    return "\(hash(path.bytes))-\(hash(bytes.bytes))-"
  }

  static let ending = ".partial"

  /// - Parameters:
  ///   - contract: encoded contract of the partial.
  ///   - content: content hash in the partial. A partial with one has another name.
  static func name(
    _ path: ArchiveListing.Path, _ status: FileVersion, contract: [UInt8], content: [UInt8]?
  ) -> String {
    prefix(path, status) + hash(contract + (content ?? [])) + ending
  }

  /// Returns the names in the folder, sorted.
  func names() throws(SystemError) -> [String] {
    var names: [[UInt8]] = []
    try ArchiveListing.Path(folder.path).withCString { (path) throws(SystemError) in
      try readDirectory(path, followsLink: true, into: &names)
    }
    return names.map { String(decoding: $0, as: UTF8.self) }.sorted()
  }
}

import Foundation
@testable import SluiceEngine
import SluiceRecords
@testable import SluiceRules
import SluiceTestSupport
import Testing

/// The partial cache: when its entries are used, and when files are read again.
@Suite struct PartialCacheTests {
  /// Some files and a partial cache whose clock is 10 s ahead of the files' times.
  private final class Fixture {
    let folder = TemporaryFolder()
    var options: ScanOptions
    var partials: String { folder.path + "/partials" }

    init(files: Int = 3) {
      options = ScanOptions(paths: [])
      options.paths = [folder.path + "/archive"]
      options.threads = 2
      for number in 0..<files { write(number, shortText(number * 10..<number * 10 + 20)) }
      options.partials = PartialFolder(partials).later(by: 10)
    }

    @discardableResult
    func write(_ number: Int, _ bytes: [UInt8]) -> String { folder.write("archive/\(number).json", bytes) }

    /// The names of the cached partials, without rollups.
    var names: [String] {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: partials)) ?? []
      return names.filter { $0.hasSuffix(".partial") && !$0.hasPrefix("rollup-") }.sorted()
    }

    /// Scans and expects the result of a scan without partials, apart from reported problems.
    func scan(read: Int, reused: Int, _ comment: Comment) -> ScanResult {
      let result = scanned(options)
      var plain = options
      plain.partials = nil
      var others = result
      others.stats.problems.removeAll { $0.reason == "partial" }
      let difference = difference(written(others), written(scanned(plain)))
      #expect(difference == nil, comment)
      #expect(result.stats.cacheUse.filesRead == read, comment)
      #expect(result.stats.cacheUse.filesReused == reused, comment)
      return result
    }
  }

  @Test func onePathInOtherWordsIsKnown() {
    let scene = Fixture()
    let path = scene.folder.path
    _ = scene.scan(read: 3, reused: 0, "first")
    for other in ["/./archive", "/archive/../archive", "//archive/"] {
      scene.options.paths = [path + other]
      _ = scene.scan(read: 0, reused: 3, "\(other)")
    }
    #expect(scene.names.count == 3)
  }

  @Test func onlyNewAndChangedFilesAreReadAgain() throws {
    let scene = Fixture()
    _ = scene.scan(read: 3, reused: 0, "first")
    let first = scene.names
    #expect(first.count == 3)
    #expect(scene.scan(read: 0, reused: 3, "again").stats.cacheUse.bytesRead == 0)
    scene.write(3, shortText(500..<550))
    let new = scene.scan(read: 1, reused: 3, "new")
    #expect(new.stats.cacheUse.bytesRead == shortText(500..<550).count)
    scene.write(0, shortText(600..<700))
    _ = scene.scan(read: 1, reused: 3, "changed")
    #expect(scene.names.count == 4)
    try FileManager.default.removeItem(atPath: scene.folder.path + "/archive/1.json")
    _ = scene.scan(read: 0, reused: 3, "deleted")
    // The partials of the removed file and of the changed file's old version are removed.
    #expect(scene.names.count == 3)
    #expect(Set(first).intersection(scene.names).count == 1)
  }

  /// Files without events are alike, but they are two files.
  @Test func sameContentUnderTwoPathsMakesTwoPartials() {
    let scene = Fixture(files: 0)
    for number in 0..<4 { scene.write(number, number < 2 ? [] : shortText(0..<20)) }
    _ = scene.scan(read: 4, reused: 0, "first")
    _ = scene.scan(read: 0, reused: 4, "again")
    #expect(scene.names.count == 4)
  }

  @Test(arguments: [false, true]) func fewNewFilesAmongManyAreReadAlone(isParanoid: Bool) {
    let scene = Fixture(files: 20)
    scene.options.partials?.isParanoid = isParanoid
    _ = scene.scan(read: 20, reused: 0, "first")
    _ = scene.scan(read: 0, reused: 20, "again")
    scene.write(20, shortText(500..<550))
    _ = scene.scan(read: 1, reused: 20, "new")
    scene.write(4, shortText(700..<750))
    _ = scene.scan(read: 1, reused: 20, "changed")
    _ = scene.scan(read: 0, reused: 21, "again")
  }

  /// A file that was just written may change again without a visible difference.
  @Test func filesThatHaveJustChangedGetNoPartial() {
    let scene = Fixture()
    for seconds in [0.0, 1.0] {
      scene.options.partials = PartialFolder(scene.partials).later(by: seconds - 0.5)
      _ = scene.scan(read: 3, reused: 0, "\(seconds) s later")
      #expect(scene.names.isEmpty)
    }
    scene.options.partials = PartialFolder(scene.partials).later(by: 3)
    _ = scene.scan(read: 3, reused: 0, "at rest")
    #expect(scene.names.count == 3)
  }

  @Test func rulesDecideWhatIsReadAnew() throws {
    let scene = Fixture()
    _ = scene.scan(read: 3, reused: 0, "first")
    func rules(_ text: String) throws -> [Rule] {
      let (book, diagnostics) = Rulebook.reading(Array(text.utf8), file: "f.yaml")
      return try #require(book, "\(diagnostics)").activeRules()
    }
    let id = "  - id: okta-accounts-locked-out\n"
    scene.options.rules = try rules("rules:\n\(id)    condition: count > 2\n    window: {length: 1h}\n")
    let lower = scene.scan(read: 0, reused: 3, "another threshold")
    #expect(!lower.detections.isEmpty)
    #expect(lower.stats.cacheUse.outdated == nil)
    scene.options.rules = try rules("rules:\n\(id)    filter: ['eventType starts_with \"user.account.\"']\n")
    let wider = scene.scan(read: 3, reused: 0, "another filter")
    #expect(wider.stats.cacheUse.outdated?.count == 3)
    #expect(wider.stats.cacheUse.outdated?.why.contains("okta-accounts-locked-out") == true)
    #expect(scene.scan(read: 0, reused: 3, "the same").stats.cacheUse.outdated == nil)
    scene.options.isStrict = true
    #expect(scene.scan(read: 3, reused: 0, "strict").stats.cacheUse.outdated?.count == 3)
  }

  /// A damaged partial is reported and made again. It does not make the run incomplete.
  @Test(arguments: [3, 12]) func aDamagedPartialIsNamedAndMadeAnew(files: Int) throws {
    let scene = Fixture(files: files)
    _ = scene.scan(read: files, reused: 0, "first")
    let all = try FileManager.default.contentsOfDirectory(atPath: scene.partials)
    for name in all where name.hasSuffix(".partial") {
      let path = scene.partials + "/" + name
      var bytes = try contents(of: path)
      bytes[bytes.count / 2] ^= 4
      scene.folder.write("partials/" + name, bytes)
    }
    let result = scene.scan(read: files, reused: 0, "damaged")
    #expect(result.stats.problems.count { $0.reason == "partial" } >= files)
    #expect(result.stats.isComplete)
    #expect(scene.scan(read: 0, reused: files, "made anew").stats.problems.isEmpty)
  }

  /// The file has other content with the same size and time of modification. The inode's change time cannot be set,
  /// so the change is also detected without `--paranoid`.
  @Test(arguments: [false, true]) func otherContentOfTheSameSizeAndTimeIsReadAgain(isParanoid: Bool) throws {
    let scene = Fixture()
    scene.options.partials?.isParanoid = isParanoid
    let path = scene.write(0, shortText(0..<20))
    var times = [timespec(tv_sec: 1_700_000_000, tv_nsec: 5), timespec(tv_sec: 1_700_000_000, tv_nsec: 5)]
    #expect(utimensat(AT_FDCWD, path, &times, 0) == 0)
    _ = scene.scan(read: 3, reused: 0, "first")
    _ = scene.scan(read: 0, reused: 3, "again")
    let handle = try #require(FileHandle(forWritingAtPath: path))
    try handle.write(contentsOf: Data(shortText(10..<30)))
    try handle.close()
    #expect(utimensat(AT_FDCWD, path, &times, 0) == 0)
    _ = scene.scan(read: 1, reused: 2, "other content")
  }

  /// With `--paranoid`, partials without a hash are not used. Without it, partials with a hash are used too.
  @Test func paranoidRunsUseOnlyPartialsWithHashes() {
    let scene = Fixture()
    _ = scene.scan(read: 3, reused: 0, "first")
    scene.options.partials?.isParanoid = true
    _ = scene.scan(read: 3, reused: 0, "paranoid")
    _ = scene.scan(read: 0, reused: 3, "paranoid again")
    scene.options.partials?.isParanoid = false
    _ = scene.scan(read: 0, reused: 3, "not any more")
  }

  @Test func leftoversAreRemovedAndTheManifestListsPartials() throws {
    let scene = Fixture()
    _ = scene.scan(read: 3, reused: 0, "first")
    scene.folder.write("partials/sluice-0123.part", [1, 2, 3])
    scene.folder.write("partials/notes.txt", [1])
    _ = scene.scan(read: 0, reused: 3, "again")
    #expect(!FileManager.default.fileExists(atPath: scene.partials + "/sluice-0123.part"))
    #expect(FileManager.default.fileExists(atPath: scene.partials + "/notes.txt"))
    let lines = try contents(of: scene.partials + "/manifest.ndjson").split(separator: UInt8(ascii: "\n"))
    let entries = try lines.map {
      try #require(try JSONSerialization.jsonObject(with: Data($0)) as? [String: String])
    }
    #expect(entries.compactMap { $0["partial"] }.sorted() == scene.names)
    #expect(entries.compactMap { $0["file"] } == (0..<3).map { scene.folder.path + "/archive/\($0).json" })
  }

  /// Concurrent runs, while files are added and changed, all give the result of a scan.
  @Test func runsAtOnceFindWhatAScanFinds() async throws {
    let scene = Fixture(files: 12)
    let options = scene.options
    var plain = options
    plain.partials = nil
    let expected = written(scanned(plain))
    for _ in 0..<3 {
      try? FileManager.default.removeItem(atPath: scene.partials)
      await withTaskGroup(of: String?.self) { group in
        for _ in 0..<4 { group.addTask { difference(written(scanned(options)), expected) } }
        for await difference in group { #expect(difference == nil) }
      }
    }
  }

  /// Partials that one run reads are not lost when another run sees a changed archive and removes them.
  @Test func partialsInUseAreNotTakenAway() throws {
    let scene = Fixture()
    _ = scene.scan(read: 3, reused: 0, "first")
    let listing = ArchiveListing(paths: scene.options.paths)
    let store = PartialCache(try #require(scene.options.partials), scene.options, key: HashKey(Tuning()))
    let reading = try store.read(listing)
    scene.write(0, shortText(600..<700))
    _ = scene.scan(read: 1, reused: 2, "another run")
    try withExtendedLifetime(reading) {
      let runs = try #require(reading.observed.runs)
      var merge = try RowMerge(runs, shards: 0...scene.options.tuning.shardCount - 1, key: HashKey(Tuning()))
      var rows = 0
      while let chunk = try merge.next() { rows += chunk.rows.count }
      #expect(rows == 30)
    }
  }

  /// A relative path, which depends on the working directory, identifies the same files from elsewhere too.
  @Test func partialsOfRelativePathsGoWithTheirFiles() throws {
    let scene = Fixture()
    let depth = FileManager.default.currentDirectoryPath.split(separator: "/").count
    let relative = String(repeating: "../", count: depth) + scene.options.paths[0].dropFirst()
    scene.options.paths = [relative]
    _ = scene.scan(read: 3, reused: 0, "first")
    _ = scene.scan(read: 0, reused: 3, "again")
    try FileManager.default.removeItem(atPath: scene.folder.path + "/archive/1.json")
    _ = scene.scan(read: 0, reused: 2, "deleted")
    #expect(scene.names.count == 2)
  }

  /// Recently written files may not be cached, so their observations need not be kept apart.
  @Test(arguments: [1, 3]) func youngFilesAreHeldTogether(threads: Int) throws {
    let scene = Fixture(files: 40)
    scene.options.threads = threads
    scene.options.partials = PartialFolder(scene.partials).later(by: 0)
    _ = scene.scan(read: 40, reused: 0, "young")
    let store = PartialCache(try #require(scene.options.partials), scene.options, key: HashKey(Tuning()))
    let reading = try store.read(ArchiveListing(paths: scene.options.paths))
    let runs = try #require(reading.observed.runs)
    #expect(runs.count <= threads)
  }
}

extension ObservationSet.Storage {
  /// The observations in files; nil if they are held in memory.
  fileprivate var runs: [SortedRun]? {
    if case .written(let runs) = self { runs } else { nil }
  }
}

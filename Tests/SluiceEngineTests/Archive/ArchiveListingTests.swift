import Foundation
import SluiceTestSupport
import Testing

@testable import SluiceEngine

/// The files that a run reads: regular files, found recursively and sorted, each once.
@Suite struct ArchiveListingTests {
  private func names(_ folder: TemporaryFolder, _ paths: [String]? = nil) -> [String] {
    ArchiveListing(paths: paths ?? [folder.path]).files.map {
      $0.path.hasPrefix(folder.path + "/") ? String($0.path.dropFirst(folder.path.count + 1)) : $0.path
    }
  }

  @Test func foldersAreListedRecursivelyAndSortedByBytes() {
    let folder = TemporaryFolder()
    for name in ["b", "a/2", "a/10", "a/1", "B", "a.b", "é", "a/deep/er/x", ".hidden"] {
      folder.write(name, [1, 2])
    }
    let listing = ArchiveListing(paths: [folder.path])
    #expect(names(folder) == [".hidden", "B", "a.b", "a/1", "a/10", "a/2", "a/deep/er/x", "b", "é"])
    #expect(listing.files.allSatisfy { $0.sizeBytes == 2 })
    #expect(listing.problems.isEmpty)
    #expect(names(folder, [folder.path + "/"]).count == 9)
  }

  @Test func linksInDirectoriesAreNotFollowed() throws {
    let folder = TemporaryFolder()
    let elsewhere = TemporaryFolder()
    elsewhere.write("x", [])
    folder.write("real", [])
    let manager = FileManager.default
    try manager.createSymbolicLink(atPath: folder.path + "/loop", withDestinationPath: folder.path)
    try manager.createSymbolicLink(atPath: folder.path + "/out", withDestinationPath: elsewhere.path)
    try manager.createSymbolicLink(atPath: folder.path + "/file", withDestinationPath: elsewhere.path + "/x")
    try manager.createSymbolicLink(atPath: folder.path + "/broken", withDestinationPath: "nowhere")
    #expect(names(folder) == ["real"])
    #expect(names(folder, [folder.path + "/file"]) == ["file"], "a link that is named is followed")
    #expect(names(folder, [folder.path + "/out"]) == ["out/x"])
    #expect(ArchiveListing(paths: [folder.path]).problems.isEmpty)
  }

  @Test func pipesArePassedOver() {
    let folder = TemporaryFolder()
    folder.write("real", [])
    #expect(mkfifo(folder.path + "/pipe", 0o600) == 0)
    #expect(names(folder) == ["real"])
    let named = ArchiveListing(paths: [folder.path + "/pipe"])
    #expect(named.files.isEmpty)
    #expect(named.problems.map(\.file) == [folder.path + "/pipe"])
  }

  /// A listed file may be of another type when it is opened; opening a pipe must not block.
  @Test func aLinkOrPipeInAFilesPlaceIsNotRead() throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/a"
    var listed = ArchiveListing.File(location: ArchiveListing.Path(path), sizeBytes: 1, isNamed: false)
    try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: folder.write("b", [1]))
    #expect(throws: (any Error).self) { try ByteSource(listed) }
    listed.isNamed = true
    _ = try ByteSource(listed)
    try FileManager.default.removeItem(atPath: path)
    #expect(mkfifo(path, 0o600) == 0)
    #expect(throws: (any Error).self) { try ByteSource(listed) }
  }

  @Test func aFileGivenTwiceIsListedOnce() throws {
    let folder = TemporaryFolder()
    let a = folder.write("d/a", [])
    folder.write("d/b", [])
    try FileManager.default.createSymbolicLink(atPath: folder.path + "/link", withDestinationPath: a)
    #expect(names(folder, [a, a, folder.path + "/d", folder.path + "/d/../d/a"]) == ["d/a", "d/b"])
    #expect(names(folder, [a, folder.path + "/link"]) == ["d/a"])
    #expect(names(folder, ["-", "-"]) == ["-"])
  }

  @Test func hardLinksAreFilesOfTheirOwn() throws {
    let folder = TemporaryFolder()
    let a = folder.write("a", [])
    try FileManager.default.linkItem(atPath: a, toPath: folder.path + "/b")
    #expect(names(folder) == ["a", "b"])
  }

  @Test func aMissingPathIsNamed() {
    let folder = TemporaryFolder()
    let path = folder.path + "/missing"
    let stats = scanned(ScanOptions(paths: [path, folder.write("a", shortText(0..<3))])).stats
    #expect(stats.problems.map(\.file) == [path])
    #expect(stats.reasons == ["unreadable"])
    #expect(stats.records.events == 3)
    #expect(!stats.isComplete)
  }

  @Test func aFolderWithoutAFileIsNamed() throws {
    let folder = TemporaryFolder()
    let manager = FileManager.default
    for name in ["a/b", "links", "full"] {
      try manager.createDirectory(atPath: "\(folder.path)/\(name)", withIntermediateDirectories: true)
    }
    folder.write("full/x", [])
    try manager.createSymbolicLink(atPath: folder.path + "/links/x", withDestinationPath: folder.path)
    let listing = ArchiveListing(paths: ["full", "a", "links"].map { "\(folder.path)/\($0)" })
    #expect(listing.problems.map(\.file) == ["\(folder.path)/a", "\(folder.path)/links"])
    #expect(listing.problems.allSatisfy { $0.reason == "no-files" })
    #expect(listing.problems.last?.message.contains("only 1 symbolic link") == true)
    // Only folders that are given as paths must hold a file, not their subfolders.
    #expect(ArchiveListing(paths: [folder.path]).problems.isEmpty)
  }

  /// Two spellings of é are two names to the file system, although Swift's strings treat them as equal.
  @Test func namesAreComparedByBytes() {
    let folder = TemporaryFolder()
    folder.write("caf\u{E9}", [])
    folder.write("cafe\u{301}", [])
    #expect(ArchiveListing(paths: [folder.path]).files.count == 2)
  }

  @Test func filesWithNamesThatAreNotUTF8AreListed() {
    let folder = TemporaryFolder()
    let path = Array("\(folder.path)/".utf8) + [0xFF, 0x00]
    let descriptor = path.withUnsafeBytes {
      open($0.bindMemory(to: CChar.self).baseAddress!, O_CREAT | O_WRONLY, 0o600)
    }
    #expect(descriptor >= 0)
    close(descriptor)
    defer { path.withUnsafeBytes { _ = unlink($0.bindMemory(to: CChar.self).baseAddress!) } }
    let listing = ArchiveListing(paths: [folder.path])
    #expect(listing.files.count == 1)
    #expect(listing.problems.isEmpty)
  }
}

import Foundation
import SluiceRecords
import SluiceTestSupport
import Testing

@testable import SluiceEngine

/// Files that change between the two passes.
@Suite struct TriageFileTests {
  private let folder = TemporaryFolder()
  private let path: String
  private let options: ScanOptions

  init() {
    var scene = TriageFixture()
    scene.add(TriageFixture.success("user3@example.org", at: TriageFixture.time(hours: 2)))
    path = folder.write("a.json", scene.events.map(\.line).joinedLines())
    var options = ScanOptions(paths: [folder.path])
    options.threads = 2
    self.options = options
  }

  /// Changes the file after the first pass, then runs the second pass.
  private func completed(_ change: () throws -> Void) throws -> (triage: Triage?, problems: [Problem]) {
    var withoutTriage = options
    withoutTriage.triages = false
    var detections = scanned(withoutTriage).detections
    let listing = ArchiveListing(paths: options.paths)
    let status = try #require(try ByteSource(listing.files[0]).opened)
    try change()
    var totals = ScanStats(rules: options.rules)
    totals.times = FileTimeRanges(files: [0: FileTimeRanges.File()])
    let reading = ObservationSet(listing: listing, versions: [0: status], observed: .held([]), totals: totals)
    let read = TriageRead(options, reading, key: HashKey(Tuning()))
    let result = try read.complete(&detections)
    return (detections.first?.triage, result.log.problems(files: listing.files.map(\.path)))
  }

  @Test func anUnchangedFileIsTriaged() throws {
    let (triage, problems) = try completed {}
    #expect(problems.isEmpty)
    #expect(triage?.compromisedUsers == ["user3@example.org"])
  }

  @Test func aDeletedFileIsATriageProblem() throws {
    let (triage, problems) = try completed { try FileManager.default.removeItem(atPath: path) }
    #expect(problems.map(\.reason) == ["triage"])
    #expect(problems.first?.file == path)
    #expect(triage?.successCount == 0)
  }

  @Test func aGrownFileIsATriageProblem() throws {
    let (triage, problems) = try completed {
      let handle = try #require(FileHandle(forWritingAtPath: path))
      try handle.seekToEnd()
      try handle.write(contentsOf: Data("\n".utf8))
      try handle.close()
    }
    #expect(problems.map(\.reason) == ["triage"])
    #expect(triage?.successCount == 0)
    #expect(problems.first?.message.contains("grew") == true)
  }

  @Test func aFileWrittenToIsATriageProblem() throws {
    let (_, problems) = try completed {
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSince1970: 1)], ofItemAtPath: path)
    }
    #expect(problems.map(\.reason) == ["triage"])
  }

  /// A file that was already partly unreadable in the first pass is not reported again.
  @Test func aProblemNamedBeforeIsNotNamedAgain() {
    var first = ProblemLog()
    var second = ProblemLog()
    let start = Position(fileOffset: 0, offsetInBlock: 0)
    first.add(file: 1, start, reason: .unreadable, "x")
    for file in 1...2 { second.add(file: file, start, reason: .unreadable, "y") }
    second.add(file: 2, start, reason: .json, "z")
    let named = second.renamed([.unreadable, .changed], to: .triage, unlessIn: first, "p")
    #expect(named.problems(files: ["a", "b", "c"]).map(\.file) == ["c"])
    #expect(named.problems(files: ["a", "b", "c"]).map(\.message) == ["p: y"])
  }
}

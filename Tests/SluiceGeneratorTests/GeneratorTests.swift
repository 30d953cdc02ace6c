import Foundation
import SluiceGenerator
import SluiceRecords
import SluiceReference
import SluiceTestSupport
import Testing

@Suite struct GeneratorTests {
  @Test func anyNumberOfThreadsGivesTheSameBytes() throws {
    let one = try ArchiveFolder { $0.threads = 1 }.contents()
    for threads in [2, 3, 8] {
      #expect(try ArchiveFolder { $0.threads = threads }.contents() == one, "\(threads) threads")
    }
    #expect(try ArchiveFolder { $0.seed = 12 }.contents() != one)
  }

  @Test func filesAreHourlyInAFolderForEachDay() throws {
    let archive = try ArchiveFolder { $0.hours = 30 }
    let paths = try archive.contents().keys.sorted()
    #expect(paths.count == 31)
    #expect(paths.first == "archive/2026/01/05/00.json.lz4")
    #expect(paths[29] == "archive/2026/01/06/05.json.lz4")
    #expect(paths.last == "expected.ndjson")
    #expect(archive.summary.files == 30)
  }

  @Test(arguments: [0, 1, 400, 3000]) func theArchiveHasAsManyLinesAsAskedFor(events: Int) throws {
    let archive = try ArchiveFolder { $0.events = events }
    #expect(try archive.lines().count == events)
    #expect(archive.summary.events == events)
    let files = try archive.archiveFiles()
    #expect(try files.map { try decoded($0).count }.reduce(0, +) == archive.summary.plainSizeBytes)
    #expect(files.map(\.count).reduce(0, +) == archive.summary.compressedSizeBytes)
  }

  /// The expected detections are computed from the planted events only; a scan of the whole archive must give the
  /// same.
  @Test(arguments: TestScale.seeds(3)) func backgroundAddsNoDetection(seed: UInt64) throws {
    let archive = try ArchiveFolder {
      $0.seed = seed
      $0.events = TestScale.count(12_000, atLeast: 4_000)
    }
    var options = ReferenceOptions()
    options.triages = false
    let found = referenceDetections(lines: try archive.lines(), options: options).detections
    let expected = try archive.contents()["expected.ndjson"]!.split(separator: UInt8(ascii: "\n"))
    #expect(found.map(\.ndjson) == expected.map { Array($0) })
    for rule in [RuleMetadata.accountsLockedOut, .credentialStuffing, .threatInsightUnknownUsers] {
      #expect(found.contains { $0.rule == rule && $0.clientIP != nil })
    }
    #expect(found.contains { $0.clientIP == nil && $0.rule == .credentialStuffing })
    #expect(found.contains { $0.clientIP == nil && $0.rule == .accountsLockedOut })
  }

  @Test func withoutAttacksNothingIsExpected() throws {
    let archive = try ArchiveFolder {
      $0.attacks = false
      $0.hours = 1
    }
    #expect(archive.summary.plantedEvents == 0)
    #expect(try archive.contents()["expected.ndjson"] == [])
    #expect(referenceDetections(lines: try archive.lines(), options: ReferenceOptions()).detections == [])
  }

  @Test func impossibleOptionsAreRefused() throws {
    let archive = try ArchiveFolder { $0.events = 10 }
    #expect(throws: GeneratorError.outputNotEmpty(archive.folder.path)) {
      try generate(GeneratorOptions(events: 10, seed: 1, output: archive.folder.path))
    }
    #expect(throws: GeneratorError.self) { try ArchiveFolder { $0.start.milliseconds += 1 } }
    #expect(throws: GeneratorError.self) { try ArchiveFolder { $0.hours = 23 } }
    #expect(throws: GeneratorError.self) { try ArchiveFolder { $0.hours = 0 } }
    #expect(throws: GeneratorError.self) { try ArchiveFolder { $0.output = "/dev/null/x" } }
  }

  @Test func noTemporaryFileStays() throws {
    #expect(try ArchiveFolder().contents().keys.allSatisfy { !$0.hasSuffix(".partial") })
  }
}

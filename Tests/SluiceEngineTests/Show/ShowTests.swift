import Foundation
import SluiceRecords
import SluiceTestSupport
import Testing

@testable import SluiceEngine

/// The shown lines: those of a detection's own events, unchanged, in order of time.
@Suite struct ShowTests {
  /// Shows each detection of an archive; a small run shows one of every `step`.
  private func each(
    _ paths: [String], _ change: (inout ScanOptions) -> Void = { _ in }, every step: Int = 1,
    _ body: (Detection, RetrievedEvents) throws -> Void
  ) throws {
    var options = ScanOptions(paths: paths)
    options.threads = 2
    change(&options)
    let detections = scanned(options).detections
    #expect(!detections.isEmpty)
    let text = detections.flatMap { $0.ndjson + [UInt8(ascii: "\n")] }
    for detection in TestScale.some(detections, every: step) {
      let record = try ParsedDetection(id: String(detection.id.prefix(12)), in: text, named: "found")
      var show = ShowOptions(paths: paths, rules: options.rules)
      show.includesSignIns = detection.triage != nil
      show.threads = options.threads
      try body(detection, try RetrievedEvents(of: record, show))
    }
  }

  private func texts(_ shown: RetrievedEvents) -> [String] {
    shown.events.map { String(decoding: $0.text, as: UTF8.self) }
  }

  private func expected(_ scene: EvidenceFixture, _ detection: Detection) -> [String] {
    scene.inOrder(scene.own(detection) + scene.signIns(detection)).map {
      String(decoding: scene.events[$0].line, as: UTF8.self)
    }
  }

  @Test func eventsOfEveryArchiveFormAreShown() throws {
    let scene = EvidenceFixture(seed: 11, count: 90)
    let text = scene.lines.joinedLines("\r\n", endsWithSeparator: false)
    var rng = SplitMix64(seed: 11)
    let placed = PlacedFile.all(text, &rng).map { ($0.name, $0.bytes) }
    let encoded = (archiveForms + TextForms.all).map { ($0.name, $0.encode(text)) }
    for (name, bytes) in TestScale.some(placed + encoded, every: 7) {
      let folder = TemporaryFolder()
      folder.write("a.json", bytes)
      try each([folder.path]) { detection, shown in
        #expect(shown.notes.isEmpty, "\(name)")
        #expect(texts(shown) == expected(scene, detection), "\(name)")
      }
    }
  }

  /// A byte order mark, an archive of several files, and the queries' own windows.
  @Test(arguments: [false, true]) func eventsOfSeveralFilesAreShown(isAll: Bool) throws {
    let scene = EvidenceFixture(seed: 12)
    let folder = TemporaryFolder()
    for part in 0..<4 {
      let lines = scene.lines.indices.filter { $0 % 4 == part }.map { scene.lines[$0] }.joinedLines()
      let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
      folder.write("\(part)/a.json", part == 0 ? mark + lines : archiveForms[part * 5].encode(mark + lines))
    }
    try each([folder.path], { $0.usesTextWindows = isAll }) { detection, shown in
      #expect(texts(shown) == expected(scene, detection))
      #expect(shown.notes.isEmpty)
    }
  }

  /// Shown lines are whole, wherever blocks cut them.
  @Test func linesAcrossBlocksAreShownWhole() throws {
    let text = shortText(0..<30)
    let own = (0..<30).filter { $0 % 2 == 0 }.map { String(decoding: shortLine($0), as: UTF8.self) }.sorted()
    for size in [1, 7, 50, 121, 122, 123, 500] {
      let blocks = stride(from: 0, to: text.count, by: size).map {
        Array(text[$0..<min($0 + size, text.count)])
      }
      let folder = TemporaryFolder()
      for bytes in [FrameBuilder(blocks: blocks).bytes, blocks.flatMap { StreamForms.member($0) }] {
        folder.write("a.json", bytes)
        try each([folder.path]) { _, shown in
          #expect(texts(shown).sorted() == own, "\(size)")
          #expect(shown.notes.isEmpty, "\(size)")
        }
      }
    }
  }

  private func uuids(_ shown: RetrievedEvents) throws -> [String] {
    try shown.events.map { event in
      #expect(!event.text.contains(UInt8(ascii: "\n")))
      let json = try #require(try JSONSerialization.jsonObject(with: Data(event.text)) as? [String: Any])
      return try #require(json["uuid"] as? String)
    }
  }

  /// An event in a wrapper, a page or a string is shown alone.
  @Test(arguments: ShipperFormat.allCases) func eventsOfEveryShapeAreShownAlone(form: ShipperFormat) throws {
    let scene = EvidenceFixture(seed: 13, count: 80)
    var rng = SplitMix64(seed: 13)
    let text = form.lines(scene.events.map(\.tree), using: &rng).joinedLines()
    for bytes in [text, FrameBuilder(blocks: text.cut(3000)).bytes] {
      let folder = TemporaryFolder()
      folder.write("a.json", bytes)
      try each([folder.path], every: 5) { detection, shown in
        let wanted = scene.inOrder(scene.own(detection) + scene.signIns(detection)).map {
          scene.events[$0].uuid
        }
        let found = try uuids(shown)
        #expect(found == wanted)
        #expect(shown.notes.isEmpty)
      }
    }
  }

  /// Events over several lines, and several on one.
  @Test(arguments: PageForm.all) func eventsOfEveryPageFormAreShown(form: PageForm) throws {
    let scene = EvidenceFixture(seed: 14, count: 60)
    let text = form.write(scene.lines)
    for bytes in [text, FrameBuilder(blocks: text.cut(2500)).bytes] {
      let folder = TemporaryFolder()
      folder.write("a.json", bytes)
      try each([folder.path], every: 5) { detection, shown in
        let wanted = scene.inOrder(scene.own(detection) + scene.signIns(detection)).map {
          scene.events[$0].uuid
        }
        let found = try uuids(shown)
        #expect(found == wanted)
        #expect(shown.notes.isEmpty)
      }
    }
  }

  /// Keys without the client IP are known only by the record's id.
  @Test func eventsOfAKeyWithoutAddressAreShown() throws {
    let rule = try RuleText([
      ("key", "[actor.alternateId, client.device]"), ("groups", nil), ("window", "{length: 1h}"),
    ]).rule()
    var events: [EventBuilder] = []
    for number in 0..<60 {
      var event = EventBuilder(
        eventType: "user.account.lock", at: EventTime(milliseconds: 1_767_607_200_000 + Int64(number)))
      event.uuid = .string("u\(number)")
      event.user = number % 3 == 0 ? .null : .string("user\(number % 3)")
      event.device = number % 2 == 0 ? "Computer" : .null
      event.ip = .string("192.0.2.\(number % 4)")
      events.append(event)
    }
    let folder = TemporaryFolder()
    folder.write("a.json", events.map(\.line).joinedLines())
    var seen: [[String]] = []
    try each([folder.path], { $0.rules = [rule] }) { detection, shown in
      #expect(shown.notes.isEmpty)
      #expect(detection.eventCount == 10)
      seen.append(try uuids(shown))
    }
    let wanted = (0..<6).map { rest in (0..<60).filter { $0 % 6 == rest }.map { "u\($0)" } }
    #expect(Set(seen) == Set(wanted))
    #expect(seen.count == 6)
  }

  /// One of several copies is shown, even with --keep-duplicates.
  @Test(arguments: [false, true]) func copiesAreShownOnce(areKept: Bool) throws {
    let lines = (0..<8).map { shortLine($0) }
    var other = shortLine(3)
    other.insert(contentsOf: Array(#""outcome":{"result":null},"#.utf8), at: 1)
    let folder = TemporaryFolder()
    folder.write("a.json", (lines + [other]).joinedLines())
    folder.write("b.json.lz4", archiveForms[0].encode(lines.joinedLines()))
    try each([folder.path], { $0.keepsDuplicates = areKept }) { detection, shown in
      #expect(detection.eventCount == (areKept ? 17 : 8))
      #expect(shown.notes.isEmpty)
      #expect(shown.events.count == 8)
      let wanted = lines.map { String(decoding: $0, as: UTF8.self) }
      // Both copies of the fourth are equal to all rules; the bytes decide.
      #expect(Set(texts(shown)).subtracting(wanted).count <= 1)
    }
  }

  /// Only little of a large file is read.
  @Test(arguments: ["text", "independent", "zstd"]) func littleOfALargeFileIsRead(form: String) throws {
    var lines = (0..<6).map { shortLine($0) }
    for number in 0..<5_000 { lines.append(shortLine(1000 + number, isLock: false)) }
    lines.swapAt(3, 3000)
    let text = lines.joinedLines()
    let folder = TemporaryFolder()
    let pieces = text.cut(15_000)
    switch form {
    case "text": folder.write("a.json", text)
    case "independent": folder.write("a.json", FrameBuilder(blocks: pieces).bytes)
    default: folder.write("a.json", pieces.flatMap { StreamForms.frame($0) })
    }
    try each([folder.path]) { _, shown in
      #expect(shown.events.count == 6)
      #expect(shown.notes.isEmpty)
    }
    let offsets = try #require(
      scanned(ScanOptions(paths: [folder.path])).detections.first?.evidence?.events.first?.offsets)
    let read = bytesDecoded(folder.path + "/a.json", offsets)
    #expect((1..<text.count / 5).contains(read), "\(read) of \(text.count)")
  }

  /// Returns how much a read of selected blocks decompresses.
  private func bytesDecoded(_ path: String, _ offsets: [Int]) -> Int {
    let stream = ArchiveStream(
      file: 0, listed: ArchiveListing(paths: [path]).files[0], verifies: true, limits: Limits(),
      tuning: Tuning(), secondPass: .init(selection: BlockSelection(offsets)))
    var buffers = WorkerBuffers()
    var log = ProblemLog()
    var stats = InputStats()
    var count = 0
    do { try stream.open(tuning: Tuning()) } catch { Issue.record("\(error)") }
    while let next = stream.next(&buffers, log: &log, stats: &stats) { count += next.decoded.byteCount }
    #expect(log.entries.isEmpty)
    return count
  }
}

extension [UInt8] {
  fileprivate func cut(_ size: Int) -> [[UInt8]] {
    stride(from: 0, to: count, by: size).map { Array(self[$0..<Swift.min($0 + size, count)]) }
  }
}

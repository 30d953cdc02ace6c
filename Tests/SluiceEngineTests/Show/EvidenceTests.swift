import Foundation
import SluiceRecords
import SluiceTestSupport
import Testing

@testable import SluiceEngine

/// Evidence: every event of a detection is in exactly the blocks that its record names.
@Suite struct EvidenceTests {
  @Test(arguments: 1...3 as ClosedRange<UInt64>) func ownEventsLieInTheStatedBlocks(seed: UInt64) {
    let scene = EvidenceFixture(seed: seed)
    var rng = SplitMix64(seed: seed)
    let lineEnd = seed == 2 ? "\r\n" : "\n"
    let text = scene.lines.joinedLines(lineEnd, endsWithSeparator: seed != 3)
    var starts: [Int] = []
    var start = 0
    for line in scene.lines {
      starts.append(start)
      start += line.count + lineEnd.utf8.count
    }
    for file in PlacedFile.all(text, &rng) {
      let folder = TemporaryFolder()
      let path = LogText(folder.write("a.json", file.bytes))
      func files(_ own: [Int]) -> [DetectionEvidence.File] {
        let offsets = Set(own.map { file.offset(ofByte: starts[$0]) })
        return own.isEmpty ? [] : [DetectionEvidence.File(path: path, offsets: offsets.sorted())]
      }
      for (threads, rangeBytesTarget, isAll) in [(1, 1 << 20, false), (3, 1, false), (2, 5000, true)] {
        var options = ScanOptions(paths: [folder.path])
        options.threads = threads
        options.tuning.rangeBytesTarget = rangeBytesTarget
        options.usesTextWindows = isAll
        let detections = scanned(options).detections
        let comment: Comment = "\(file.name), \(threads) threads, \(rangeBytesTarget)"
        #expect(Set(detections.map(\.rule.id)).count == 3, comment)
        for detection in detections {
          let own = scene.own(detection)
          #expect(own.count == detection.eventCount, comment)
          #expect(detection.evidence?.events == files(own), comment)
          #expect(
            detection.evidence?.signIns == (detection.triage == nil ? nil : files(scene.signIns(detection))),
            comment)
        }
      }
    }
  }

  /// Evidence over several files, some with copies, does not depend on the order in which they are read.
  @Test func evidenceDoesNotDependOnThreadsOrOrder() {
    let folder = TemporaryFolder()
    var rng = SplitMix64(seed: 7)
    let lines = InvarianceTests.lines
    var paths: [String] = []
    for number in 0..<6 {
      let some = lines.indices.filter { $0 % 5 == number % 5 }.map { lines[$0] }
      let form = archiveForms[number * 3]
      paths.append(
        folder.write("\(number).json", number % 2 == 0 ? form.encode(some.joinedLines()) : some.joinedLines())
      )
    }
    var results: Set<[UInt8]> = []
    for (threads, rangeBytesTarget) in [(1, 1 << 20), (2, 700), (3, 5000), (8, 1), (3, 1 << 20)] {
      var options = ScanOptions(paths: paths.shuffled(using: &rng))
      options.threads = threads
      options.tuning.rangeBytesTarget = rangeBytesTarget
      results.insert(scanned(options).detections.flatMap { $0.ndjson + [UInt8(ascii: "\n")] })
    }
    #expect(results.count == 1)
    #expect(results.first?.count ?? 0 > 10_000)
  }

  @Test func evidenceIsLeftOutIfUnwantedOrUseless() throws {
    let text = shortText(0..<20)
    #expect(scanned(text, named: "a.json").detections.first?.evidence != nil)
    let without = scanned(text, named: "a.json") { $0.hasEvidence = false }.detections.first
    #expect(without != nil)
    #expect(without?.evidence == nil)
    let untriaged = scanned(text, named: "a.json") { $0.triages = false }.detections.first
    #expect(untriaged?.evidence != nil)
    #expect(untriaged?.evidence?.signIns == nil)
  }

  /// When the numbers run out, a location becomes a whole file, and then unknown.
  @Test func placesBeyondTheLimitBecomeFiles() {
    let locations = EventLocationTable(countMax: 16)
    let numbers = (0..<14).map { locations.number(file: 3, offset: $0 * 10) }
    #expect(numbers == (0..<14).map { UInt32($0) })
    #expect(locations.number(file: 3, offset: 130) == 14, "a file is another location than the line in it")
    #expect(locations.number(file: 3, offset: 999) == 14)
    #expect(locations.number(file: 4, offset: 7) == 15)
    #expect(locations.number(file: 4, offset: 8) == 15)
    let unknown = locations.number(file: 5, offset: 0)
    #expect(locations[13] == EventLocation(file: 3, offset: 130))
    #expect(locations[14] == EventLocation(file: 3, offset: nil))
    #expect(locations[15] == EventLocation(file: 4, offset: nil))
    #expect(locations[unknown] == nil)
    let files = DetectionEvidence.files(
      [
        EventLocation(file: 0, offset: 4), EventLocation(file: 1, offset: 9),
        EventLocation(file: 1, offset: nil),
      ],
      paths: ["a", "b"])
    #expect(files == [.init(path: "a", offsets: [4]), .init(path: "b", offsets: nil)])
  }

  @Test func theRecordHoldsTheEvidence() {
    var detection = scanned(shortText(0..<20), named: "a.json").detections[0]
    func evidence() -> String {
      let text = String(decoding: detection.ndjson, as: UTF8.self)
      return String(text[(text.range(of: #","evidence":"#)?.upperBound ?? text.startIndex)...].prefix(200))
    }
    detection.evidence = DetectionEvidence(
      events: [.init(path: "a\"\u{1b}", offsets: [0, 77]), .init(path: "b", offsets: nil)])
    #expect(
      evidence().hasPrefix(
        #"{"events":[{"file":"a\"\u001b","offsets":[0,77]},{"file":"b","offsets":null}],"sign_ins":null},"#))
    detection.evidence = DetectionEvidence(events: [], signIns: [])
    #expect(evidence().hasPrefix(#"{"events":[],"sign_ins":[]},"message":"#))
    detection.evidence = nil
    #expect(evidence().hasPrefix(#"null,"message":"#))
  }
}

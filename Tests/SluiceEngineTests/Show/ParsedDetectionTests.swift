import SluiceRecords
import SluiceTestSupport
import Testing

@testable import SluiceEngine

/// The chosen record, errors in it, and the files that it names.
@Suite struct ParsedDetectionTests {
  private static let detections: [Detection] = {
    let scene = EvidenceFixture(seed: 21)
    return scanned(scene.lines.joinedLines(), named: "a.json").detections
  }()
  private let text = detections.flatMap { $0.ndjson + [UInt8(ascii: "\n")] }

  private func failure(_ id: String, in text: [UInt8]) -> ShowError? {
    do throws(ShowError) {
      _ = try ParsedDetection(id: id, in: text, named: "found.ndjson")
      return nil
    } catch {
      return error
    }
  }

  @Test func aDetectionIsNamedByItsFirstDigits() throws {
    for detection in Self.detections {
      for count in [8, 9, 31, 32] {
        let record = try ParsedDetection(
          id: String(detection.id.prefix(count)).uppercased(), in: text, named: "found")
        #expect(record.id == detection.id)
        #expect(record.eventCount == detection.eventCount)
        #expect(record.clientIP == detection.clientIP)
        #expect(record.evidence == detection.evidence)
        #expect((record.firstSeen, record.lastSeen) == (detection.firstSeen, detection.lastSeen))
        #expect(record.signIns?.count == detection.triage?.successCount)
      }
    }
  }

  @Test func malformedIDsAreWrongUsage() {
    for id in ["", "1234567", "1234567g", String(repeating: "0", count: 33)] {
      #expect(failure(id, in: text)?.isWrongUsage == true, "\(id)")
    }
  }

  @Test func unusableRecordsAreExplained() {
    let id = Self.detections[0].id
    let line = String(decoding: Self.detections[0].ndjson, as: UTF8.self)
    func changed(_ old: String, _ new: String) -> [UInt8] {
      #expect(line.contains(old))
      return Array("\n{}\n".utf8) + Array(line.replacing(old, with: new).utf8)
    }
    #expect(
      failure("00000000", in: text)?.description.contains("no detection '00000000' in found.ndjson") == true)
    let twice = line + "\n" + line.replacing(id, with: id.prefix(20) + String(repeating: "0", count: 12))
    #expect(failure(String(id.prefix(20)), in: Array(twice.utf8))?.description.contains("several") == true)
    let cases: [(old: String, new: String, message: String)] = [
      ("sluice.detection/1", "sluice.detection/2", "line 3: this is no record sluice.detection/1"),
      (#""schema":"sluice.detection/1","#, "", "of schema unknown"),
      (#""first_seen":"2026"#, #""first_seen":"late"#, "'first_seen'"),
      (#""event_count":"#, #""event_count":-"#, "'event_count'"),
      (#""evidence":{"events":["#, #""evidence":{"events":[7,"#, "'evidence.events'"),
      (
        #""evidence":{"events":["#, #""evidence":{"events":[{"file":"x","offsets":[-1]},"#,
        "'evidence.events'"
      ),
      (#""evidence":{"#, #""evidence":null,"x":{"#, "--no-evidence"),
      (#""client_ip":"#, #""client_ip":"x","y":"#, "'client_ip'"),
      (#""rule":"#, #""rule":7,"z":"#, "'rule'"), ("}", "", "line 3, byte"),
    ]
    for (old, new, message) in cases {
      #expect(failure(id, in: changed(old, new))?.description.contains(message) == true, "\(message)")
    }
  }

  /// Escapes that UTF-8 cannot express may occur anywhere in a record.
  @Test func loneSurrogatesInARecordAreAccepted() throws {
    let line = String(decoding: Self.detections[0].ndjson, as: UTF8.self)
    let hostile = line.replacing(#""message":""#, with: #""message":"\ud800\\ "#)
    _ = try ParsedDetection(id: Self.detections[0].id, in: Array(hostile.utf8), named: "found")
  }

  @Test func jsonIsReadAsItIs() throws {
    let json = try JSONDocument(
      Array(#" {"a":[1,-2.5e3,true,false,null,"x\u00e9\n"],"b":{},"b":[],"c":""} "#.utf8))
    let list = try #require(json["a"]?.list)
    try #require(list.count == 6)
    #expect(list[0].integer == 1)
    #expect(list[1].integer == nil)
    #expect(list[4].isNull)
    #expect(list[5].string == "xé\n")
    #expect(json["b"]?.list?.isEmpty == true)
    #expect(json["c"]?.text == [])
    for bad in [
      "", "{", "{]", "[1,]", "[1 2]", #"{"a"}"#, #"{"a":1,}"#, "[]x", "nul",
      String(repeating: "[", count: 100_000),
    ] {
      #expect(throws: JSONWalker.ParseError.self, "\(bad.prefix(9))") { try JSONDocument(Array(bad.utf8)) }
    }
  }

  // MARK: Files

  private func found(_ path: String, below given: [String]) -> String? {
    let files = EvidenceFiles(ArchiveListing(paths: given), paths: given)
    return try? files.file(LogText(path)).path
  }

  @Test func filesAreKnownByTheEndsOfTheirPaths() {
    let folder = TemporaryFolder()
    let a = folder.write("x/01/00.json", [])
    let b = folder.write("x/02/00.json", [])
    let named = folder.write("y/only.json", [])
    #expect(found(a, below: [folder.path]) == a)
    #expect(found("/old/place/01/00.json", below: [folder.path + "/x"]) == a)
    #expect(found("/old/place/02/00.json", below: [folder.path + "/x/"]) == b)
    #expect(found("02/00.json", below: [folder.path + "/x"]) == b)
    #expect(found("/old/place/x/02/00.json", below: [folder.path]) == b)
    #expect(found("/old/only.json", below: [named]) == named)
    #expect(found("/old/place/03/00.json", below: [folder.path + "/x"]) == nil)
    #expect(found("/old/notonly.json", below: [named]) == nil)
    #expect(found("/old/00.json", below: [folder.path + "/x/01", folder.path + "/x/02"]) == nil, "either")
    #expect(found("/old/00.json", below: [folder.path + "/x/02"]) == b)
  }
}

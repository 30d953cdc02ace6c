import Foundation
import Testing

/// The generated lines, read by Foundation.
@Suite struct EventShapeTests {
  @Test func everyLineIsAnEventOfTheDocumentedShape() throws {
    let archive = try ArchiveFolder { $0.events = 6000 }
    var uuids: [String: [UInt8]] = [:]
    var repeated = 0
    var sizes = 0
    for line in try archive.lines() {
      let event = try #require(try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any])
      #expect(Set(event.keys) == Self.keys)
      let size = line.count + 1
      #expect((1600...2600).contains(size))
      sizes += size
      let debugContext = event["debugContext"] as? [String: Any]
      let debugData = try #require(debugContext?["debugData"] as? [String: Any])
      #expect((8...20).contains(debugData.count))
      let targets = event["target"] as? [Any]
      #expect(targets == nil || (1...4).contains(targets!.count))
      #expect((event["published"] as? String)?.hasPrefix("2026-01-05T") == true)

      let uuid = try #require(event["uuid"] as? String)
      #expect(UUID(uuidString: uuid)?.uuidString.lowercased() == uuid)
      if let before = uuids.updateValue(line, forKey: uuid) {
        #expect(before == line)
        repeated += 1
      }
    }
    #expect(repeated == archive.summary.duplicates)
    #expect(repeated > 0)
    #expect((2100...2350).contains(sizes / 6000))
  }

  @Test func fewLinesHoldALiteral() throws {
    let literals = ["INVALID_CREDENTIALS", "LOCKED_OUT", "user.account.lock", "security.threat.detected"]
    let archive = try ArchiveFolder {
      $0.events = 10_000
      $0.attacks = false
    }
    let lines = try archive.lines().map { String(decoding: $0, as: UTF8.self) }
    let holding = lines.filter { line in literals.contains { line.contains($0) } }.count
    #expect((300...500).contains(holding))
    #expect(lines.contains { $0.contains("\\u0026") })
    #expect(lines.contains { $0.contains("\\\"ACME Build 7\\\"") })
    #expect(lines.contains { $0.contains("ACME\\\\") })
    let compressed = archive.summary.compressedSizeBytes
    #expect((4.5...7.5).contains(Double(archive.summary.plainSizeBytes) / Double(compressed)))
  }

  private static let keys: Set = [
    "actor", "client", "device", "authenticationContext", "displayMessage", "eventType", "outcome",
    "published",
    "securityContext", "severity", "debugContext", "legacyEventType", "transaction", "uuid", "version",
    "request", "target",
  ]
}

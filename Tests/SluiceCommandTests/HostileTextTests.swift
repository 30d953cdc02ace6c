import Foundation
import SluiceTestSupport
import Testing

/// Log content and file names are hostile: none of it reaches a terminal raw.
@Suite struct HostileTextTests {
  /// Escape, bell, carriage return, a C1 control, and what turns or hides text.
  private static let hostile = "\u{1B}[31m\u{7}\r\u{9B}2J\u{202E}\u{2066}\u{200B}\u{2028}x"

  private func expectSafe(_ text: String, _ what: Comment) {
    let bad = text.unicodeScalars.filter {
      switch $0.properties.generalCategory {
      case .control: $0 != "\n"
      case .format, .lineSeparator, .paragraphSeparator, .surrogate: true
      default: false
      }
    }
    #expect(bad.isEmpty, what)
  }

  @Test(arguments: ["ndjson", "table"]) func inTheLog(format: String) throws {
    let folder = TemporaryFolder()
    let lines = (0..<6).map { number in
      var event = EventBuilder(eventType: "user.account.lock", at: EventTimes.base)
      event.uuid = .string("\(number)")
      event.user = .string(Self.hostile + "\(number)")
      event.result = .string(Self.hostile)
      return event.line
    }
    let broken = Array("{\"eventType\":\"user.account.lock\u{1B}[31m\n".utf8)
    let run = try Command("scan", "--format", format, folder.write("a.json", lines.joinedLines() + broken))
    #expect(run.status == 2 && run.text.contains("203.0.113.7"))
    expectSafe(run.text, "output")
    expectSafe(run.errors, "errors")
  }

  @Test(arguments: ["ndjson", "table"]) func inFileNames(format: String) throws {
    let folder = TemporaryFolder()
    folder.write(Self.hostile + ".json", Array("{\"eventType\":\"user.account.lock\"\n".utf8))
    folder.write(Self.hostile + "\n.lz4", [0, 1, 2])
    let stats = folder.path + "-stats"
    defer { try? FileManager.default.removeItem(atPath: stats) }
    let run = try Command("scan", "--format", format, "--stats", stats, folder.path)
    #expect(run.status == 2 && !run.errors.isEmpty)
    expectSafe(run.text, "output")
    expectSafe(run.errors, "errors")
    expectSafe(String(decoding: try file(stats), as: UTF8.self), "figures")
    #expect(!run.errors.contains("\n.lz4"), "a name cannot make a line of its own")
  }
}

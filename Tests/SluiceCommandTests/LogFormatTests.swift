import Foundation
import SluiceTestSupport
import Testing

/// `--log-format json`: every message is a JSON object on a line of its own.
@Suite struct LogFormatTests {
  private let folder = TemporaryFolder()

  private func messages(_ run: Command) throws -> [[String: Any]] {
    try run.errors.split(separator: "\n").map { try json(Array($0.utf8)) }
  }

  @Test func warnings() throws {
    let path = folder.write("a\u{1B}[31m\n.json", Array(#"{"eventType":"user.account.lock""#.utf8))
    let run = try Command("scan", path, "--log-format", "json")
    #expect(run.status == 2)
    let messages = try messages(run)
    #expect(messages.count == 2)
    for message in messages {
      #expect(message["level"] as? String == "warning" && message["logger"] as? String == "sluice")
    }
    #expect(messages[0]["message"] as? String == "1 of 1 records were rejected (1 json).")
    // Names are as safe as on a terminal.
    #expect((messages[1]["message"] as? String)?.contains(#"a\u{1b}[31m\u{a}.json"#) == true)
  }

  @Test func errors() throws {
    let run = try Command("scan", folder.path, "--output", folder.path + "/none/x", "--log-format", "json")
    #expect(run.status == 3)
    #expect(try messages(run).map { $0["level"] as? String } == ["error"])
  }

  @Test func text() throws {
    let run = try Command("scan", folder.path, "--output", folder.path + "/none/x")
    #expect(run.errors.hasPrefix("sluice: cannot write to "))
  }
}

import Foundation
import SluiceTestSupport
import Testing

/// The option `--log-format json`: every message is a JSON object on its own line.
@Suite struct LogFormatTests {
  private let folder = TemporaryFolder()

  private func messages(_ run: Command) throws -> [[String: Any]] {
    try run.errors.split(separator: "\n").map { try json(Array($0.utf8)) }
  }

  @Test func warningsAreJSONWithTheirNumbers() throws {
    let path = folder.write("a\u{1B}[31m\n.json", Array(#"{"eventType":"user.account.lock""#.utf8))
    let run = try Command("scan", path, "--log-format", "json")
    #expect(run.status == 2)
    let messages = try messages(run)
    try #require(messages.count == 2)
    for message in messages {
      #expect(message["level"] as? String == "warning")
      #expect(message["logger"] as? String == "sluice")
    }
    #expect(messages[0]["message"] as? String == "1 of 1 record was rejected (1 json).")
    #expect(messages[0]["rejected"] as? Int == 1)
    #expect(messages[0]["records"] as? Int == 1)
    #expect(messages[1]["file"] as? String == path)
    #expect(messages[1]["offset"] as? Int == 0)
    #expect(messages[1]["reason"] as? String == "json")
    // Names in messages are as safe as on a terminal.
    #expect((messages[1]["message"] as? String)?.contains(#"a\u{1b}[31m\u{a}.json"#) == true)
  }

  @Test func anErrorIsOneJSONMessage() throws {
    let run = try Command("scan", folder.path, "--output", folder.path + "/none/x", "--log-format", "json")
    #expect(run.status == 3)
    #expect(try messages(run).map { $0["level"] as? String } == ["error"])
  }

  /// Each diagnostic of a rules file has its own line, whatever the file's name contains.
  @Test(arguments: ["scan", "what-if", "inspect"]) func everyLineOfAFailedRunIsJSON(command: String) throws {
    let rules = folder.write(
      "r\n.yaml", Array("rules:\n  - id: okta-credential-stuffing\n    severity: 7\n    nonsense: 1\n".utf8))
    let bad = folder.write("a.json", Array("{\"eventType\":\"user.account.lock\u{1B}\"\n".utf8))
    var arguments = [command, "--log-format", "json"]
    if command != "inspect" { arguments += ["--rules", rules] }
    if command == "what-if" { arguments += ["okta-credential-stuffing", "unique_users >= 1..2"] }
    let run = try Command(arguments + [bad])
    let messages = try messages(run)
    #expect(!messages.isEmpty)
    guard command != "inspect" else { return }
    #expect(run.status == 64)
    // The positions equal those of `rules --check`.
    let locations = try Command("rules", "--check", "--rules", rules).lines.map { $0.split(separator: ":") }
    #expect(locations.count == 2)
    #expect(messages.map { $0["line"] as? Int } == locations.map { Int($0[1]) })
    #expect(messages.map { $0["column"] as? Int } == locations.map { Int($0[2]) })
    #expect(messages.allSatisfy { $0["file"] as? String == rules })
    // An unusual severity is a warning, and an unknown key is an error.
    #expect(messages.map { $0["level"] as? String } == ["warning", "error"])
  }

  @Test func textMessagesBeginWithTheProgramsName() throws {
    let run = try Command("scan", folder.path, "--output", folder.path + "/none/x")
    #expect(run.errors.hasPrefix("sluice: cannot write to "))
  }
}

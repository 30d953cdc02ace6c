import Foundation
import SluiceTestSupport
import Testing

/// Singular forms: all text for people says `1 user`, never `1 users`.
@Suite struct PluralTests {
  private let folder = TemporaryFolder()
  /// One user whose account was locked and who then signed in, so that every count is one.
  private let archive: String
  private static let rule = ["--rule", "okta-user-account-locked"]

  init() {
    var lock = EventBuilder(eventType: "user.account.lock", at: EventTimes.base)
    lock.uuid = "uuid-1"
    var signIn = EventBuilder(
      eventType: "user.session.start", at: .init(milliseconds: EventTimes.base.milliseconds + 60_000))
    signIn.uuid = "uuid-2"
    signIn.result = "SUCCESS"
    folder.write("in/a.json", [lock.line, signIn.line].joinedLines())
    archive = folder.path + "/in"
  }

  /// Returns plurals that follow a separate number 1.
  private func plurals(_ text: String) -> [String] {
    let verbs: Set = ["was", "is", "has", "lies", "holds"]
    return text.matches(of: /(?:^|[\s(>])1 (?:more )?([a-z]+s)\b/).filter { !verbs.contains(String($0.1)) }
      .map { String($0.0) }
  }

  private func expectSingular(_ arguments: [String]) throws {
    let run = try Command(arguments)
    #expect(!run.text.isEmpty || !run.errors.isEmpty)
    #expect(plurals(run.text).isEmpty, "\(arguments)")
    #expect(plurals(run.errors).isEmpty, "\(arguments)")
  }

  @Test func theTestFindsPlurals() {
    #expect(
      plurals("1 users, 11 users, 1 user\n1 more stretches (1 detections") == [
        "1 users", "\n1 more stretches", "(1 detections",
      ])
  }

  @Test(arguments: ["table", "html"]) func aScanUsesTheSingularForOne(format: String) throws {
    let run = try Command(["scan", archive, "--format", format] + Self.rule)
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.text.contains("1"), "\(run.errors)")
    try expectSingular(["scan", archive, "--format", format] + Self.rule)
    try expectSingular(["scan", archive, "--format", format, "--output", folder.path + "/out"] + Self.rule)
    try expectSingular(["scan", archive, "--format", format])
  }

  /// One problem, one rejected record, one byte.
  @Test func problemsUseTheSingularForOne() throws {
    folder.write("in/b.json", Array(#"{"eventType":"user.account.lock""#.utf8))
    folder.write("in/c.lz4", [0x04, 0x22, 0x4D, 0x18, 0x40, 0x40, 0xC0, 1, 0, 0, 0])
    folder.write("in/d.json", [0x1F])
    for command in ["scan", "inspect"] {
      for format in [["--format", "table"], ["--format", "html"], []] {
        if command == "inspect", format.last == "html" { continue }
        let rule = command == "scan" ? Self.rule : []
        try expectSingular([command, archive] + format + rule)
        try expectSingular([command, archive, "--output", folder.path + "/out"] + format + rule)
      }
    }
  }

  @Test func otherCommandsUseTheSingularForOne() throws {
    try expectSingular(["inspect", archive, "--format", "table", "--gap", "30s"])
    try expectSingular(["what-if", "okta-user-account-locked", "x >= 1..2", archive])
    try expectSingular(["what-if", "okta-credential-stuffing", "unique_users >= 1..2", archive])
    try expectSingular([
      "generate", "--events", "1", "--no-attacks", "--hours", "1", "--output", folder.path + "/made",
    ])
    let rules = folder.write("rules.yaml", try Command("rules", "okta-credential-stuffing").output)
    try expectSingular(["rules", "--check", "--rules", rules])
    let partial = folder.path + "/partial"
    try expectSingular(["partial", archive, "--output", partial] + Self.rule)
    try expectSingular(["merge", partial, "--expect", "2"] + Self.rule)
    try expectSingular(["merge", partial, "--format", "table"] + Self.rule)
    try expectSingular(
      ["scan", archive, "--format", "table", "--partials", folder.path + "/partials"] + Self.rule)
    try expectSingular(
      ["scan", archive, "--format", "table", "--partials", folder.path + "/partials"] + Self.rule)
  }

  @Test func exceptionsUseTheSingularForOne() throws {
    let rules = folder.write(
      "rules.yaml",
      Array("exceptions:\n  - {owner: ops, reason: known, ip: 203.0.113.7}\n".utf8))
    for format in ["table", "html"] {
      try expectSingular(["scan", archive, "--format", format, "--rules", rules] + Self.rule)
    }
  }
}

import Foundation
import SluiceEngine
@testable import SluiceReport
import SluiceTestSupport
import Testing

/// Hostile log content and file names. None of it reaches a terminal unescaped.
@Suite struct HostileTextTests {
  /// Escape, bell, carriage return, a C1 control, and characters that reverse or hide text.
  private static let hostile = "\u{1B}[31m\u{7}\r\u{9B}2J\u{202E}\u{2066}\u{200B}\u{2028}x"

  /// The number of windows that contain an event: windows of 15 minutes start every 5 minutes.
  private static let windows = 3

  /// For each text, 25 sign-ins that fire, from 25 users and one address. Every logged field contains the text.
  private static let attack: [UInt8] = HostileText.all.enumerated().flatMap { number, text in
    (0..<25).flatMap { user in
      var event = EventBuilder(eventType: "user.session.start", at: EventTimes.base)
      event.reason = "INVALID_CREDENTIALS"
      event.ip = .string("198.51.100.\(number)")
      event.uuid = .string("\(number)-\(user)")
      event.user = .string("\(user)\(text)")
      for field in [
        \EventBuilder.userAgent, \.device, \.country, \.city, \.asOrg, \.threatSuspected, \.actorID, \.result,
      ] {
        event[keyPath: field] = .string(text)
      }
      event.risk = .string("{reasons=\(text), level=\(text)}")
      return event.line + [UInt8(ascii: "\n")]
    }
  }

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

  /// The formats of lines that show log content. Lines of CSV end in a carriage return too.
  private static let formats = OutputFormat.allCases.filter { $0 != .navigator && $0 != .html }.map(
    \.rawValue)

  private func text(_ run: Command, _ format: String) -> String {
    format == "csv" ? run.text.replacingOccurrences(of: "\r\n", with: "\n") : run.text
  }

  @Test(arguments: formats) func hostileUsersAndResultsAreEscapedInEveryFormat(format: String) throws {
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
    #expect(run.status == 2)
    #expect(run.text.contains("203.0.113.7"))
    expectSafe(text(run, format), "output")
    expectSafe(run.errors, "errors")
  }

  @Test(arguments: formats) func hostileTextAnywhereInAnEventMakesNoLineOfItsOwn(format: String) throws {
    let folder = TemporaryFolder()
    let stats = folder.path + "/stats"
    let broken = HostileText.all.flatMap { Array("{\"eventType\":\"user.account.lock \($0)\n".utf8) }
    let path = folder.write("a.json", Self.attack + broken)
    let run = try Command("scan", "--format", format, "--stats", stats, path)
    #expect(run.status == 2)
    expectSafe(text(run, format), "output")
    expectSafe(run.errors, "errors")
    expectSafe(String(decoding: try file(stats), as: UTF8.self), "stats")
    let lines = text(run, format).split(separator: "\n").count { line in
      " \",".contains { line.contains("\($0)198.51.100.") }
    }
    // The windows form one episode.
    #expect(
      lines == (format == "table" ? 1 : Self.windows) * HostileText.all.count,
      "no text makes a line of its own, or takes one away")
  }

  /// `SluiceReportTests` covers markup; this test checks that no invisible character is left.
  @Test func noInvisibleCharacterReachesThePage() throws {
    let folder = TemporaryFolder()
    let broken = HostileText.all.flatMap { Array("{\"eventType\":\"user.account.lock \($0)\n".utf8) }
    let path = folder.write(Self.hostile + ".json", Self.attack + broken)
    let run = try Command("scan", "--format", "html", path)
    #expect(run.status == 2)
    #expect(run.text.contains("100 incidents from 100 client IPs."))
    expectSafe(run.text, "page")
  }

  /// Escaped text reads back as the original.
  @Test func ndjsonReadsBackByteForByte() throws {
    #expect(HostileText.all.count == 100)
    #expect(Set(HostileText.all).count == 100)
    let folder = TemporaryFolder()
    let run = try Command("scan", folder.write("a.json", Self.attack))
    #expect(run.status == 0)
    #expect(run.lines.count == Self.windows * 100)
    for line in run.lines {
      let record = try json(Array(line.utf8))
      let number = try #require(
        (record["client_ip"] as? String)?.split(separator: ".").last.flatMap { Int($0) })
      let text = HostileText.all[number]
      let columns = try #require(record["columns"] as? [String: Any])
      for name in [
        "Esql.user_agent_values", "Esql.device_values", "Esql.geo_country_values", "Esql.geo_city_values",
        "Esql.source_asn_org_values", "Esql.threat_suspected_values",
      ] {
        let values = try #require(columns[name] as? [String])
        // Texts are compared as bytes, because Swift treats canonically equivalent strings as equal.
        #expect(values.map { Array($0.utf8) } == [Array(text.utf8)], "\(name) of text \(number)")
      }
      let users = try #require(columns["Esql.target_users"] as? [String])
      #expect(Set(users.map { Array($0.utf8) }) == Set((0..<25).map { Array("\($0)\(text)".utf8) }))
    }
  }

  /// A lone surrogate is no character, and stays an escape.
  @Test func loneSurrogatesStayEscapes() throws {
    let folder = TemporaryFolder()
    for escape in ["\\ud800", "\\udfff", "\\udc00\\ud800"] {
      let text = String(decoding: firingText, as: UTF8.self).replacingOccurrences(of: "user0@", with: escape)
      let path = folder.write("a.json", Array(text.utf8))
      let run = try Command("scan", path)
      #expect(run.status == 0)
      #expect(run.lines.count == 1)
      #expect(run.text.contains(escape))
      let table = try Command("scan", "--format", "table", path)
      #expect(table.status == 0)
      expectSafe(table.text, "table")
    }
  }

  @Test(arguments: ["ndjson", "table"]) func hostileFileNamesAreEscaped(format: String) throws {
    let folder = TemporaryFolder()
    folder.write(Self.hostile + ".json", Array("{\"eventType\":\"user.account.lock\"\n".utf8))
    folder.write(Self.hostile + "\n.lz4", [0, 1, 2])
    let stats = folder.path + "-stats"
    defer { try? FileManager.default.removeItem(atPath: stats) }
    let run = try Command("scan", "--format", format, "--stats", stats, folder.path)
    #expect(run.status == 2)
    #expect(!run.errors.isEmpty)
    expectSafe(run.text, "output")
    expectSafe(run.errors, "errors")
    expectSafe(String(decoding: try file(stats), as: UTF8.self), "stats")
    #expect(!run.errors.contains("\n.lz4"), "a name cannot make a line of its own")
  }
}

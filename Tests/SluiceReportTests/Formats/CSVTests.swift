import Foundation
@testable import SluiceEngine
import SluiceRecords
@testable import SluiceReport
import SluiceTestSupport
import Testing

/// CSV according to RFC 4180, read back by a reader that implements only that text.
@Suite struct CSVTests {
  /// Splits CSV into rows of cells. A quoted cell ends at the next quote that is not doubled; lines end in CRLF.
  private static func rows(_ text: String) -> [[String]] {
    var rows: [[String]] = []
    var row: [String] = []
    var cell = String.UnicodeScalarView()
    var isQuoted = false
    let scalars = Array(text.unicodeScalars)
    var i = 0
    while i < scalars.count {
      let next = i + 1 < scalars.count ? scalars[i + 1] : nil
      switch (isQuoted, scalars[i]) {
      case (true, "\"") where next == "\"":
        cell.append("\"")
        i += 1
      case (true, "\""): isQuoted = false
      case (true, let scalar): cell.append(scalar)
      case (false, "\"") where cell.isEmpty: isQuoted = true
      case (false, ","):
        row.append(String(cell))
        cell = .init()
      case (false, "\r") where next == "\n":
        rows.append(row + [String(cell)])
        row = []
        cell = .init()
        i += 1
      case (false, let scalar):
        #expect(!"\"\r\n".unicodeScalars.contains(scalar), "bare \(scalar.value)")
        cell.append(scalar)
      }
      i += 1
    }
    #expect(!isQuoted, "the last line has an end")
    #expect(row.isEmpty, "the last line has an end")
    #expect(cell.isEmpty, "the last line has an end")
    return rows
  }

  private static func table(_ detections: [Detection], raw: Bool = false) -> [[String: String]] {
    var options = RenderOptions()
    options.isRawCSV = raw
    let rows = rows(SomeDetections.text(.csv, detections, options))
    return rows.dropFirst().map { row in
      #expect(row.count == rows[0].count)
      return Dictionary(uniqueKeysWithValues: zip(rows[0], row))
    }
  }

  @Test func theHeaderAndARowAreTheExpectedText() {
    let text = SomeDetections.text(.csv, [SomeDetections.detection(message: "Six, \"locked\".")])
    #expect(
      text == """
        id,rule,vendor,vendor_rule_id,title,severity,risk_score,tactics,techniques,client_ip,window_start,window_end,\
        first_seen,last_seen,event_count,user_count,users,compromised_count,compromised_users,episode,incident,\
        also_seen_by,suppressed_by,suppressed_owner,suppressed_reason,message,columns\r
        \(SomeDetections.detection().id),okta-accounts-locked-out,Splunk,a511426e-184f-4de6-8711-cfd2af29d1e1,\
        Okta Multiple Accounts Locked Out,medium,49,TA0006,T1110,203.0.113.7,2026-01-05T10:00:00.000Z,\
        2026-01-05T10:05:00.000Z,2026-01-05T10:00:01.000Z,2026-01-05T10:04:59.000Z,6,2,a@example.org; b@example.org,,,\
        \(SomeDetections.detection().id),\(SomeDetections.detection().id),,,,,"Six, ""locked"".",\
        "{""count"":6,""user"":[""a@example.org"",""b@example.org""],""none"":null}"\r

        """)
  }

  @Test func noDetectionsGiveTheHeaderOnly() { #expect(Self.rows(SomeDetections.text(.csv, [])).count == 1) }

  @Test func absentValuesAreEmpty() {
    let row = Self.table([SomeDetections.detection(.threatInsightUnknownUsers, address: nil)])[0]
    #expect(row["client_ip"] == "")
    #expect(row["risk_score"] == "")
    #expect(row["suppressed_by"] == "")
    #expect(row["techniques"] == "T1078")
    #expect(
      Self.table([SomeDetections.detection(.credentialStuffing)])[0]["techniques"] == "T1110; T1110.004")
  }

  @Test func suppressedDetectionsAreMarked() {
    var detection = SomeDetections.detection()
    detection.suppressed = SomeDetections.suppression
    let row = Self.table([detection])[0]
    #expect(
      (row["suppressed_by"], row["suppressed_owner"], row["suppressed_reason"]) == (
        "office", "jane", "'=known"
      ))
  }

  @Test(arguments: [
    ("=1+1", "'=1+1"), ("+1", "'+1"), ("-1", "'-1"), ("@SUM(A1)", "'@SUM(A1)"), ("\t=1", "'\\u{9}=1"),
    ("\r=1", "'\\u{d}=1"), ("\n=1", "'\\u{a}=1"), ("\u{FF1D}1", "'\u{FF1D}1"), ("'=1", "'=1"), ("a=1", "a=1"),
    ("\u{1B}[31m", "\\u{1b}[31m"), ("a\u{202E}b", "a\\u{202e}b"), ("CORP\\jane", "CORP\\jane"), ("", ""),
    ("a, b", "a, b"), ("say \"=1\"", "say \"=1\""), ("日本 é", "日本 é"),
  ])
  func formulasAndControlCharactersAreInertUnlessRaw(message: String, expected: String) {
    let detection = SomeDetections.detection(message: LogText(message))
    #expect(Self.table([detection])[0]["message"] == expected)
    #expect(
      Self.table([detection], raw: true)[0]["message"]?.unicodeScalars.elementsEqual(message.unicodeScalars)
        == true)
  }

  @Test func hostileTextIsInert() throws {
    let text = SomeDetections.text(.csv, SomeDetections.hostile)
    let rows = Self.rows(text)
    #expect(rows.count == SomeDetections.hostile.count + 1)
    #expect(text.unicodeScalars.count { $0 == "\n" } == rows.count, "a row is a line")
    for cell in rows.joined() {
      if let first = cell.unicodeScalars.first { #expect(!"=+-@\t\r\n".unicodeScalars.contains(first)) }
      #expect(
        cell.unicodeScalars.allSatisfy {
          ![.control, .format, .lineSeparator, .paragraphSeparator].contains($0.properties.generalCategory)
        })
    }
    // The last column holds the exact values as JSON, however the other cells were changed.
    for (row, text) in zip(rows.dropFirst(), HostileText.all) {
      let columns = try SomeDetections.object(row[row.count - 1])
      let users = try #require(columns["user"] as? [String])
      #expect(Array(users[0].utf8) == Array(text.utf8))
    }
  }

  @Test func rawCellsReadBack() {
    let rows = Self.table(SomeDetections.hostile, raw: true)
    #expect(rows.count == HostileText.all.count)
    for (row, text) in zip(rows, HostileText.all) {
      for column in ["title", "vendor", "severity", "suppressed_by", "suppressed_reason", "message"] {
        #expect(row[column].map { Array($0.utf8) } == Array(text.utf8), "\(column)")
      }
    }
  }
}

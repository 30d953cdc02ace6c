@testable import SluiceEngine
import SluiceRecords
@testable import SluiceReport
import SluiceTestSupport
import Testing

/// The table for people: its rows, order, width and colours.
@Suite struct TableTests {
  private func lines(_ detections: [Detection], _ change: (inout RenderOptions) -> Void = { _ in })
    -> [String]
  {
    var options = RenderOptions()
    change(&options)
    return SomeDetections.text(.table, detections, options).split(
      separator: "\n", omittingEmptySubsequences: false
    )
    .map(String.init)
  }

  private func detection(_ severity: String, address: UInt32, minute: Int64 = 0, events: Int = 6) -> Detection
  {
    var rule = RuleMetadata.accountsLockedOut
    rule.severity = severity
    return SomeDetections.detection(rule, address: address, minute: minute, events: events)
  }

  @Test func episodesMakeTheExpectedRows() {
    var windows = [
      SomeDetections.detection(.credentialStuffing, lasts: 15, events: 31),
      SomeDetections.detection(.credentialStuffing, minute: 5, lasts: 15, events: 40),
    ]
    Detection.joinEpisodes(&windows)
    var all = windows + [SomeDetections.detection(minute: 30)]
    Detection.joinIncidents(&all)
    #expect(
      lines(all).prefix(3) == [
        "COMPROMISED  SEVERITY  CLIENT IP    RULE                      USERS  EVENTS  WINDOWS  "
          + "FIRST SEEN (UTC)     LAST SEEN            ALSO SEEN BY",
        "-            medium    203.0.113.7  okta-credential-stuffing      2      40        2  "
          + "2026-01-05 10:00:01  2026-01-05 10:19:59  okta-accounts-locked-out",
        "-            medium    203.0.113.7  okta-accounts-locked-out      2       6        1  "
          + "2026-01-05 10:30:01  2026-01-05 10:34:59  okta-credential-stuffing",
      ])
  }

  /// Rows are sorted by severity, then events, then time, whatever their order in the input.
  @Test func theWorstComesFirst() {
    let detections = [
      detection("critical", address: 1, events: 6), detection("high", address: 2, minute: 10, events: 60),
      detection("high", address: 3, minute: 5, events: 60), detection("high", address: 4, events: 59),
      detection("medium", address: 5, events: 1000), detection("low", address: 6),
      detection("informational", address: 7),
      detection("whatever", address: 8, events: 5000),
    ]
    for seed: UInt64 in 1...20 {
      var rng = SplitMix64(seed: seed)
      let shown = lines(detections.shuffled(using: &rng)).dropFirst().prefix(8)
      let addresses = shown.compactMap { $0.split(separator: " ").first { $0.hasPrefix("0.0.0.") } }
      #expect(
        addresses == ["0.0.0.1", "0.0.0.3", "0.0.0.2", "0.0.0.4", "0.0.0.5", "0.0.0.6", "0.0.0.7", "0.0.0.8"])
    }
  }

  @Test func rowsBeyondTheLimitAreCounted() {
    let detections = (1...5).map { detection("high", address: $0, events: 100 - Int($0)) }
    let shown = lines(detections) { $0.rowCountMax = 2 }
    #expect(shown[1].contains("0.0.0.1"))
    #expect(shown[2].contains("0.0.0.2"))
    #expect(shown[3] == "and 3 more episodes, none worse than these.")
    #expect(shown[4].isEmpty)
    #expect(lines(detections) { $0.rowCountMax = 4 }[5] == "and 1 more episode, none worse than these.")
    #expect(lines(detections) { $0.rowCountMax = 5 }[6].isEmpty)
    #expect(lines(detections)[6].isEmpty)
    #expect(lines(detections) { $0.rowCountMax = 0 }[1] == "and 5 more episodes, none worse than these.")
  }

  /// Rows are cut to the width, counted in terminal columns.
  @Test(arguments: [1, 2, 10, 17, 40, 79, 80, 81, 200]) func rowsAreCutToTheWidth(columns: Int) {
    let severities = ["日本語日本語", "e\u{301}e\u{301}", "👩🏽‍💻🇩🇪", "high", "한국어"]
    let detections = severities.enumerated().map { detection($1, address: UInt32($0)) }
    let rows = lines(detections) { $0.width = columns }.prefix(6)
    let whole = lines(detections).prefix(6)
    for (row, whole) in zip(rows, whole) {
      #expect(TextWidth.of(row) <= columns)
      if TextWidth.of(whole) <= columns {
        #expect(row == whole)
      } else {
        #expect(row.hasSuffix("…"))
        #expect(whole.unicodeScalars.starts(with: row.unicodeScalars.dropLast()))
      }
    }
    // Columns are aligned, whatever the columns before them contain.
    let places = whole.map { row in
      row.firstRange(of: row.contains("CLIENT") ? "CLIENT" : "0.0.0.").map {
        TextWidth.of(String(row[..<$0.lowerBound]))
      }
    }
    #expect(Set(places).count == 1)
    #expect(!places.contains(nil))
  }

  @Test func coloursMarkTheHeaderAndHighSeverities() {
    let detections = [
      detection("critical", address: 1), detection("medium", address: 2), detection("low", address: 3),
    ]
    let plain = lines(detections)
    #expect(!plain.joined().unicodeScalars.contains("\u{1B}"))
    let coloured = lines(detections) { $0.hasColours = true }
    #expect(coloured[0] == "\u{1B}[1m\(plain[0])\u{1B}[0m")
    #expect(coloured[1] == "\u{1B}[31m\(plain[1])\u{1B}[0m")
    #expect(coloured[2] == "\u{1B}[33m\(plain[2])\u{1B}[0m")
    #expect(coloured[3] == plain[3])
    // A cut keeps the end of a colour and does not count it.
    let cut = lines(detections) {
      $0.hasColours = true; $0.width = 20
    }
    #expect(cut[1] == "\u{1B}[31m-            critic…\u{1B}[0m", "\(cut[1])")
  }

  @Test func suppressedDetectionsAreLeftOut() {
    var suppressed = detection("high", address: 1)
    suppressed.suppressed = SomeDetections.suppression
    let shown = lines([suppressed, detection("high", address: 2)])
    #expect(shown[1].contains("0.0.0.2"))
    #expect(shown[2].isEmpty)
  }

  @Test func hostileTextIsInert() {
    let hostile = SomeDetections.hostile.map { detection in
      var detection = detection
      detection.suppressed = nil
      return detection
    }
    let shown = lines(hostile)
    #expect(shown.dropFirst(hostile.count + 1).first == "", "a row is a line")
    #expect(
      shown.joined().unicodeScalars.allSatisfy {
        ![.control, .format, .lineSeparator, .paragraphSeparator].contains($0.properties.generalCategory)
      })
  }

  @Test func theEndSaysWhatToDo() {
    #expect(
      lines([detection("high", address: 1)]).dropLast().last?.hasPrefix("Next: --format ndjson") == true)
    #expect(lines([]).first == "No detections.")
    #expect(lines([]).last == "")
  }
}

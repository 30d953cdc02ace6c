import Foundation
import SluiceTestSupport
import Testing

/// `sluice inspect` as a user or a script runs it.
@Suite struct InspectCommandTests {
  private static let keys: Set<String> = [
    "file", "size", "codec", "frames", "lz4", "gzip", "zstd", "frames_verified", "frames_unverifiable",
    "frames_corrupt",
    "bytes_compressed", "bytes_decompressed", "ratio", "lines", "blank_lines", "records", "events",
    "rejected",
    "shapes", "first", "last", "events_without_time", "event_types", "events_of_other_types",
    "events_without_type", "duplicates", "gaps",
  ]

  private func line(_ type: String, minute: Int, uuid: String) -> [UInt8] {
    var event = EventBuilder(eventType: .string(type), at: EventTimes.base)
    event.published = .string(
      "2026-01-05T\(10 + minute / 60):\(minute % 60 < 10 ? "0" : "")\(minute % 60):00Z")
    event.uuid = .string(uuid)
    return event.line
  }

  @Test func jsonDescribesEveryFile() throws {
    let folder = TemporaryFolder()
    let text = [
      line("a", minute: 0, uuid: "1"), line("b", minute: 200, uuid: "2"), line("b", minute: 80, uuid: "1"),
    ]
    .joinedLines()
    let frame = FrameBuilder(blocks: [text]).bytes
    let path = folder.write("a.lz4", frame)
    folder.write("b.json", line("c", minute: 139, uuid: "1"))
    let run = try Command("inspect", folder.path, "--threads", "2")
    #expect(run.status == 0)
    #expect(run.errors.isEmpty)
    #expect(run.lines.count == 1)
    let record = try json(run.output)
    #expect(record["schema"] as? String == "sluice.inspect/1")
    #expect(record["complete"] as? Bool == true)
    #expect(record["gap_milliseconds"] as? Int == 3_600_000)
    let files = try #require(record["files"] as? [[String: Any]])
    try #require(files.count == 2)
    #expect(Set(files[0].keys) == Self.keys)
    #expect(files[0]["file"] as? String == path)
    #expect(files[0]["codec"] as? String == "lz4")
    #expect(files[1]["codec"] as? String == "text")
    #expect((files[0]["frames"] as? [String: Int])?["lz4"] == 1)
    let lz4 = try #require(files[0]["lz4"] as? [String: Any])
    #expect(lz4["block_sizes"] as? [String: Int] == ["65536": 1])
    #expect(lz4["content_checksums"] as? Int == 1)
    #expect(files[0]["size"] as? Int == frame.count)
    #expect(files[0]["bytes_decompressed"] as? Int == text.count)
    #expect(files[0]["duplicates"] as? Int == 1)
    #expect(files[0]["events"] as? Int == 3)
    #expect(files[0]["shapes"] as? [String: Int] == ["raw": 3])
    let types = try #require(files[0]["event_types"] as? [[String: Any]])
    #expect(types.map { $0["type"] as? String } == ["b", "a"])
    #expect(types.map { $0["count"] as? Int } == [2, 1])
    #expect(files[0]["first"] as? String == "2026-01-05T10:00:00.000Z")
    #expect(files[0]["last"] as? String == "2026-01-05T13:20:00.000Z")
    let gaps = try #require(files[0]["gaps"] as? [[String: Any]])
    #expect(gaps.map { $0["milliseconds"] as? Int } == [4_800_000, 7_200_000])
    let total = try #require(record["total"] as? [String: Any])
    #expect(Set(total.keys) == Self.keys.subtracting(["file"]).union(["files"]))
    #expect(total["files"] as? Int == 2)
    #expect(total["codec"] as? String == "mixed")
    #expect(total["events"] as? Int == 4)
    #expect(total["duplicates"] as? Int == 1)
    // The longer gap contains the other file's event.
    let all = try #require(total["gaps"] as? [[String: Any]])
    #expect(
      all.map { $0["from"] as? String } == ["2026-01-05T10:00:00.000Z", "2026-01-05T12:19:00.000Z"])
  }

  @Test func theTableShowsTypesGapsAndTheTotal() throws {
    let folder = TemporaryFolder()
    let lines = (0..<12).flatMap { number in
      (0...number).map { line("type\(number)", minute: $0, uuid: "\(number)-\($0)") }
    }
    folder.write("a.json", lines.joinedLines())
    let run = try Command("inspect", folder.path, "--format", "table", "--gap", "90s")
    #expect(run.status == 0)
    #expect(run.errors.isEmpty)
    #expect(run.text.contains("type11 12, type10 11,"))
    #expect(run.text.contains(", 2 more types"))
    #expect(!run.text.contains("type1 2"))
    #expect(!run.text.contains("All 1 file"))
    #expect(run.text.contains("0 longer than 1m30s"))
    folder.write("b.json", line("x", minute: 30, uuid: "x"))
    let both = try Command("inspect", folder.path, "--format", "table", "--gap", "1m")
    #expect(both.text.contains("All 2 files"))
    #expect(
      both.text.contains("1 longer than 1m: 2026-01-05T10:11:00.000Z to 2026-01-05T10:30:00.000Z (19m)"))
  }

  /// Headers of gzip and zstd, and the type of a file that is not read.
  @Test func streamsAndRefusedFilesAreDescribed() throws {
    let folder = TemporaryFolder()
    let (a, b) = (line("a", minute: 0, uuid: "1"), line("b", minute: 1, uuid: "2"))
    folder.write("1.gz", StreamForms.member(a) + StreamForms.member(b))
    folder.write(
      "2.zst",
      StreamForms.frame(a) + StreamForms.frame(b, hasChecksum: false) + FrameBuilder.skippable(size: 9))
    folder.write("3.7z", [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C, 0, 4])
    let run = try Command("inspect", folder.path)
    #expect(run.status == 2)
    let files = try #require(json(run.output)["files"] as? [[String: Any]])
    #expect(files.map { $0["codec"] as? String } == ["gzip", "zstd", "7z"])
    #expect(files[0]["gzip"] as? [String: Int] == ["members": 2, "checksums": 2])
    let zstd = try #require(files[1]["zstd"] as? [String: Any])
    #expect(zstd["checksums"] as? Int == 1)
    #expect(zstd["content_sizes"] as? Int == 2)
    #expect(zstd["content_bytes"] as? Int == a.count + b.count)
    #expect(zstd["dictionaries"] as? Int == 0)
    let table = try Command("inspect", folder.path, "--format", "table")
    #expect(table.text.contains("2 members, each with a checksum and a content size"))
    #expect(table.text.contains("1 with a checksum, 2 with a content size"))
    #expect(table.text.contains("gzip and zstd and 7z"))
    #expect(table.text.contains("skippable    1 frame, passed over"))
  }

  @Test func exitStatusFollowsInputAndOutput() throws {
    let folder = TemporaryFolder()
    let good = folder.write("good", firingText)
    let bad = folder.write("bad", firingText + Array("{\"eventType\":\n".utf8))
    let out = folder.path + "/out"
    #expect(try Command("inspect", good, "--output", out).status == 0)
    #expect(try json(file(out))["complete"] as? Bool == true)
    let run = try Command("inspect", bad, "--output", out)
    #expect(run.status == 2)
    #expect(run.output.isEmpty)
    #expect(run.errors.contains("bad, byte"))
    #expect(try json(file(out))["complete"] as? Bool == false)
    #expect(try Command("inspect", bad, "--quiet").errors.split(separator: "\n").count == 1)
    #expect(try Command("inspect", folder.path + "/none").status == 2)
    #expect(try Command("inspect", good, "--output", folder.path + "/no/where").status == 3)
    #expect(try Command("inspect", good, "--output", good).status == 64)
    #expect(try Command("inspect", good, "--max-total", "10").status == 3)
    for wrong in [
      ["--gap", "0s"], ["--gap", "5"], ["--gap", "1y"], ["--threads", "0"], ["--format", "csv"],
    ] {
      #expect(try Command(["inspect", good] + wrong).status == 64, "\(wrong)")
    }
    #expect(try Command(["inspect"]).status == 64)
  }

  @Test func standardInputIsInspectedAsOneFile() throws {
    let run = try Command(["inspect", "-"], input: firingText)
    let files = try #require(json(run.output)["files"] as? [[String: Any]])
    #expect(run.status == 0)
    #expect(files.map { $0["size"] as? Int } == [firingText.count])
  }

  /// Log content and file names are hostile.
  @Test(arguments: ["json", "table"]) func hostileTextIsEscapedInEveryFormat(format: String) throws {
    let folder = TemporaryFolder()
    let lines = HostileText.all.map { line($0, minute: 0, uuid: $0) }
    folder.write("\u{1B}[31m\u{202E}\n.json", lines.prefix(9).map(\.self).joinedLines())
    folder.write("b.json", lines.joinedLines() + Array("{\"eventType\":\"\u{1B}[31m\n".utf8))
    let run = try Command("inspect", folder.path, "--format", format)
    #expect(run.status == 2)
    #expect(!run.errors.isEmpty)
    for text in [run.text, run.errors] {
      let bad = text.unicodeScalars.filter {
        switch $0.properties.generalCategory {
        case .control: $0 != "\n"
        case .format, .lineSeparator, .paragraphSeparator, .surrogate: true
        default: false
        }
      }
      #expect(bad.isEmpty)
    }
  }
}

import Foundation
import SluiceTestSupport
import Testing

/// `partial`, `merge` and `scan --partials` as a user or a script runs them.
@Suite struct PartialCommandTests {
  private let folder = TemporaryFolder()

  init() {
    folder.write("in/a.json", firingText)
    folder.write(
      "in/b.json",
      Array(
        "{\"eventType\":\"policy.evaluate_sign_on\",\"uuid\":\"1\",\"published\":\"2026-01-05T10:00:00Z\"}\n"
          .utf8))
  }

  private var archive: String { folder.path + "/in" }

  @Test func aMergeFindsWhatAScanFinds() throws {
    let expected = try Command("scan", archive)
    #expect(expected.status == 0)
    #expect(!expected.output.isEmpty)
    let partial = folder.path + "/all.partial"
    #expect(try Command("partial", archive, "--output", partial).status == 0)
    let merged = try Command("merge", partial, "--triage-from", archive, "--expect", "2")
    #expect(merged.status == 0)
    #expect(merged.output == expected.output)
    #expect(try Command("merge", partial, "--exit-code").status == 1)
    let other = try Command("merge", partial, "--expect", "3")
    #expect(other.status == 3)
    #expect(other.output.isEmpty)
    #expect(other.errors.contains("2"))
  }

  /// Triage of a detection is unknown if its events are not in the files given for triage.
  @Test func filesForTriageThatLackTheEventsAreNamed() throws {
    let partial = folder.path + "/all.partial"
    #expect(try Command("partial", archive, "--output", partial).status == 0)
    let others = [
      folder.write("page.html", Array("<html></html>\n".utf8)), folder.write("empty.json", []),
      folder.write("half.json", Array(firingText.prefix(firingText.count / 2))),
    ]
    for other in others {
      let merged = try Command("merge", partial, "--triage-from", other)
      #expect(merged.status == 2, "\(other)")
      #expect(
        merged.errors.contains("triage-from: events of 1 detection are not in the files"), "\(merged.errors)")
      let record = try json(Array(merged.output.dropLast()))
      #expect(record["triage"] is NSNull, "\(other)")
    }
  }

  @Test func aFolderOrAFileGivenTwiceIsNoPartial() throws {
    let partial = folder.path + "/all.partial"
    #expect(try Command("partial", archive, "--output", partial).status == 0)
    let twice = try Command("merge", partial, partial)
    #expect(twice.status == 3)
    #expect(twice.errors.contains("it is given twice"))
    let ofFolder = try Command("merge", archive)
    #expect(ofFolder.status == 3)
    #expect(ofFolder.errors.contains("it is a folder"))
    #expect(!ofFolder.errors.contains("byte 0"))
  }

  /// A refusal names the file and the reason, and writes nothing.
  @Test func aRefusedPartialIsNamedAndNothingIsWritten() throws {
    let partial = folder.path + "/all.partial"
    #expect(try Command("partial", archive, "--output", partial).status == 0)
    let cut = folder.write("cut.partial", Array(try file(partial).dropLast()))
    let output = folder.path + "/out"
    for paths in [[cut], [partial, partial], [folder.path + "/none"], [folder.path + "/in/a.json"]] {
      let run = try Command(["merge"] + paths + ["--output", output])
      #expect(run.status == 3)
      #expect(run.errors.contains(paths[0]))
      #expect(!FileManager.default.fileExists(atPath: output))
    }
  }

  @Test func damagedPartialsOfAFolderAreNamedAndMadeAnew() throws {
    let partials = folder.path + "/partials"
    let expected = try Command("scan", archive).output
    usleep(2_100_000)
    #expect(try Command("scan", archive, "--partials", partials).output == expected)
    let names = try FileManager.default.contentsOfDirectory(atPath: partials).filter {
      $0.hasSuffix(".partial")
    }
    #expect(names.count == 2)
    for name in names { folder.write("partials/" + name, Array(try file(partials + "/" + name).dropLast())) }
    let run = try Command("scan", archive, "--partials", partials, "--stats", folder.path + "/stats")
    #expect(run.status == 0)
    #expect(run.output == expected)
    #expect(run.errors.contains("partial"))
    let stats = try json(file(folder.path + "/stats"))
    let problems = stats["problems"] as? [[String: Any]] ?? []
    #expect(problems.map { $0["reason"] as? String } == ["partial", "partial"])
    #expect(stats["complete"] as? Bool == true)
    #expect(stats["files_read"] as? Int == 2)
    let again = try Command("scan", archive, "--partials", partials, "--stats", folder.path + "/stats")
    #expect(again.output == expected)
    #expect(again.errors.isEmpty)
    #expect(try json(file(folder.path + "/stats"))["files_reused"] as? Int == 2)
  }

  /// If no partial can be kept, there is no result, and a message gives the reason.
  @Test func anUnusablePartialsFolderFailsTheRun() throws {
    for path in [folder.write("file", []), folder.path + "/none/partials", "/proc/partials"] {
      let run = try Command("scan", archive, "--partials", path)
      #expect(run.status == 3)
      #expect(run.output.isEmpty)
      #expect(run.errors.contains(path))
    }
  }

  /// Partials of recently written files may be discarded, whatever their size; nothing of them is left.
  @Test func moreFreshFilesThanDescriptorsLeaveNothingBehind() throws {
    for number in 0..<100 { folder.write("fresh/\(number).json", firingText) }
    let run = try Command(
      script: "ulimit -n 20; exec \"$0\" scan \"$1\" --partials \"$2\" --no-triage --threads 2",
      [folder.path + "/fresh", folder.path + "/partials"])
    #expect(run.status == 0)
    #expect(run.lines.count == 1)
    let left = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/partials")
    #expect(!left.contains { $0.hasSuffix(".part") })
  }

  // MARK: Parts of files, and standard input

  /// Writes an LZ4 file of independent blocks.
  private func compressed(_ name: String, _ numbers: Range<Int>) -> (path: String, size: Int) {
    let blocks = numbers.map { number in
      var event = EventBuilder(eventType: "user.account.lock", at: EventTimes.base)
      event.uuid = .string("uuid-\(number)")
      return event.line + [UInt8(ascii: "\n")]
    }
    var frame = FrameBuilder(blocks: blocks)
    frame.hasContentChecksum = false
    let bytes = frame.bytes
    return (folder.write(name, bytes), bytes.count)
  }

  private func partial(_ arguments: String..., to name: String, input: [UInt8] = []) throws -> String {
    let path = folder.path + "/" + name
    let run = try Command(["partial"] + arguments + ["--output", path], input: input)
    #expect(run.status == 0, "\(run.errors)")
    return path
  }

  @Test func aRangeThatIsMissingIsStatus2AndNamed() throws {
    let (path, size) = compressed("a.lz4", 0..<20)
    let first = try partial(path, "--range", "0..2000", to: "first")
    let run = try Command("merge", first, "--stats", folder.path + "/stats")
    #expect(run.status == 2)
    #expect(run.errors.contains(path))
    #expect(run.errors.contains("2000 to \(size)"))
    let stats = try json(file(folder.path + "/stats"))
    #expect(stats["complete"] as? Bool == false)
    let second = try partial(path, "--range", "2000..\(size)", to: "second")
    #expect(try Command("merge", first, second).status == 0)
  }

  @Test func rangesOfAFileThatWasReplacedAreStatus3() throws {
    let (path, size) = compressed("a.lz4", 0..<20)
    let first = try partial(path, "--range", "0..2000", to: "first")
    try FileManager.default.removeItem(atPath: path)
    _ = compressed("a.lz4", 40..<60)
    let second = try partial(path, "--range", "2000..\(size)", to: "second")
    let run = try Command("merge", first, second)
    #expect(run.status == 3)
    #expect(run.output.isEmpty)
    #expect(run.errors.contains(first))
    #expect(run.errors.contains(second))
  }

  /// The merge gives the same result as one scan of both inputs, which standard input cannot have.
  @Test func partialsOfStandardInputAreMerged() throws {
    let text = [
      firingText,
      Array(
        "{\"eventType\":\"user.session.start\",\"uuid\":\"1\",\"published\":\"2026-01-05T10:00:00Z\"}\n".utf8),
    ]
    let partials = try text.enumerated().map { try partial("-", to: "\($0.offset)", input: $0.element) }
    for triage in [[], ["--triage-from", archive]] {
      let run = try Command(["merge"] + partials + ["--expect", "2", "--stats", folder.path + "/s"] + triage)
      #expect(run.status == 0, "\(run.errors)")
      #expect(run.lines.count == 1, "\(run.errors)")
      #expect(try json(file(folder.path + "/s"))["files"] as? Int == 2)
      #expect(try json(file(folder.path + "/s"))["events"] as? Int == 8)
    }
  }

  @Test func aFileThatStandardInputWasTwiceIsRefused() throws {
    let path = folder.path + "/in/a.json"
    let partials = ["0", "1"].map { folder.path + "/" + $0 }
    for partial in partials {
      let run = try Command(
        script: "exec \"$0\" partial - --output \"$1\" < \"$2\"", [partial, path])
      #expect(run.status == 0)
    }
    let run = try Command("merge", partials[0], partials[1])
    #expect(run.status == 3)
    #expect(run.errors.contains(partials[1]))
  }
}

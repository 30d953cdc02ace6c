import Foundation
import SluiceTestSupport
import Testing

/// `partial`, `merge` and `scan --partials` as a user or a script runs them.
@Suite struct PartialCommandTests {
  private let folder = TemporaryFolder()

  init() {
    folder.write("in/a.json", firingText)
    folder.write("in/b.json", Array("{\"eventType\":\"policy.evaluate_sign_on\",\"uuid\":\"1\"}\n".utf8))
  }

  private var archive: String { folder.path + "/in" }

  @Test func mergeFindsWhatScanDoes() throws {
    let expected = try Command("scan", archive)
    #expect(expected.status == 0 && !expected.output.isEmpty)
    let partial = folder.path + "/all.partial"
    #expect(try Command("partial", archive, "--output", partial).status == 0)
    let merged = try Command("merge", partial, "--triage-from", archive, "--expect", "2")
    #expect(merged.status == 0 && merged.output == expected.output)
    #expect(try Command("merge", partial, "--exit-code").status == 1)
    let other = try Command("merge", partial, "--expect", "3")
    #expect(other.status == 3 && other.output.isEmpty && other.errors.contains("2"))
  }

  /// A refusal names the file and what is wrong, and writes nothing.
  @Test func refusals() throws {
    let partial = folder.path + "/all.partial"
    #expect(try Command("partial", archive, "--output", partial).status == 0)
    let cut = folder.write("cut.partial", Array(try file(partial).dropLast()))
    let output = folder.path + "/out"
    for paths in [[cut], [partial, partial], [folder.path + "/none"], [folder.path + "/in/a.json"]] {
      let run = try Command(["merge"] + paths + ["--output", output])
      #expect(run.status == 3 && run.errors.contains(paths[0]))
      #expect(!FileManager.default.fileExists(atPath: output))
    }
  }

  @Test func damagedPartialsOfAFolder() throws {
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
    #expect(run.status == 0 && run.output == expected && run.errors.contains("partial"))
    let stats = try json(file(folder.path + "/stats"))
    let problems = stats["problems"] as? [[String: Any]] ?? []
    #expect(problems.map { $0["reason"] as? String } == ["partial", "partial"])
    #expect(stats["complete"] as? Bool == true && stats["files_read"] as? Int == 2)
    let again = try Command("scan", archive, "--partials", partials, "--stats", folder.path + "/stats")
    #expect(again.output == expected && again.errors.isEmpty)
    #expect(try json(file(folder.path + "/stats"))["files_reused"] as? Int == 2)
  }

  /// Where no partial can be kept there is no result, and a sentence says why.
  @Test func foldersThatCannotBeUsed() throws {
    for path in [folder.write("file", []), folder.path + "/none/partials", "/proc/partials"] {
      let run = try Command("scan", archive, "--partials", path)
      #expect(run.status == 3 && run.output.isEmpty && run.errors.contains(path))
    }
  }

  /// What has just been written may not be kept, however much it is; nothing of it is left.
  @Test func moreFreshFilesThanDescriptors() throws {
    for number in 0..<100 { folder.write("fresh/\(number).json", firingText) }
    let run = try Command(
      script: "ulimit -n 20; exec \"$0\" scan \"$1\" --partials \"$2\" --no-triage --threads 2",
      [folder.path + "/fresh", folder.path + "/partials"])
    #expect(run.status == 0 && run.lines.count == 1)
    let left = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/partials")
    #expect(!left.contains { $0.hasSuffix(".part") })
  }
}

import Foundation
import SluiceTestSupport
import Testing

/// Archives of which nothing was read. No command calls such an archive clean.
@Suite struct NothingReadTests {
  private let folder = TemporaryFolder()

  /// The commands that read archives, with their arguments before the paths.
  private static let commands = [
    ["scan"], ["inspect"], ["what-if", "okta-credential-stuffing", "unique_users >= 1..2"],
    ["partial", "--output", "/dev/null"],
  ]

  private func folder(_ name: String) throws -> String {
    let path = folder.path + "/" + name
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    return path
  }

  @Test(arguments: commands) func anEmptyFolderIsIncomplete(command: [String]) throws {
    let path = try folder("mnt/a")
    let run = try Command(command + [folder.path + "/mnt"])
    #expect(run.status == 2)
    #expect(
      run.errors.contains(
        "\(folder.path)/mnt: no-files: no file lies in this folder or below it; is it mounted?"))
    #expect(!run.errors.contains("byte 0"))
    let quiet = try Command(command + ["--quiet", path])
    #expect(quiet.status == 2)
    #expect(quiet.errors.hasPrefix("sluice: Incomplete: \(path): no-files: "))
    #expect(quiet.errors.split(separator: "\n").count == 1)
  }

  /// An empty folder is an error although another path has files, because it may be last month's folder.
  @Test(arguments: commands) func anEmptyFolderBesideAFullOneIsIncomplete(command: [String]) throws {
    folder.write("full/a.json", firingText)
    let run = try Command(command + [folder.path + "/full", try folder("empty")])
    #expect(run.status == 2)
    #expect(run.errors.contains("/empty: no-files: "))
  }

  /// `show` cannot find the files that the record names.
  @Test func showOfAnEmptyFolderFails() throws {
    let archive = folder.write("in/a.json", firingText)
    let found = folder.write("found", try Command("scan", archive).output)
    let id = try #require(try json(Array(file(found).dropLast()))["id"] as? String)
    let run = try Command("show", id, "--detections", found, "--quiet", try folder("empty"))
    #expect(run.status == 2)
    #expect(run.errors.contains("no file lies in this folder"), "\(run.errors)")
  }

  @Test(arguments: commands) func aMissingPathIsIncomplete(command: [String]) throws {
    let run = try Command(command + ["--quiet", folder.path + "/missing"])
    #expect(run.status == 2)
    #expect(
      run.errors
        == """
        sluice: Incomplete: \(folder.path)/missing: unreadable: No such file or directory (and 1 more \
        reason; leave out --quiet to see more)\n
        """
        || command[0] == "partial")
  }

  @Test func aPatternThatMatchesNothingIsExplained() throws {
    let run = try Command("scan", folder.path + "/*.json.lz4")
    #expect(run.status == 2)
    #expect(
      run.errors.contains("/*.json.lz4: unreadable: No such file or directory; the shell expands patterns"))
  }

  @Test(arguments: ["s3://bucket/okta", "https://example.org/a.json", "gs://bucket/okta/*"])
  func aURLIsExplained(url: String) throws {
    let run = try Command("scan", url)
    #expect(run.status == 2)
    #expect(
      run.errors.contains("\(url): unreadable: No such file or directory; URLs are not read"), "\(run.errors)"
    )
  }

  /// A file whose name only looks like a pattern is an ordinary file.
  @Test func aFileNamedLikeAPatternIsRead() throws {
    let run = try Command("scan", folder.write("[a]*.json", firingText))
    #expect(run.status == 0)
    #expect(run.lines.count == 1)
  }

  @Test func aMissingPartialIsExplained() throws {
    let run = try Command("merge", folder.path + "/*.partial")
    #expect(run.status == 3)
    #expect(run.errors.contains("the shell expands patterns"), "\(run.errors)")
  }

  @Test func aFolderOfSymbolicLinksAloneIsIncomplete() throws {
    let links = try folder("links")
    let target = folder.write("a.json", firingText)
    for name in ["x", "y"] {
      try FileManager.default.createSymbolicLink(atPath: "\(links)/\(name)", withDestinationPath: target)
    }
    let run = try Command("scan", links, "--stats", folder.path + "/stats")
    #expect(run.status == 2)
    #expect(
      run.errors.contains("no file lies in this folder or below it, only 2 symbolic links"), "\(run.errors)")
    let stats = try json(file(folder.path + "/stats"))
    #expect(stats["complete"] as? Bool == false)
    #expect((stats["skipped"] as? [String: Int]) == ["symbolic_links": 2, "special_files": 0])
    #expect((stats["problems"] as? [[String: Any]])?.map { $0["reason"] as? String } == ["no-files"])
  }

  @Test func linksPassedOverAreCounted() throws {
    let target = folder.write("in/a.json", firingText)
    try FileManager.default.createSymbolicLink(atPath: folder.path + "/in/x", withDestinationPath: target)
    #expect(mkfifo(folder.path + "/in/pipe", 0o600) == 0)
    let run = try Command("scan", folder.path + "/in", "--stats", folder.path + "/stats")
    #expect(run.status == 0)
    let skipped = ["symbolic_links": 1, "special_files": 1]
    #expect(try json(file(folder.path + "/stats"))["skipped"] as? [String: Int] == skipped)
    #expect(try json(Command("inspect", folder.path + "/in").output)["skipped"] as? [String: Int] == skipped)
  }

  // MARK: Records

  /// A zero-byte file is read. An archive of zero-byte files only has no record, so nothing was searched.
  @Test func aRunWithoutARecordIsIncomplete() throws {
    let empty = folder.write("empty.json", [])
    for arguments in [
      ["scan"], ["inspect"], ["what-if", "okta-credential-stuffing", "unique_users >= 1..2"],
    ] {
      let run = try Command(arguments + ["--quiet", empty])
      #expect(run.status == 2)
      #expect(run.errors == "sluice: Incomplete: no-records: no record was read\n")
    }
    #expect(try Command("scan", folder.write("blank.json", Array("\n\n".utf8))).status == 2)
  }

  @Test func standardInputWithoutARecordIsIncomplete() throws {
    let run = try Command("scan", "-", "--format", "table")
    #expect(run.status == 2)
    #expect(run.errors.contains("no record was read"))
    #expect(run.text.hasPrefix("Nothing was looked at: no record was read.\n"))
  }

  @Test func anEmptyFileBesideAFullOneIsComplete() throws {
    folder.write("in/a.json", firingText)
    folder.write("in/b.json", [])
    let run = try Command("scan", folder.path + "/in", "--stats", folder.path + "/stats")
    #expect(run.status == 0)
    #expect(run.errors.isEmpty)
    #expect((try json(file(folder.path + "/stats"))["shortfalls"] as? [Any])?.isEmpty == true)
  }

  /// One part of an archive may hold no record, but all parts together may not.
  @Test func onlyTheMergeOfPartsNeedsARecord() throws {
    let empty = folder.write("empty.json", [])
    let partial = folder.path + "/p"
    #expect(try Command("partial", empty, "--output", partial).status == 0)
    let merged = try Command("merge", partial, "--quiet")
    #expect(merged.status == 2)
    #expect(merged.errors == "sluice: Incomplete: no-records: no record was read\n")
    let full = folder.path + "/q"
    #expect(try Command("partial", folder.write("a.json", firingText), "--output", full).status == 0)
    #expect(try Command("merge", partial, full).status == 0)
  }

  /// The partial stores this problem too, so that the merge reports it.
  @Test func aMergeSaysThatAFolderHeldNoFile() throws {
    let (partial, full) = (folder.path + "/p", folder.path + "/q")
    #expect(try Command("partial", try folder("empty"), "--output", partial).status == 2)
    #expect(try Command("partial", folder.write("a.json", firingText), "--output", full).status == 0)
    let merged = try Command("merge", partial, full)
    #expect(merged.status == 2)
    #expect(merged.errors.contains("/empty: no-files: "), "\(merged.errors)")
  }

  @Test func aReportOfNothingSaysSo() throws {
    let run = try Command("scan", folder.write("empty.json", []), "--format", "html")
    #expect(run.status == 2)
    #expect(run.text.contains("Nothing was looked at: no record was read."))
    #expect(run.text.contains("<strong>Incomplete.</strong>"))
    #expect(run.text.contains("no-records: no record was read."))
  }

  @Test func anIncompleteTableDoesNotSayThatThereIsNothing() throws {
    let dull = EventBuilder(eventType: "policy.evaluate_sign_on", at: EventTimes.base).line
    let path = folder.write("a.json", [dull].joinedLines())
    #expect(try Command("scan", path, "--format", "table").text.hasPrefix("No detections.\n"))
    let run = try Command("scan", path, folder.path + "/missing", "--format", "table")
    #expect(run.text.hasPrefix("No detections in what was looked at.\n"))
  }
}

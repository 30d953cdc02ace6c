import Foundation
import SluiceTestSupport
import Testing

/// The output targets of `--output` and `--stats`. A link is never followed, a stream is written to, and everything
/// else is refused.
@Suite struct OutputTargetTests {
  private let folder = TemporaryFolder()
  private let input: String
  private let expected: [UInt8]

  init() throws {
    input = folder.write("in/a.json", firingText)
    expected = try Command("scan", input).output
  }

  private func path(_ name: String) -> String { folder.path + "/" + name }

  private func link(_ name: String, to target: String) throws {
    try FileManager.default.createSymbolicLink(atPath: path(name), withDestinationPath: target)
  }

  private func isLink(_ name: String) -> Bool {
    (try? FileManager.default.destinationOfSymbolicLink(atPath: path(name))) != nil
  }

  /// Runs a script in which `$1` is the input and `$2` the folder.
  private func script(_ text: String) throws -> Command { try Command(script: text, [input, folder.path]) }

  @Test(arguments: ["--output", "--stats"]) func linksAreReplaced(option: String) throws {
    let target = folder.write("target", [1, 2, 3])
    try link("file", to: target)
    try link("dangling", to: path("nowhere"))
    try link("loop", to: path("loop"))
    for name in ["file", "dangling", "loop"] {
      #expect(try Command("scan", input, option, path(name)).status == 0)
      #expect(!isLink(name), "\(name)")
      #expect(!((try? file(path(name))) ?? []).isEmpty, "\(name)")
      #expect(try permissions(path(name)) == 0o600)
    }
    #expect(try file(target) == [1, 2, 3])
    #expect(!FileManager.default.fileExists(atPath: path("nowhere")))
  }

  @Test(arguments: ["/dev/null", "in", "pipe"]) func linksToOtherThanFilesAreRefused(target: String) throws {
    #expect(mkfifo(path("pipe"), 0o600) == 0)
    try link("link", to: target)
    let run = try Command("scan", input, "--output", path("link"))
    #expect(run.status == 3)
    #expect(run.errors.contains("symbolic link"))
    #expect(isLink("link"))
  }

  @Test(arguments: ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])
  func standardOutputMayBeGivenAsADevice(name: String) throws {
    #expect(try Command("scan", input, "--output", name).output == expected)
    let appended = try script("echo first; \"$0\" scan \"$1\" --output \(name)")
    #expect(appended.output == Array("first\n".utf8) + expected, "what is there stays")
    let both = try Command("scan", input, "--stats", name)
    #expect(both.lines.count == 2)
    #expect(both.output.suffix(expected.count) == expected[...])
    #expect(try Command("scan", input, "--stats", "/dev/stderr").errors.contains("sluice.stats/1"))
  }

  @Test func devicesAndPipesAreWrittenTo() throws {
    let null = try Command("scan", input, "--output", "/dev/null", "--stats", "/dev/null")
    #expect(null.status == 0)
    #expect(null.output.isEmpty)
    let pipe = try script(
      "mkfifo \"$2/pipe\"; \"$0\" scan \"$1\" --output \"$2/pipe\" & cat \"$2/pipe\"; wait $!")
    #expect(pipe.status == 0)
    #expect(pipe.output == expected)
  }

  @Test(arguments: ["0", "777"]) func onlyTheOwnerMayRead(mask: String) throws {
    folder.write("old", [1])
    #expect(chmod(path("old"), 0o666) == 0)
    let run = try script("umask \(mask); \"$0\" scan \"$1\" --output \"$2/old\" --stats \"$2/new\"")
    #expect(run.status == 0)
    for name in ["old", "new"] { #expect(try permissions(path(name)) == 0o600) }
  }

  @Test func outputNamesMayHoldAnyCharacter() throws {
    for name in [String(repeating: "x", count: 255), "two\nlines", "\u{1B}[31m", "-", "*"] {
      #expect(try Command("scan", input, "--output", path(name)).status == 0)
      #expect(try file(path(name)) == expected)
    }
    let run = try Command("scan", input, "--output", path("no\n\u{1B}[31m/x"))
    #expect(run.status == 3)
    #expect(run.errors.split(separator: "\n").count == 1)
    #expect(!run.errors.contains("\u{1B}"))
  }

  @Test func relativeOutputPathsStartAtTheWorkingFolder() throws {
    let run = try script("cd \"$2\" && \"$0\" scan in --no-evidence --output found --stats ./in/../stats")
    #expect(run.status == 0)
    #expect(try file(path("found")) == Command("scan", "--no-evidence", input).output)
    #expect(FileManager.default.fileExists(atPath: path("stats")))
  }

  @Test(arguments: [
    ("", "No such file"), ("/", "Is a directory"), ("/in", "Is a directory"), ("/in/.", "Is a directory"),
    ("/in/", "Is a directory"), ("/missing/", "No such file"), ("/missing/x", "No such file"),
    ("/in/a.json/x", "Not a directory"), ("/socket", "neither a file"),
  ])
  func anUnusableOutputPathIsRefusedWithItsReason(name: String, message: String) throws {
    let path = name.isEmpty ? "" : folder.path + name
    if name == "/socket" { try makeSocket(path) }
    for option in ["--output", "--stats"] {
      let run = try Command("scan", input, option, path)
      #expect(run.status == 3, "\(run.errors)")
      #expect(run.output.isEmpty, "\(run.errors)")
      #expect(run.errors.contains(message), "\(run.errors)")
    }
    #expect(try file(input) == firingText)
  }

  private func makeSocket(_ path: String) throws {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    try #require(bytes.count < 108)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    try #require(result == 0)
  }

  /// Two spellings of one file are refused, because the second result would replace the first one.
  @Test(arguments: [
    ("found", "./found"), ("found", "in/../found"), ("found", "linked/found"), ("old", "hard"),
    ("old", "linked/hard"), ("in/../old", "old"),
  ])
  func oneFileForTwoResultsIsRefused(output: String, stats: String) throws {
    let old = folder.write("old", [1])
    try FileManager.default.linkItem(atPath: old, toPath: path("hard"))
    try link("linked", to: ".")
    let run = try script("cd \"$2\" && \"$0\" scan in --output \(output) --stats \(stats)")
    #expect(run.status == 64, "\(run.errors)")
    #expect(run.errors.contains("the same file"), "\(run.errors)")
    #expect(try file(old) == [1])
    #expect(try file(path("hard")) == [1])
    #expect(!FileManager.default.fileExists(atPath: path("found")))
  }

  /// A result never replaces its own input.
  @Test(arguments: [
    ("in", "--output in/a.json"), ("in/a.json", "--output linked/in/a.json"),
    ("in", "--stats ./in/a.json --output x"),
    ("in/a.json", "--output hard"),
  ])
  func theArchiveIsNotReplaced(paths: String, options: String) throws {
    try link("linked", to: ".")
    try FileManager.default.linkItem(atPath: path("in/a.json"), toPath: path("hard"))
    let before = try file(path("in/a.json"))
    let run = try script("cd \"$2\" && \"$0\" scan \(paths) \(options)")
    #expect(run.status == 64, "\(run.errors)")
    #expect(run.errors.contains("one of the files to be read"), "\(run.errors)")
    #expect(try file(path("in/a.json")) == before)
    #expect(try file(path("hard")) == before)
  }

  /// A result inside the archive is refused, because the next run would read it.
  @Test(arguments: ["scan", "partial", "inspect"]) func theFirstResultInTheScannedFolderIsRefused(
    command: String
  ) throws {
    try link("linked", to: "in")
    folder.write("in/deep/b.json", firingText)
    for output in ["in/found", "in/deep/found", "linked/found", "./in/../in/found"] {
      let run = try script("cd \"$2\" && \"$0\" \(command) in --output \(output)")
      #expect(run.status == 64, "\(output)")
      #expect(run.errors.contains("it would lie in a folder that is read"))
      #expect(try FileManager.default.contentsOfDirectory(atPath: path("in")).sorted() == ["a.json", "deep"])
    }
    let stats = try script("cd \"$2/in\" && \"$0\" scan . --stats stats")
    #expect(stats.status == 64)
    // A folder is not part of the archive because one of its files is scanned.
    #expect(try script("cd \"$2\" && \"$0\" \(command) in/a.json --output in/found").status == 0)
  }

  @Test(arguments: ["--output", "--stats", "--risk"]) func aHyphenIsStandardOutput(option: String) throws {
    let run = try script("cd \"$2\" && \"$0\" scan in/a.json --no-evidence \(option) -")
    #expect(run.status == 0)
    #expect(run.lines.count == (option == "--output" ? 1 : 2))
    #expect(!FileManager.default.fileExists(atPath: path("-")))
    #expect(try script("cd \"$2\" && \"$0\" scan in/a.json \(option) ./- && test -s -").status == 0)
  }

  @Test func aHyphenIsStandardOutputToOtherCommandsToo() throws {
    let inspected = try script("cd \"$2\" && \"$0\" inspect in/a.json --output -")
    #expect(inspected.status == 0)
    #expect(inspected.text.contains("sluice.inspect/1"))
    let partial = try script(
      "cd \"$2\" && \"$0\" partial in/a.json --output - > p && \"$0\" merge p --no-evidence")
    #expect(partial.status == 0)
    #expect(partial.lines.count == 1)
    #expect(!FileManager.default.fileExists(atPath: path("-")))
  }

  /// The shell has opened the file for standard output; the statistics would replace it.
  @Test func statisticsIntoTheFileOfStandardOutputAreRefused() throws {
    let run = try script("cd \"$2\" && \"$0\" scan in --stats found > found")
    #expect(run.status == 64)
    #expect(run.errors.contains("the same file"))
  }

  /// Two links in one folder to one file are two output targets: each link is replaced.
  @Test func twoLinksToOneFileAreEachReplaced() throws {
    let target = folder.write("target", [1])
    try link("a", to: target)
    try link("b", to: target)
    #expect(try Command("scan", input, "--output", path("a"), "--stats", path("b")).status == 0)
    #expect(try file(path("a")) == expected)
    #expect(try file(path("b")) != expected)
    #expect(try file(target) == [1])
  }
}

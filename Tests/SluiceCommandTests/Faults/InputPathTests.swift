import Foundation
import SluiceTestSupport
import Testing

/// Input paths. A path that is not a regular file is not read and never waited for. Names may be any bytes.
@Suite struct InputPathTests {
  private let folder = TemporaryFolder()

  @Test func linksAndPipesInsideDirectoriesArePassedOverAndCounted() throws {
    folder.write("in/a.json", firingText)
    #expect(mkfifo(folder.path + "/in/x.lz4", 0o600) == 0)
    let manager = FileManager.default
    for (name, target) in [("loop.lz4", "loop.lz4"), ("up", ".."), ("null.lz4", "/dev/null")] {
      try manager.createSymbolicLink(atPath: folder.path + "/in/" + name, withDestinationPath: target)
    }
    let run = try Command("scan", folder.path + "/in")
    #expect(run.status == 0)
    #expect(run.lines.count == 1)
    #expect(run.errors.contains("3 symbolic links inside directories"))
    #expect(run.errors.contains("1 pipe, socket or device inside directories passed over"))
  }

  @Test(arguments: ["/dev/null", "/dev/zero", "pipe.lz4", "loop.lz4", "to-pipe.lz4"])
  func aSpecialFileGivenByNameIsUnreadable(name: String) throws {
    let input = folder.write("a.json", firingText)
    let path = name.hasPrefix("/") ? name : folder.path + "/" + name
    #expect(mkfifo(folder.path + "/pipe.lz4", 0o600) == 0)
    let manager = FileManager.default
    for (name, target) in [("loop.lz4", "loop.lz4"), ("to-pipe.lz4", "pipe.lz4")] {
      try manager.createSymbolicLink(atPath: folder.path + "/" + name, withDestinationPath: target)
    }
    let run = try Command("scan", path, input)
    #expect(run.status == 2)
    #expect(run.lines.count == 1)
    #expect(run.errors.contains("\(path): unreadable"))
  }

  @Test func filesWithNewlinesInTheirNamesAreRead() throws {
    folder.write("in/a\n.json\n", firingText)
    folder.write("in/new\nline/b.json", firingText)
    let run = try Command("scan", folder.path + "/in", "--keep-duplicates", "--stats", folder.path + "/s")
    #expect(run.status == 0)
    #expect(run.errors.isEmpty)
    #expect(try json(file(folder.path + "/s"))["files"] as? Int == 2)
  }

  @Test func aDirectoryAsStandardInputIsUnreadable() throws {
    let run = try Command(script: "\"$0\" scan - < \"$1\"", [folder.path])
    #expect(run.status == 2)
    #expect(run.errors.contains("Is a directory"))
  }
}

import Foundation
import SluiceTestSupport
import Testing

/// A small archive, and a folder for results, which may hold old ones.
struct ScanFixture {
  let folder = TemporaryFolder()
  private static let old = Array("old\n".utf8)
  private let hasOld: Bool
  /// The expected content of `--output` after a run.
  let new: [UInt8]

  var archive: String { folder.path + "/in" }
  var results: String { folder.path + "/out" }
  private var output: String { results + "/found.ndjson" }
  private var stats: String { results + "/stats.json" }

  /// Arguments of a scan on one thread, so that its calls come in the same order each time.
  var arguments: [String] {
    ["scan", archive, "--threads", "1", "--output", output, "--stats", stats]
  }

  /// Writes the archive.
  ///
  /// - Parameter copies: The number of copies of an irrelevant event, which make the run last longer.
  init(hasOld: Bool = true, copies: Int = 0) throws {
    self.hasOld = hasOld
    let dull = EventBuilder(eventType: "policy.evaluate_sign_on", at: EventTimes.base).line
    let dullText = [[UInt8]](repeating: dull, count: copies).joinedLines()
    folder.write("in/a.json", firingText + dullText)
    folder.write("in/b.lz4", FrameBuilder(blocks: [firingText]).bytes)
    folder.write("out/other", [])
    new = try Command("scan", folder.path + "/in").output
    #expect(!new.isEmpty)
    reset()
  }

  /// Restores the old results.
  func reset() {
    for path in [output, stats] {
      try? FileManager.default.removeItem(atPath: path)
      if hasOld { folder.write(String(path.dropFirst(folder.path.count + 1)), Self.old) }
    }
  }

  enum Content { case old, new, neither }

  /// Returns whether `--output` and `--stats` are entirely old or entirely new.
  func contents() throws -> (output: Content, stats: Content) {
    func content(_ path: String, isNew: ([UInt8]) throws -> Bool) rethrows -> Content {
      guard let bytes = try? file(path) else { return hasOld ? .neither : .old }
      if try isNew(bytes) { return .new }
      return hasOld && bytes == Self.old ? .old : .neither
    }
    return (
      content(output) { $0 == new },
      content(stats) { bytes in
        (try? json(bytes)).map { $0["complete"] != nil } == true && bytes.last == UInt8(ascii: "\n")
      }
    )
  }

  /// Returns unexpected files in the folder of results.
  func leftovers() throws -> Set<String> {
    Set(try FileManager.default.contentsOfDirectory(atPath: results))
      .subtracting(["other", "found.ndjson", "stats.json"])
  }

  /// Expects that a run now gives the new results and leaves no file of its own, whatever the folder held before.
  func expectRerunSucceeds(_ what: Comment) throws {
    let before = try leftovers()
    #expect(try Command(arguments).status == 0, what)
    let now = try contents()
    #expect(now.output == .new, what)
    #expect(now.stats == .new, what)
    #expect(try leftovers() == before, what)
  }

  func removeLeftovers() throws {
    for name in try leftovers() { try FileManager.default.removeItem(atPath: results + "/" + name) }
  }
}

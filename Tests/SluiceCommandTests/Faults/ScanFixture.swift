import Foundation
import SluiceTestSupport
import Testing

/// A small archive and a folder for results, which holds old ones or none.
struct ScanFixture {
  let folder = TemporaryFolder()
  private static let old = Array("old\n".utf8)
  private let hasOld: Bool
  /// What `--output` must hold after a run.
  let new: [UInt8]

  var archive: String { folder.path + "/in" }
  var results: String { folder.path + "/out" }
  private var output: String { results + "/found.ndjson" }
  private var stats: String { results + "/figures.json" }

  /// On one thread, so that its calls come in the same order each time.
  var arguments: [String] {
    ["scan", archive, "--threads", "1", "--output", output, "--stats", stats]
  }

  /// - Parameter copies: of an event of no interest, to make the run last.
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

  /// Puts the old results there again.
  func reset() {
    for path in [output, stats] {
      try? FileManager.default.removeItem(atPath: path)
      if hasOld { folder.write(String(path.dropFirst(folder.path.count + 1)), Self.old) }
    }
  }

  enum Content { case old, new, neither }

  /// `--output` and `--stats`, each wholly old or wholly new.
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

  /// Files beside the results that are not theirs.
  func leftovers() throws -> Set<String> {
    Set(try FileManager.default.contentsOfDirectory(atPath: results))
      .subtracting(["other", "found.ndjson", "figures.json"])
  }

  /// Whatever was there before, a run now gives the new results and leaves nothing of its own.
  func expectRerunSucceeds(_ what: Comment) throws {
    let before = try leftovers()
    #expect(try Command(arguments).status == 0, what)
    let now = try contents()
    #expect(now.output == .new && now.stats == .new, what)
    #expect(try leftovers() == before, what)
  }

  func removeLeftovers() throws {
    for name in try leftovers() { try FileManager.default.removeItem(atPath: results + "/" + name) }
  }
}

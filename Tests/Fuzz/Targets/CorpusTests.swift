import Foundation
import Testing

/// Runs every input of the fuzz corpus without the fuzzer: seeds, and inputs that once found a bug.
@Suite(.serialized) struct CorpusTests {
  private static let corpus = URL(fileURLWithPath: #filePath).appending(path: "../../Corpus")
    .standardizedFileURL

  @Test(arguments: FuzzTarget.allCases) func everyFileOfTheCorpusPassesItsTarget(target: FuzzTarget) throws {
    let folder = Self.corpus.appending(path: target.rawValue)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(!names.isEmpty)
    for name in names {
      let bytes = try Array(Data(contentsOf: folder.appending(path: name)))
      do throws(Finding) {
        try target.run(bytes)
      } catch {
        Issue.record("\(target.rawValue)/\(name): \(error)")
      }
    }
  }
}

import Foundation
import SluiceTestSupport
import Testing

/// The options `--max-line`, `--max-block`, `--max-nesting` and `--max-total`: the spellings of sizes, and their
/// effect.
@Suite struct LimitOptionTests {
  private let folder = TemporaryFolder()

  @Test(arguments: [
    ["--max-line", "0"], ["--max-line", "2G"], ["--max-line", "x"], ["--max-line", "-1"],
    ["--max-line", "1X"],
    ["--max-line", ""], ["--max-block", "M"], ["--max-total", "1e99"], ["--max-total", "9999999P"],
    ["--max-total", "1.2.3"], ["--max-nesting", "0"], ["--max-nesting", "1000001"], ["--max-nesting", "1K"],
  ])
  func invalidLimitsAreRefused(options: [String]) throws {
    let run = try Command(["scan", folder.write("a.json", firingText)] + options)
    #expect(run.status == 64, "\(options): \(run.errors)")
    #expect(run.output.isEmpty, "\(options): \(run.errors)")
    #expect(run.errors.contains(options[0]), "\(options): \(run.errors)")
  }

  /// A line of exactly the limit is read, however the limit is spelled.
  @Test(arguments: [
    ("2000", 2000), ("2000b", 2000), ("2K", 2048), ("2k", 2048), ("2KB", 2048), ("2KiB", 2048),
    ("1.5k", 1536),
    ("0.002M", 2097),
  ])
  func sizesMayHaveUnitsAndFractions(size: String, bytes: Int) throws {
    for more in [0, 1] {
      let text = Array(
        #"{"eventType":"policy.evaluate","uuid":"u","published":"2026-01-05T10:00:00Z","x":""#.utf8)
      let line = text + [UInt8](repeating: 0x61, count: bytes + more - text.count - 2) + Array("\"}\n".utf8)
      let run = try Command("scan", "--max-line", size, folder.write("a.json", line))
      #expect(run.status == (more == 0 ? 0 : 2), "\(size)")
      #expect(run.errors.contains("line-length") == (more == 1), "\(size)")
    }
  }

  @Test func moreThanTheTotalFailsAndWritesNothing() throws {
    let path = folder.write("a.json", firingText)
    let (output, stats) = (folder.write("out", [1]), folder.path + "/stats")
    let arguments = ["scan", path, "--output", output, "--stats", stats, "--max-total"]
    let run = try Command(arguments + ["\(firingText.count - 1)"])
    #expect(run.status == 3)
    #expect(run.errors.contains("--max-total"))
    #expect(try file(output) == [1])
    #expect(!FileManager.default.fileExists(atPath: stats))
    #expect(try Command(arguments + ["\(firingText.count)"]).status == 0)
    #expect(try file(output) != [1])
  }

  @Test func theHelpNamesTheDefaults() throws {
    let help = try Command("scan", "--help").text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    for text in ["(default: 8M)", "(default: 16M)", "(default: 1024)", "(default: 1P)"] {
      #expect(help.contains(text))
    }
  }
}

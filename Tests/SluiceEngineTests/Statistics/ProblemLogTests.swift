import Glibc
import SluiceTestSupport
import Testing

@testable import SluiceEngine

/// The kept problems and their order, which depend on the input only.
@Suite struct ProblemLogTests {
  private func add(_ number: Int, to log: inout ProblemLog) {
    log.add(
      file: number % 2, Position(fileOffset: number / 7, offsetInBlock: number),
      reason: number % 3 == 0 ? "a" : "b",
      "problem \(number)")
  }

  @Test func theLogIsTheSameHoweverTheWorkIsShared() {
    for seed: UInt64 in 1...60 {
      var rng = SplitMix64(seed: seed)
      let count = rng.pick([0, 1, 99, 100, 101, 700, 1500])
      var whole = ProblemLog()
      for number in 0..<count { add(number, to: &whole) }
      var logs = [ProblemLog](repeating: ProblemLog(), count: Int.random(in: 1...5, using: &rng))
      for number in (0..<count).shuffled(using: &rng) {
        add(number, to: &logs[Int.random(in: logs.indices, using: &rng)])
      }
      var merged = ProblemLog()
      for log in logs.shuffled(using: &rng) { merged.merge(log) }
      if merged.problems(files: ["x", "y"]) != whole.problems(files: ["x", "y"]) {
        Issue.record("seed \(seed)")
      }
    }
  }

  @Test func manyProblemsAreCountedAndAHundredKept() {
    var log = ProblemLog()
    for number in 0..<150 {
      log.add(file: 0, Position(fileOffset: number, offsetInBlock: 0), reason: "r", "m")
    }
    let problems = log.problems(files: ["f"])
    #expect(problems.count == 101)
    #expect(problems.map(\.offset).prefix(100).elementsEqual(0..<100))
    #expect(problems.last?.message.contains("50 more") == true)
  }

  /// Bad lines across blocks, ranges and workers are reported with the offset at which they begin.
  @Test func placesDoNotDependOnTheRanges() {
    let bad = Array("{\"eventType\":\"user.account.lock\"".utf8)
    let lines: [[UInt8]] = (0..<40).flatMap { [shortLine($0), bad + Array("\($0)".utf8)] }
    let text = lines.joinedLines()
    for form in archiveForms {
      let path = TemporaryFolder()
      let file = path.write("a.lz4", form.encode(text))
      var seen: Set<[Problem]> = []
      for (threads, target) in [(1, 1 << 20), (1, 1), (3, 1), (3, 100), (2, 1000)] {
        var options = ScanOptions(paths: [file])
        options.threads = threads
        options.tuning.rangeBytesTarget = target
        let stats = scanned(options).stats
        #expect(stats.records.events == 40, "\(form.name)")
        #expect(stats.records.rejected == ["json": 40], "\(form.name)")
        seen.insert(stats.problems)
      }
      #expect(seen.count == 1, "\(form.name)")
    }
  }

  /// The order of the paths does not matter.
  @Test func aFileNamedTwiceHasOneName() throws {
    let folder = TemporaryFolder()
    let file = folder.write("z.json", Array("{\"eventType\":\"user.account.lock\"\n".utf8))
    let link = folder.path + "/a"
    #expect(symlink(file, link) == 0)
    let names = [[file, link], [link, file]].map {
      scanned(ScanOptions(paths: $0)).stats.problems.map(\.file)
    }
    #expect(names[0] == names[1])
  }

  @Test func missingPathsAreNamedInOneOrder() {
    let folder = TemporaryFolder()
    let paths = [folder.path + "/b", folder.path + "/a"]
    let names = [paths, paths.reversed()].map { scanned(ScanOptions(paths: $0)).stats.problems.map(\.file) }
    #expect(names[0] == names[1])
  }
}

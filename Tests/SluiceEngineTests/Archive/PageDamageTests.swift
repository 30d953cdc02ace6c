import SluiceTestSupport
import Testing

@testable import SluiceEngine

/// Damaged pages. Whole events are found, all counts add up (otherwise the engine stops), and nothing depends on
/// ranges.
@Suite struct PageDamageTests {
  private static let count = 12

  /// Events nested like real ones, all of which one rule observes.
  private static let events: [[UInt8]] = (0..<count).map { number in
    Array(
      (#"{"actor":{"id":"\#(number)","alternateId":"u\#(number)"},"client":{"ipAddress":"192.0.2.1","zone":{}},"#
        + #""eventType":"user.account.lock","published":"2026-01-05T10:00:00Z","#
        + #""target":[{"id":1,"alternateId":"x"},{"id":2,"list":["a","b"]}],"uuid":"\#(number)"}"#).utf8)
  }

  private func stats(_ text: [UInt8], _ target: Int) -> RunStats {
    scanned(text, named: "a.json") {
      $0.rules = [.accountsLockedOut]
      $0.tuning.rangeBytesTarget = target
      $0.tuning.shardCount = 1
    }.stats
  }

  private func observed(_ text: [UInt8], _ comment: @autoclosure () -> String) -> Int {
    let whole = stats(text, 1 << 20)
    let cut = stats(text, 1 + text.count % 97)
    // The ranges decide which lines are sampled.
    func summary(_ stats: RunStats) -> String {
      let problems = stats.problems.filter { $0.reason != "unrecognised" }.map {
        "\($0.offset) \($0.reason) \($0.message)"
      }
      let events = stats.records.events + stats.records.rejected["unrecognised", default: 0]
      return
        "\(stats.records.lines) \(stats.records.count) \(events) \(stats.records.linesWithoutRecord) "
        + "\(stats.observations[0].count) \(problems)"
    }
    if summary(whole) != summary(cut) {
      Issue.record("\(comment()): \(summary(cut)), in one range \(summary(whole))")
    }
    return whole.observations[0].count
  }

  @Test(arguments: PageForm.all) func aPageCutAtAnyByteKeepsItsWholeEvents(form: PageForm) {
    let events = Array(Self.events.prefix(3))
    let text = form.write(events)
    // Each event ends after its last member `uuid`, with at most white space and one more brace.
    let ends = events.indices.map { number in
      let tail = Array("\"\(number)\"".utf8)
      let at = text.indices.last { text[$0...].starts(with: tail) } ?? text.count
      return (text[at...].firstIndex(of: UInt8(ascii: "}")) ?? text.count) + 1
    }
    for count in TestScale.some(0..<text.count + 1) {
      let found = observed(Array(text[..<count]), "\(form), cut at \(count)")
      let whole = ends.count { $0 <= count }
      if found != whole { Issue.record("\(form), cut at \(count): \(found) events, not \(whole)") }
    }
  }

  /// A removed or inserted byte may cost the event that contains it and the next one.
  @Test(arguments: PageForm.all) func oneByteMoreOrLessCostsAtMostTwoEvents(form: PageForm) {
    let text = form.write(Self.events)
    var rng = SplitMix64(seed: 11)
    let structure = Array("{}[]\",:".utf8)
    for _ in 0..<TestScale.count(60) {
      var damaged = text
      let at = Int.random(in: 0..<text.count, using: &rng)
      let what: String
      if rng.oneIn(2) {
        let indices = text.indices.filter { structure.contains(text[$0]) }
        let index = rng.pick(indices)
        what = "without byte \(index) (\(UnicodeScalar(text[index])))"
        damaged.remove(at: index)
      } else {
        let byte = rng.pick(structure + [UInt8(ascii: "\n")])
        what = "with \(UnicodeScalar(byte)) at \(at)"
        damaged.insert(byte, at: at)
      }
      let found = observed(damaged, "\(form) \(what)")
      if found < Self.count - 2 || found > Self.count { Issue.record("\(form) \(what): \(found) events") }
    }
  }

  /// A damaged block costs the events in it and the events that cross its ends.
  @Test(arguments: PageForm.all) func aDamagedBlockCostsAtMostFourEvents(form: PageForm) {
    let text = form.write(Self.events)
    let blocks = stride(from: 0, to: text.count, by: 400).map { Array(text[$0..<min($0 + 400, text.count)]) }
    for number in stride(from: 0, to: blocks.count, by: 2) {
      var built = FrameBuilder(blocks: blocks).built
      built.bytes[built.blockOffsets[number] + 6] ^= 4
      let all = [1, 3000, 1 << 20].map { target in
        scanned(built.bytes) {
          $0.rules = [.accountsLockedOut]
          $0.tuning.rangeBytesTarget = target
          $0.tuning.shardCount = 1
        }.stats
      }
      let summaries = all.map {
        "\($0.records.count) \($0.records.events) \($0.observations[0].count) \($0.records.rejected.sorted { $0.key < $1.key })"
      }
      #expect(Set(summaries).count == 1, "\(form), block \(number): \(summaries)")
      #expect(all[0].observations[0].count >= Self.count - 4, "\(form), block \(number): \(summaries)")
    }
  }
}

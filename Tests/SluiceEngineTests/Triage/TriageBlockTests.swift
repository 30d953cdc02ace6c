import SluiceRecords
import SluiceReference
import SluiceTestSupport
import Testing

@testable import SluiceEngine

/// One file of ten days, only part of which triage must decode. Blocks have any size, and several lines or none begin
/// in them.
@Suite struct TriageBlockTests {
  private static let hour: Int64 = 3_600_000

  /// Returns lines ordered by time to within half an hour. There are occasional attacks, and sign-ins from the
  /// attacker's address all the time.
  private static func lines(_ rng: inout SplitMix64) -> [[UInt8]] {
    var events: [(time: Int64, event: EventBuilder)] = []
    func add(
      _ type: JSONTree, _ time: Int64, _ rng: inout SplitMix64,
      _ change: (inout EventBuilder, inout SplitMix64) -> Void
    ) {
      var event = EventBuilder(eventType: type, at: EventTime(milliseconds: time))
      event.userAgent = .string(String(repeating: "x", count: rng.pick([0, 0, 10, 700, 6000])))
      change(&event, &rng)
      events.append((time + Int64.random(in: 0...hour / 2, using: &rng), event))
    }
    let base = TriageFixture.base.milliseconds
    for number in 0..<300 {
      add("user.session.start", base + Int64(number) * hour * 4 / 5, &rng) { event, rng in
        event.ip = rng.pick(["203.0.113.7", "::ffff:cb00:7107", "203.0.113.70", "198.51.100.1"])
        event.user = .string("user\(number % 9)")
        event.result = rng.pick(["SUCCESS", "FAILURE"])
      }
    }
    for day in rng.pick([[2], [0], [9], [1, 7]]) {
      for number in 0..<7 {
        add("user.account.lock", base + Int64(24 * day) * hour + Int64(number), &rng) { event, _ in
          event.user = .string("user\(number)")
        }
      }
    }
    return events.sorted { $0.time < $1.time }.map(\.event.line)
  }

  private static func blocks(_ text: [UInt8], sizeMax: Int, _ rng: inout SplitMix64) -> [[UInt8]] {
    var blocks: [[UInt8]] = []
    var rest = text[...]
    while !rest.isEmpty {
      let block = rest.prefix(Int.random(in: 1...sizeMax, using: &rng))
      blocks.append(Array(block))
      rest = rest.dropFirst(block.count)
    }
    return blocks
  }

  @Test(arguments: TestScale.seeds(12, atLeast: 2)) func passesOverBlocksAndFindsTheSame(seed: UInt64) {
    var rng = SplitMix64(seed: seed)
    let lines = Self.lines(&rng)
    let expected = referenceDetections(lines: lines, options: ReferenceOptions()).detections
    #expect(!expected.isEmpty)
    #expect(expected.allSatisfy { $0.triage?.successCount ?? 0 > 0 })
    let text = lines.joinedLines(endsWithSeparator: rng.oneIn(2))
    for sizeMax in [40, 700, 9000] {
      let compressed = FrameBuilder(blocks: Self.blocks(text, sizeMax: sizeMax, &rng)).bytes
      for (bytes, rangeBytesTarget, threads) in [
        (compressed, 1, 1), (compressed, 1, 3), (compressed, 5000, 2), (compressed, 30_000, 1),
        (text, 300, 1),
        (text, 30_000, 3),
      ] {
        let result = scanned(bytes, named: "a.json") {
          $0.threads = threads
          $0.tuning.rangeBytesTarget = rangeBytesTarget
        }
        #expect(
          result.detections.map(\.withoutFiles) == expected, "\(sizeMax), \(rangeBytesTarget), \(threads)")
        // Triage needs two or three of the ten days. If no line begins in most ranges, all are decoded.
        let decoded = result.stats.triage?.input.bytesDecompressed ?? 0
        if sizeMax >= 700, rangeBytesTarget >= 10_000 {
          #expect(decoded < text.count * 3 / 5, "\(sizeMax): \(decoded) of \(text.count)")
        }
        #expect(decoded > 0)
        #expect(result.stats.triage?.records.rejected == [:])
      }
    }
  }

  /// Only the end of a line that begins in the previous block is needed of a block outside all time ranges.
  @Test func aLineReachesIntoABlockThatIsPassedOver() throws {
    var scene = TriageFixture()
    scene.add(TriageFixture.success("user3@example.org", at: TriageFixture.time(hours: 1)))
    let near = scene.events.map(\.line).joinedLines()
    let far = (0..<30).map { number in
      EventBuilder(eventType: "user.session.end", at: TriageFixture.time(hours: 24 * 10, minutes: number))
        .line
    }
    let cut = near.count - 100
    let blocks = [Array(near[..<cut]), Array(near[cut...]) + far.prefix(10).map { $0 }.joinedLines()]
    let others = stride(from: 10, to: 30, by: 5).map { Array(far[$0..<$0 + 5]).joinedLines() }
    let result = scanned(FrameBuilder(blocks: blocks + others).bytes) { $0.tuning.rangeBytesTarget = 1 }
    let triage = try #require(result.detections.first?.triage)
    #expect(triage.compromisedUsers == ["user3@example.org"])
    #expect(result.stats.triage?.input.bytesDecompressed == blocks[0].count + blocks[1].count)
  }

  /// An event over several lines cannot be parsed without the text before it.
  @Test func pagesAreReadAsAWhole() {
    var rng = SplitMix64(seed: 5)
    let lines = Self.lines(&rng)
    let text = Array("[\n".utf8) + lines.joined(separator: Array(",\n".utf8)) + Array("\n]\n".utf8)
    let expected = referenceDetections(lines: lines, options: ReferenceOptions()).detections
    for rangeBytesTarget in [1000, 1 << 20] {
      let result = scanned(FrameBuilder(blocks: Self.blocks(text, sizeMax: 3000, &rng)).bytes) {
        $0.tuning.rangeBytesTarget = rangeBytesTarget
      }
      #expect(result.detections.map(\.withoutFiles) == expected)
      #expect(result.stats.triage?.input.bytesDecompressed == text.count)
    }
  }

  /// Around a damaged block, the second pass uses the same lines as the first.
  @Test func damagedFilesAreReadAsAWhole() {
    var rng = SplitMix64(seed: 6)
    let text = Self.lines(&rng).joinedLines()
    let blocks = Self.blocks(text, sizeMax: 3000, &rng)
    var bytes = FrameBuilder(blocks: blocks).bytes
    // The damage is within the text of the last lines.
    bytes[bytes.count - 200] ^= 1
    let result = scanned(bytes) { $0.tuning.rangeBytesTarget = 1000 }
    #expect(
      result.stats.problems.contains { $0.reason == "block-checksum" || $0.reason == "content-checksum" })
    #expect(result.stats.triage?.input.bytesDecompressed == result.stats.input.bytesDecompressed)
    #expect(!result.detections.isEmpty)
    for detection in result.detections {
      #expect(detection.triage?.minutes.map(\.eventCount).reduce(0, +) == detection.eventCount)
    }
  }
}

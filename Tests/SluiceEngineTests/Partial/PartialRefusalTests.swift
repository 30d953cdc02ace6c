import SluiceRecords
import SluiceTestSupport
import Testing

@testable import SluiceEngine

/// Files that are no complete partial of the contract. They are refused by name, and never misread.
@Suite struct PartialRefusalTests {
  /// Returns the frames of a file as stored.
  private static func frames(_ file: [UInt8]) throws -> [[UInt8]] {
    try PartialOracle.all(file).flatMap(\.frames).map { Array(file[$0.offset..<$0.offset + $0.byteCount]) }
  }

  @Test func everyFlippedByteIsRefused() throws {
    let scene = try TwoPartialsFixture(lines: 12)
    #expect(scene.fault(scene.bytes) == nil)
    var file = scene.bytes[0]
    var rng = SplitMix64(seed: 1)
    for index in TestScale.some(file.indices) {
      let byte = file[index]
      file[index] ^= 1 << UInt8.random(in: 0..<8, using: &rng)
      let fault = scene.fault([file, scene.bytes[1]])
      #expect(fault?.file == scene.folder.path + "/0.partial", "byte \(index)")
      #expect(fault?.offset != nil, "byte \(index)")
      file[index] = byte
    }
  }

  @Test func everyTruncationIsRefused() throws {
    let scene = try TwoPartialsFixture(lines: 12)
    for count in TestScale.some(scene.bytes[0].indices) {
      let fault = scene.fault([Array(scene.bytes[0][..<count]), scene.bytes[1]])
      #expect(fault?.file == scene.folder.path + "/0.partial", "\(count) bytes")
    }
    // The end of the first partial is not the end of the file.
    let both = scene.bytes[0] + scene.bytes[1]
    #expect(scene.fault([both]) == nil)
    for count in TestScale.some(scene.bytes[0].count + 1..<both.count) {
      #expect(scene.fault([Array(both[..<count])]) != nil, "\(count) bytes")
    }
    #expect(scene.fault([both + [0]]) != nil)
  }

  @Test func droppedDoubledOrSwappedFramesAreRefused() throws {
    let scene = try TwoPartialsFixture()
    let frames = try Self.frames(scene.bytes[0])
    #expect(frames.count >= 3)
    func joined(_ frames: [[UInt8]]) -> [UInt8] { Array(frames.joined()) }
    for index in frames.indices {
      var dropped = frames
      dropped.remove(at: index)
      #expect(scene.fault([joined(dropped), scene.bytes[1]]) != nil, "without frame \(index)")
      var doubled = frames
      doubled.insert(frames[index], at: index)
      #expect(scene.fault([joined(doubled), scene.bytes[1]]) != nil, "frame \(index) twice")
      for other in frames.indices where other > index {
        var swapped = frames
        swapped.swapAt(index, other)
        #expect(
          scene.fault([joined(swapped), scene.bytes[1]]) != nil, "frames \(index) and \(other) swapped")
      }
    }
    // A frame of another partial replaces the partial's own.
    let others = try Self.frames(scene.bytes[1])
    for index in frames.indices where index < others.count {
      var mixed = frames
      mixed[index] = others[index]
      #expect(scene.fault([joined(mixed)]) != nil, "frame \(index) of another")
    }
  }

  @Test func aFileInTwoPartialsIsRefused() throws {
    let scene = try TwoPartialsFixture()
    let (a, b) = (scene.bytes[0], scene.bytes[1])
    #expect(scene.fault([a, b], expected: 2) == nil)
    #expect(scene.fault([a + b], expected: 2) == nil)
    for count in [0, 1, 3] { #expect(scene.fault([a, b], expected: count) != nil) }
    for files in [[a, b, a], [a + a], [a + b, b]] {
      #expect(scene.fault(files)?.message.contains("json is in two partials") == true)
    }
    // Ranges of one file that overlap, by another way of writing them.
    func ranged(_ range: ClosedRange<UInt8>) throws -> [UInt8] {
      try editedPartial(a) { kind, payload in
        guard kind == 1 else { return }
        // The range precedes the last byte, which says that there is no hash.
        payload.replaceSubrange(
          payload.count - 3..<payload.count - 1, with: [range.lowerBound, range.upperBound])
      }
    }
    #expect(scene.fault([try ranged(1...20), try ranged(20...40)], expected: 2) == nil)
    #expect(scene.fault([try ranged(1...21), try ranged(20...40)]) != nil)
    #expect(scene.fault([try ranged(1...40), try ranged(20...30)]) != nil)
    #expect(scene.fault([try ranged(1...20), a]) != nil)
    #expect(scene.fault([try ranged(1...20), try ranged(1...20)]) != nil)
  }

  @Test func partialsMadeUnderOtherOptionsAreRefused() throws {
    let scene = try TwoPartialsFixture()
    let path = scene.folder.write("other.json", shortText(0..<9))
    let changes: [(String, (inout ScanOptions) -> Void)] = [
      ("rules", { $0.rules = [.accountsLockedOut] }), ("shards", { $0.tuning.shardCount = 8 }),
      ("strict", { $0.isStrict = true }), ("verify", { $0.verifies = false }),
      ("limits", { $0.limits.nestingMax = 17 }), ("limits", { $0.limits.lineBytesMax = 5000 }),
      ("limits", { $0.limits.blockBytesMax = 1 << 22 }),
    ]
    for (name, change) in changes {
      try writePartial(of: [path], to: scene.folder.path + "/other", scene.options, change)
      let fault = scene.fault([scene.bytes[0], try contents(of: scene.folder.path + "/other")])
      #expect(fault?.message.contains(name) == true, "\(name): \(fault?.description ?? "not refused")")
    }
  }

  @Test func rulesThatNeedMoreThanThePartialHoldsAreRefused() throws {
    let scene = try TwoPartialsFixture()
    let ask: [(String, RuleText)] = [
      ("filter", RuleText([("filter", "['eventType == \"user.account.unlock\"']")])),
      (
        "severity",
        RuleText([
          ("filter", "['eventType == \"user.account.lock\"']"),
          ("columns", "{n: count(), s: values(severity)}"),
        ])
      ),
    ]
    for (what, text) in ask {
      var asking = scene
      asking.options.rules = [try text.rule()]
      let fault = asking.fault(scene.bytes)
      #expect(fault?.message.contains("test-rule") == true, "\(what): \(fault?.description ?? "not refused")")
    }
    // A rule with a known filter and with fields of the partial is evaluated.
    var other = scene
    other.options.rules = [
      try RuleText([("columns", "{n: count(), agents: values(client.userAgent.rawUserAgent)}")]).rule()
    ]
    #expect(try other.merged(scene.bytes).detections.isEmpty == false)
  }

  @Test func filesThatAreNoPartialAreRefused() throws {
    let scene = try TwoPartialsFixture()
    for bytes in [[], Array("SLUICEPT".utf8), shortText(0..<9), [UInt8](repeating: 0, count: 100)] {
      #expect(scene.fault([bytes])?.file != nil)
    }
    do {
      _ = try Scan(scene.options).merging([scene.folder.path + "/none"])
      Issue.record("what is not there was merged")
    } catch ScanError.partial(let fault) {
      #expect(fault.file == scene.folder.path + "/none")
    }
    var later = scene.bytes[0]
    later[8] = 3
    #expect(scene.fault([later])?.message.contains("version 3") == true)
  }
}

import SluiceRecords
import SluiceTestSupport
import Testing

@testable import SluiceEngine

/// Lines found by the addresses in them, against a search at every quote, over buffers at any alignment.
@Suite struct AddressFilterTests {
  @Test(arguments: SIMDTarget.allCases.filter(\.isSupported)) func agreesWithItsOracle(simdTarget: SIMDTarget)
  {
    for seed in TestScale.seeds(2000) {
      let scene = AddressFixture(seed: seed)
      let (found, expected) = (scene.run(simdTarget), scene.oracle)
      if found != expected {
        Issue.record("\(simdTarget), seed \(seed): \(found) instead of \(expected)")
        return
      }
    }
  }

  @Test func aSingleTextIsAskedTheSame() {
    for seed in TestScale.seeds(500) {
      let scene = AddressFixture(seed: seed)
      let prefilter = Prefilter(addresses: scene.targets)
      for range in scene.lines {
        let line = Array(scene.data[range])
        let found = withBytes(line) { prefilter.findsAddress(in: $0) }
        #expect(
          found == scene.holdsAddress(line[...]), "seed \(seed), \(String(decoding: line, as: UTF8.self))")
      }
    }
  }

  /// The fixtures would be worthless if addresses were seldom found, or always.
  @Test func scenesHoldLinesOfBothKinds() {
    let scenes = (1...500).map { AddressFixture(seed: UInt64($0)) }
    let lines = scenes.flatMap { scene in scene.lines.map { scene.holdsAddress(scene.data[$0]) } }
    #expect(lines.count { $0 } * 5 > lines.count)
    #expect(lines.count { !$0 } * 5 > lines.count)
  }

  @Test(arguments: [
    "192.0.2.1", "::ffff:192.0.2.1", "::FFFF:c000:0201", "0:0:0:0:0:ffff:192.0.2.1", "0000::ffff:C000:201",
  ]) func everySpellingOfAnAddressIsFound(text: String) {
    let prefilter = Prefilter(addresses: [IPAddress(v4: 0xC000_0201)])
    for line in [#"{"ip":"\#(text)"}"#, #"{"_raw":"{\"ip\":\"\#(text)\"}"}"#] {
      #expect(withBytes(Array(line.utf8)) { prefilter.findsAddress(in: $0) })
    }
    for line in [#"{"ip":" \#(text)"}"#, #"{"ip":"\#(text)%1"}"#, #"{"ip":"\#(text)"#, #"{"ip":\#(text)}"#] {
      #expect(!withBytes(Array(line.utf8)) { prefilter.findsAddress(in: $0) }, "\(line)")
    }
  }

  @Test func manyAddressesAreFoundAndNoOthers() {
    let addresses = (0..<5000).map { IPAddress(v4: 0x0A00_0000 | UInt32($0 * 7)) }
    let prefilter = Prefilter(addresses: addresses)
    for number in TestScale.some(0..<35_000) {
      let line = Array(#"{"ip":"\#(IPAddress(v4: 0x0A00_0000 | UInt32(number)))"}"#.utf8)
      #expect(withBytes(line) { prefilter.findsAddress(in: $0) } == (number % 7 == 0))
    }
  }
}

import SluiceTestSupport
import Testing

@testable import SluiceEngine

/// The pages that hold the bytes of dictionaries and observations, against arrays.
@Suite struct BytePagesTests {
  @Test(arguments: [1, 2, 3]) func runsOfAllLengthsStayWhereTheyAre(seed: UInt64) {
    var rng = SplitMix64(seed: seed)
    var pages = BytePages()
    var kept: [(location: UInt32, bytes: [UInt8], view: UnsafeBytes)] = []
    for _ in 0..<TestScale.count(3_000, atLeast: 500) {
      let count = rng.pick([0, 1, 126, 127, 128, 300, 1023, 16_383, 16_384, 65_535, 65_536, 70_000])
      // Long texts are rare, so that short ones fill pages of all sizes.
      let bytes = (0..<(rng.oneIn(20) ? count : count % 40)).map { _ in UInt8.random(in: 0...255, using: &rng)
      }
      let location = withBytes(bytes) { pages.append($0) }
      kept.append((location, bytes, pages[location]))
    }
    #expect(Set(kept.map(\.location)).count == kept.count)
    for (location, bytes, view) in kept {
      #expect(pages[location].array == bytes)
      // A view stays valid after later writes.
      #expect(view.array == bytes)
    }
    #expect(pages.byteCount >= kept.reduce(0) { $0 + $1.bytes.count })
  }

  @Test func numbersOfAnyLengthAreReadAsWritten() {
    let numbers =
      (0..<64).flatMap { shift -> [UInt64] in
        let power: UInt64 = 1 << UInt64(shift)
        return [power - 1, power, power + 1]
      } + [.max]
    var bytes: [UInt8] = []
    var lengths: [Int] = []
    for number in numbers {
      let before = bytes.count
      Varint.forEachByte(of: number) { bytes.append($0) }
      lengths.append(bytes.count - before)
    }
    withBytes(bytes) { text in
      var at = 0
      for (number, length) in zip(numbers, lengths) {
        let start = at
        #expect(Varint.read(text, at: &at) == number)
        #expect(at - start == length)
        #expect(length == max(1, (64 - number.leadingZeroBitCount + 6) / 7))
        #expect(length <= Varint.byteCountMax)
      }
    }
  }

  @Test func textsOfFacetsMayBeLong() {
    var buffer = UnsafeBuffer(capacity: 0)
    let fields: [[UInt8]?] = [
      [], nil, Array(repeating: 97, count: 126), Array(repeating: 98, count: 127), nil, [99],
    ]
    var end = 0
    for field in fields {
      end =
        field.map { withBytes($0) { FacetBytes.append($0, to: &buffer, at: end) } }
        ?? FacetBytes.append(nil, to: &buffer, at: end)
    }
    let bytes = buffer.view(0..<end)
    #expect((0..<fields.count).map { FacetBytes.field($0, of: bytes)?.array } == fields)
  }
}

/// The generator's only source of randomness: SplitMix64 (Steele, Lea, Flood 2014).
///
/// Numbers (seed, hour, purpose) identify a stream. Every hourly file can therefore be written without knowledge of the
/// others, and the same options give the same bytes on any number of threads.
struct Random {
  private var state: UInt64

  init(_ name: UInt64...) {
    state = name.reduce(0x5EED) { Random.mix($0 ^ Random.mix($1)) }
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    return Random.mix(state)
  }

  /// Returns a number from 0 to `bound` - 1.
  ///
  /// It multiplies instead of computing a remainder; the bias of `bound / 2^32` does not matter here.
  mutating func below(_ bound: Int) -> Int {
    Int(((next() >> 32) &* UInt64(bound)) >> 32)
  }

  mutating func within(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + below(range.upperBound - range.lowerBound + 1)
  }

  /// Returns true once in `n` times on average.
  mutating func once(in n: Int) -> Bool { below(n) == 0 }

  mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }

  /// Maps 64 bits one to one without a visible pattern; also used as a hash of small numbers.
  static func mix(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return z ^ z >> 31
  }
}

import CLZ4
import CXXHash
import SluiceTestSupport
import Testing

@testable import SluiceEngine

/// Our block decoder against an oracle that follows the format byte by byte, and against liblz4. Blocks are sound or
/// damaged. They are decoded at once or in pieces, into any room, on every SIMD target, with and without hashing.
@Suite struct LZ4BlockTests {
  /// Returns text that compresses into short and long literals and into matches at all distances.
  private static func text(_ count: Int, _ rng: inout SplitMix64) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count {
      let run = rng.pick([1, 3, 7, 14, 15, 16, 31, 60, 300, 1000])
      if bytes.isEmpty || rng.oneIn(3) {
        bytes += (0..<run).map { _ in UInt8.random(in: 97...122, using: &rng) }
      } else {
        let distance = min(bytes.count, rng.pick([1, 2, 5, 8, 15, 16, 17, 31, 32, 33, 64, 500, 70_000]))
        for _ in 0..<run { bytes.append(bytes[bytes.count - distance]) }
      }
    }
    return Array(bytes[0..<count])
  }

  private static func pack(_ bytes: [UInt8], isHard: Bool) -> [UInt8] {
    var compressed = [CChar](repeating: 0, count: Int(LZ4_compressBound(CInt(bytes.count))))
    let count = bytes.withUnsafeBytes { source in
      let plain = source.assumingMemoryBound(to: CChar.self).baseAddress
      return isHard
        ? LZ4_compress_HC(plain, &compressed, CInt(bytes.count), CInt(compressed.count), 9)
        : LZ4_compress_default(plain, &compressed, CInt(bytes.count), CInt(compressed.count))
    }
    return compressed[0..<Int(count)].map { UInt8(bitPattern: $0) }
  }

  /// The parameters of decoding a block.
  private struct Way {
    var simdTarget: SIMDTarget
    /// Bytes of the history that are hashed as part of the block; nil to hash nothing.
    var unhashed: Int?
  }

  private static func ways(window: [UInt8], _ step: Int) -> [Way] {
    let unhashed = [0, 5, 16, 70, 1000][step % 5]
    return [
      Way(simdTarget: .portable), Way(simdTarget: .best),
      Way(simdTarget: .portable, unhashed: min(unhashed, window.count)),
      Way(simdTarget: .best, unhashed: min(unhashed, window.count)),
    ]
  }

  /// Decodes a block with the engine, in pieces of at least `step` bytes.
  private static func decode(
    _ block: [UInt8], window: [UInt8], decodedBytesMax: Int, step: Int, _ way: Way
  ) -> [UInt8]? {
    var checksum = RunningXXH32(simdTarget: way.simdTarget)
    var unhashed = way.unhashed ?? 0
    // The bytes around the room must stay unchanged.
    let guardBytes = [UInt8](repeating: 0xA5, count: 32)
    var output = UnsafeBuffer(capacity: window.count + decodedBytesMax + guardBytes.count)
    output.write(window, at: 0)
    output.write(guardBytes, at: window.count + decodedBytesMax)
    return withBytes(block) { source -> [UInt8]? in
      var compressed = UnsafeLZ4Block(
        source, into: &output, at: window.count, decodedBytesMax: decodedBytesMax, windowStart: 0,
        simdTarget: way.simdTarget)
      var count = 0
      var isShort = false
      while true {
        let (state, more) =
          way.unhashed == nil
          ? compressed.decode(atLeast: step)
          : compressed.decode(atLeast: step, into: &checksum, unhashed: &unhashed)
        count += more
        if state == .more {
          isShort = isShort || more < min(step, decodedBytesMax - (count - more))
          continue
        }
        #expect(!isShort, "a piece is shorter than was asked for")
        let end = window.count + decodedBytesMax
        #expect(
          output.view(end..<end + guardBytes.count).elementsEqual(guardBytes), "written behind the room")
        #expect(output.view(0..<window.count).elementsEqual(window), "written before the block")
        guard state == .end else { return nil }
        if let first = way.unhashed {
          let hashed = output.view(window.count - first..<window.count + count)
          checksum.update(hashed[hashed.count - unhashed..<hashed.count])
          #expect(
            checksum.digest == XXH32(hashed.base, hashed.count, 0), "not the checksum of what was decoded")
        }
        return output.view(window.count..<window.count + count).array
      }
    }
  }

  /// Expects that all decoders agree, except that liblz4 accepts matches at distance 0 and we do not.
  private static func compare(
    _ block: [UInt8], window: [UInt8], decodedBytesMax: Int, step: Int, _ what: String
  ) -> [UInt8]? {
    let plain = LZ4Oracle.decode(block, window: window, decodedBytesMax: decodedBytesMax)
    for way in ways(window: window, step) {
      let ours = decode(block, window: window, decodedBytesMax: decodedBytesMax, step: step, way)
      #expect(ours == plain, "\(what), \(way): not what the format says")
    }
    let library = LZ4Oracle.decodeByLibrary(block, window: window, decodedBytesMax: decodedBytesMax)
    if plain != nil { #expect(plain == library, "\(what): not what liblz4 makes of it") }
    return plain
  }

  @Test func soundBlocksDecodeToTheirText() {
    var rng = SplitMix64(seed: 11)
    for round in 0..<TestScale.count(300, atLeast: 30) {
      let bytes = Self.text(rng.pick([0, 1, 12, 13, 100, 1000, 5000, 70_000]), &rng)
      let block = Self.pack(bytes, isHard: rng.oneIn(2))
      let room = bytes.count + rng.pick([0, 0, 1, 11, 12, 1000])
      let step = rng.pick([0, 1, 17, 1000, 1 << 20])
      let found = Self.compare(
        block, window: [], decodedBytesMax: room, step: step, "round \(round)")
      #expect(found == bytes, "round \(round)")
    }
  }

  @Test func blocksThatReferToAWindowDecodeToTheirText() {
    var rng = SplitMix64(seed: 12)
    for round in 0..<TestScale.count(100, atLeast: 10) {
      let bytes = Self.text(rng.pick([500, 3000, 80_000]), &rng)
      let cut = Int.random(in: 1..<bytes.count, using: &rng)
      let window = Array(bytes[0..<cut].suffix(64 << 10))
      let rest = Array(bytes[cut...])
      let stream = LZ4_createStream()!
      defer { LZ4_freeStream(stream) }
      var compressed = [CChar](repeating: 0, count: Int(LZ4_compressBound(CInt(rest.count))))
      let count = bytes.withUnsafeBytes { bytes -> CInt in
        let start = bytes.assumingMemoryBound(to: CChar.self).baseAddress!
        LZ4_loadDict(stream, start + cut - window.count, CInt(window.count))
        return LZ4_compress_fast_continue(
          stream, start + cut, &compressed, CInt(rest.count), CInt(compressed.count), 1)
      }
      let block = compressed[0..<Int(count)].map { UInt8(bitPattern: $0) }
      let found = Self.compare(
        block, window: window, decodedBytesMax: rest.count, step: rng.pick([1, 100, 1 << 20]),
        "round \(round)")
      #expect(found == rest, "round \(round)")
    }
  }

  @Test func damagedBlocksAreRefusedAsTheFormatSays() {
    var rng = SplitMix64(seed: 13)
    var refused = 0
    let rounds = TestScale.count(2000)
    for round in 0..<rounds {
      let bytes = Self.text(rng.pick([13, 60, 200, 1000, 3000]), &rng)
      var block = Self.pack(bytes, isHard: rng.oneIn(2))
      for _ in 0..<rng.pick([1, 1, 2, 10]) {
        let index = Int.random(in: 0..<block.count, using: &rng)
        switch Int.random(in: 0..<4, using: &rng) {
        case 0: block[index] = UInt8.random(in: 0...255, using: &rng)
        case 1: block[index] ^= 1 << UInt8.random(in: 0..<8, using: &rng)
        case 2: block = Array(block[0..<max(1, index)])
        default: block.insert(rng.pick([0, 0xF0, 0x0F, 0xFF]), at: index)
        }
      }
      let room = max(0, bytes.count + rng.pick([-20, -5, -1, 0, 1, 5, 12, 500, 5000]))
      let found = Self.compare(
        block, window: [], decodedBytesMax: room, step: rng.pick([0, 1, 50, 1 << 20]), "round \(round)")
      if found == nil { refused += 2000 / rounds }
    }
    #expect((500..<2000).contains(refused), "the damage shows nothing: \(refused) refused")
  }

  @Test func everyShortBlockDecodesAsTheFormatSays() {
    // Covers all short blocks of a few significant byte values, with every room.
    let bytes: [UInt8] = [0x00, 0x01, 0x10, 0x1F, 0xF0, 0x04]
    var block: [UInt8] = []
    for code in TestScale.some(0..<46_656) {
      var rest = code
      block.removeAll(keepingCapacity: true)
      for _ in 0..<6 {
        block.append(bytes[rest % 6])
        rest /= 6
      }
      _ = Self.compare(
        block, window: [1, 2, 3], decodedBytesMax: code % 40, step: code % 3, "block \(block)")
    }
    #expect(Self.compare([], window: [], decodedBytesMax: 10, step: 0, "no byte at all") == nil)
    #expect(Self.compare([0], window: [], decodedBytesMax: 0, step: 0, "an empty block") == [])
  }
}

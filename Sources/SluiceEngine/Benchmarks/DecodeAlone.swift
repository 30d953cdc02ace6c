import CLZ4
import Glibc
import Synchronization

/// Upper bound of decoding speed: `LZ4_decompress_safe` over mapped files into reused buffers, and nothing else.
///
/// A scan is compared with this bound. Only well-formed LZ4 frames are read. Blocks are located before the clock
/// starts, so the time is that of decoding and of the page faults of mapped files.
public struct DecodeAlone: Sendable {
  public enum Refusal: Error { case notWellFormed(String) }

  /// Work that one thread takes at a time: one independent block, or a frame of linked blocks.
  private struct Unit {
    var blocks: [(start: Int, count: Int, isStored: Bool)]
    var file: Int
    var blockBytesMax: Int
    var isLinked: Bool
  }

  private struct Mapping: @unchecked Sendable {  // Read-only, and mapped until the process ends.
    var base: UnsafeRawPointer
    var count: Int
  }

  private var files: [Mapping] = []
  private var units: [Unit] = []

  public init(paths: [String]) throws(Refusal) {
    for file in ArchiveListing(paths: paths).files where file.sizeBytes > 0 {
      let descriptor = file.location.withCString { open($0, O_RDONLY | O_CLOEXEC) }
      guard descriptor >= 0,
        let base = mmap(nil, file.sizeBytes, PROT_READ, MAP_PRIVATE, descriptor, 0), base != MAP_FAILED
      else { throw .notWellFormed(file.path) }
      close(descriptor)
      files.append(Mapping(base: UnsafeRawPointer(base), count: file.sizeBytes))
      try index(files[files.count - 1], file.path)
    }
  }

  private mutating func index(_ mapping: Mapping, _ path: String) throws(Refusal) {
    // The last bytes of a mapping lack the padding that vector loads need. This function uses no vector loads.
    let bytes = UnsafeBytes(base: mapping.base.assumingMemoryBound(to: UInt8.self), count: mapping.count)
    var at = 0
    while at < bytes.count {
      guard bytes.count - at >= 11, littleEndian(bytes, at: at) == FrameDescriptor.magic else {
        throw .notWellFormed(path)
      }
      let headerCount = FrameDescriptor.count(flags: bytes[at + 4])
      guard case .success(let frame) = FrameDescriptor.parse(bytes[at + 4..<at + 4 + headerCount]) else {
        throw .notWellFormed(path)
      }
      at += 4 + headerCount
      var blocks: [(start: Int, count: Int, isStored: Bool)] = []
      while true {
        guard bytes.count - at >= 4 else { throw .notWellFormed(path) }
        let word = littleEndian(bytes, at: at)
        at += 4
        if word == 0 { break }
        let count = Int(word & 0x7FFF_FFFF)
        guard bytes.count - at >= count else { throw .notWellFormed(path) }
        blocks.append((at, count, word >> 31 == 1))
        at += count + (frame.hasBlockChecksums ? 4 : 0)
      }
      at += frame.hasContentChecksum ? 4 : 0
      let unit = Unit(
        blocks: blocks, file: files.count - 1, blockBytesMax: frame.blockBytesMax, isLinked: frame.isLinked)
      if frame.isLinked {
        units.append(unit)
      } else {
        for block in blocks {
          var one = unit
          one.blocks = [block]
          units.append(one)
        }
      }
    }
  }

  /// Decodes all blocks. - Returns: wall seconds and decoded bytes.
  public func run(threads: Int) -> (seconds: Double, bytes: Int) {
    let start = ContinuousClock().now
    let next = Atomic(0)
    let total = Atomic(0)
    runWorkers(threads) { _ in
      var output = UnsafeBuffer(capacity: 2 * (4 << 20) + (64 << 10))
      var bytes = 0
      while true {
        let number = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard number < units.count else { break }
        bytes += decode(units[number], &output)
      }
      total.wrappingAdd(bytes, ordering: .relaxed)
    }
    return ((ContinuousClock().now - start) / .seconds(1), total.load(ordering: .relaxed))
  }

  private func decode(_ unit: Unit, _ output: inout UnsafeBuffer) -> Int {
    let source = files[unit.file].base.assumingMemoryBound(to: CChar.self)
    let memory = UnsafeMutableRawPointer(output.base).assumingMemoryBound(to: CChar.self)
    var total = 0
    var end = 64 << 10
    var history = 0
    for block in unit.blocks {
      // Linked blocks follow each other. When the buffer is full, the last 64 KiB move to its front.
      if end + unit.blockBytesMax > output.capacity {
        memmove(memory, memory + end - (64 << 10), 64 << 10)
        end = 64 << 10
      }
      let count: Int
      if block.isStored {
        memcpy(memory + end, source + block.start, block.count)
        count = block.count
      } else {
        count = Int(
          unit.isLinked
            ? LZ4_decompress_safe_usingDict(
              source + block.start, memory + end, CInt(block.count), CInt(unit.blockBytesMax),
              memory + end - history,
              CInt(history))
            : LZ4_decompress_safe(
              source + block.start, memory + end, CInt(block.count), CInt(unit.blockBytesMax)))
      }
      precondition(count >= 0, "decoding alone takes well-formed archives only")
      total += count
      if unit.isLinked {
        end += count
        history = min(64 << 10, history + count)
      }
    }
    return total
  }
}

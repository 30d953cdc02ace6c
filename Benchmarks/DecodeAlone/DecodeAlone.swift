import CLZ4
import Foundation
import Synchronization

/// Upper bound of decoding speed: `LZ4_decompress_safe` over mapped files into reused buffers, and nothing else.
///
/// A scan is compared with this bound. Only well-formed LZ4 frames are read. Blocks are located before the clock
/// starts, so the time is that of decoding and of the page faults of mapped files.
struct DecodeAlone: Sendable {
  struct Refusal: Error, CustomStringConvertible {
    var path: String
    var description: String { "\(path) is not a file of well-formed LZ4 frames" }
  }

  private struct Block {
    var start: Int
    var count: Int
    var isStored: Bool
  }

  /// Work that one thread takes at a time: one independent block, or a frame of linked blocks.
  private struct Unit {
    var blocks: [Block]
    var file: Int
    var blockBytesMax: Int
    var isLinked: Bool
  }

  /// A mapped file. It stays mapped until the process ends.
  private struct Mapping: @unchecked Sendable {  // Read-only.
    var bytes: UnsafeRawBufferPointer
  }

  private static let windowBytes = 64 << 10
  private var files: [Mapping] = []
  private var units: [Unit] = []

  /// - Parameter paths: files, and directories whose files are all read.
  init(paths: [String]) throws {
    for path in paths.flatMap(Self.files) {
      let descriptor = open(path, O_RDONLY | O_CLOEXEC)
      guard descriptor >= 0 else { throw Refusal(path: path) }
      defer { close(descriptor) }
      let count = Int(lseek(descriptor, 0, SEEK_END))
      if count == 0 { continue }
      guard let base = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), base != MAP_FAILED else {
        throw Refusal(path: path)
      }
      files.append(Mapping(bytes: UnsafeRawBufferPointer(start: base, count: count)))
      guard locateBlocks() else { throw Refusal(path: path) }
    }
  }

  private static func files(under path: String) -> [String] {
    guard let names = FileManager.default.enumerator(atPath: path) else { return [path] }
    return names.compactMap { $0 as? String }.map { "\(path)/\($0)" }.filter {
      var isDirectory: ObjCBool = false
      return FileManager.default.fileExists(atPath: $0, isDirectory: &isDirectory) && !isDirectory.boolValue
    }
  }

  /// Locates the blocks of the last file. - Returns: whether the file is well-formed.
  private mutating func locateBlocks() -> Bool {
    let bytes = files[files.count - 1].bytes
    func word(_ at: Int) -> Int? {
      at + 4 <= bytes.count
        ? Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt32.self))) : nil
    }
    var at = 0
    while at < bytes.count {
      guard word(at) == 0x184D_2204, at + 7 <= bytes.count else { return false }
      let flags = bytes[at + 4]
      let sizeCode = Int(bytes[at + 5] >> 4) & 7
      guard flags >> 6 == 1, sizeCode >= 4 else { return false }
      let hasBlockChecksums = flags & 0x10 != 0
      // Magic number, flags and a byte of header checksum; content size and dictionary number if they are there.
      at += 7 + (flags & 0x08 != 0 ? 8 : 0) + (flags & 0x01 != 0 ? 4 : 0)
      var blocks: [Block] = []
      while true {
        guard let size = word(at) else { return false }
        at += 4
        if size == 0 { break }
        let block = Block(start: at, count: size & 0x7FFF_FFFF, isStored: size >> 31 == 1)
        guard block.count <= bytes.count - at else { return false }
        blocks.append(block)
        at += block.count + (hasBlockChecksums ? 4 : 0)
      }
      at += flags & 0x04 != 0 ? 4 : 0
      let isLinked = flags & 0x20 == 0
      units += (isLinked ? [blocks] : blocks.map { [$0] }).map {
        Unit(
          blocks: $0, file: files.count - 1, blockBytesMax: 1 << (8 + 2 * sizeCode), isLinked: isLinked)
      }
    }
    return true
  }

  /// Decodes all blocks. - Returns: wall seconds and decoded bytes.
  func run(threads: Int) -> (seconds: Double, bytes: Int) {
    let start = ContinuousClock().now
    let next = Atomic(0)
    let total = Atomic(0)
    let ended = DispatchSemaphore(value: 0)
    for _ in 0..<threads {
      Thread.detachNewThread {
        let output = UnsafeMutableRawBufferPointer.allocate(
          byteCount: 2 * (4 << 20) + Self.windowBytes, alignment: 64)
        defer { output.deallocate() }
        while true {
          let number = next.wrappingAdd(1, ordering: .relaxed).oldValue
          guard number < units.count else { break }
          total.wrappingAdd(decode(units[number], output), ordering: .relaxed)
        }
        ended.signal()
      }
    }
    for _ in 0..<threads { ended.wait() }
    return ((ContinuousClock().now - start) / .seconds(1), total.load(ordering: .relaxed))
  }

  private func decode(_ unit: Unit, _ output: UnsafeMutableRawBufferPointer) -> Int {
    let source = files[unit.file].bytes.baseAddress!.assumingMemoryBound(to: CChar.self)
    let memory = output.baseAddress!.assumingMemoryBound(to: CChar.self)
    var total = 0
    var end = Self.windowBytes
    var history = 0
    for block in unit.blocks {
      // Linked blocks follow each other. When the buffer is full, the last 64 KiB move to its front.
      if end + unit.blockBytesMax > output.count {
        memmove(memory, memory + end - Self.windowBytes, Self.windowBytes)
        end = Self.windowBytes
      }
      let count: Int
      if block.isStored {
        memcpy(memory + end, source + block.start, block.count)
        count = block.count
      } else {
        let (compressed, room) = (CInt(block.count), CInt(unit.blockBytesMax))
        count = Int(
          unit.isLinked
            ? LZ4_decompress_safe_usingDict(
              source + block.start, memory + end, compressed, room, memory + end - history, CInt(history))
            : LZ4_decompress_safe(source + block.start, memory + end, compressed, room))
      }
      precondition(count >= 0, "a block does not decode")
      total += count
      if unit.isLinked {
        end += count
        history = min(Self.windowBytes, history + count)
      }
    }
    return total
  }
}

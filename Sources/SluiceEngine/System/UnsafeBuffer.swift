import CKernels
import Glibc
import SluiceSystem

/// Memory of one owner, aligned to 64 bytes and followed by the padding that ``UnsafeBytes`` promises.
///
/// This is sound because the type is not copyable. Only the owner writes the memory, and it releases the memory once.
struct UnsafeBuffer: ~Copyable {
  private(set) var base: UnsafeMutablePointer<UInt8>
  private(set) var capacity: Int

  init(capacity: Int) {
    self.base = Self.allocate(capacity)
    self.capacity = capacity
  }

  deinit { free(base) }

  private static func allocate(_ capacity: Int) -> UnsafeMutablePointer<UInt8> {
    let size = (capacity + UnsafeBytes.padding + 63) & ~63
    guard let memory = aligned_alloc(64, size) else {
      outOfMemory(size)
    }
    // The padding's content does not matter, but reading it must be defined.
    memset(memory + capacity, 0, size - capacity)
    return memory.assumingMemoryBound(to: UInt8.self)
  }

  /// Grows to at least `capacity` bytes; the first `used` bytes keep their content.
  mutating func reserve(_ capacity: Int, keeping used: Int) {
    guard capacity > self.capacity else { return }
    precondition(used <= self.capacity)
    let grown = max(capacity, self.capacity + self.capacity / 2)
    let memory = Self.allocate(grown)
    memcpy(memory, base, used)
    free(base)
    base = memory
    self.capacity = grown
  }

  /// Writes bytes at an offset. - Precondition: they fit.
  mutating func write(_ bytes: UnsafeBytes, at offset: Int) {
    precondition(offset >= 0 && offset + bytes.count <= capacity)
    memmove(base + offset, bytes.base, bytes.count)
  }

  @inline(__always)
  mutating func write(_ byte: UInt8, at offset: Int) {
    precondition(UInt(bitPattern: offset) < UInt(bitPattern: capacity))
    base[offset] = byte
  }

  /// Writes four bytes, the lowest first. - Precondition: they fit.
  @inline(__always)
  mutating func write(_ word: UInt32, at offset: Int) {
    precondition(offset >= 0 && offset + 4 <= capacity)
    UnsafeMutableRawPointer(base + offset).storeBytes(of: word.littleEndian, as: UInt32.self)
  }

  /// Lets other code write to a part. - Precondition: the part is inside this buffer.
  mutating func withMemory<R>(_ range: Range<Int>, _ body: (UnsafeMutableBufferPointer<UInt8>) -> R) -> R {
    precondition(range.lowerBound >= 0 && range.upperBound <= capacity)
    return body(UnsafeMutableBufferPointer(start: base + range.lowerBound, count: range.count))
  }

  mutating func write(_ bytes: [UInt8], at offset: Int) {
    precondition(offset >= 0 && offset + bytes.count <= capacity)
    bytes.withUnsafeBufferPointer {
      if let source = $0.baseAddress { memcpy(base + offset, source, $0.count) }
    }
  }

  /// Returns a view that is valid until this buffer is written, grown or released.
  @inline(__always)
  borrowing func view(_ range: Range<Int>) -> UnsafeBytes {
    precondition(range.lowerBound >= 0 && range.upperBound <= capacity)
    return UnsafeBytes(base: base + range.lowerBound, count: range.count)
  }
}

extension UnsafeBuffer {
  /// Writes bytes one by one from `offset` on, and returns a view of them.
  ///
  /// - Precondition: they fit.
  mutating func fill(at offset: Int, _ produce: ((UInt8) -> Void) -> Void) -> UnsafeBytes {
    var end = offset
    let memory = base
    let capacity = capacity
    produce { byte in
      precondition(end < capacity)
      memory[end] = byte
      end += 1
    }
    return view(offset..<end)
  }
}

/// Calls `body` with a padded view of the bytes.
func withBytes<R>(_ bytes: [UInt8], _ body: (UnsafeBytes) throws -> R) rethrows -> R {
  var buffer = UnsafeBuffer(capacity: bytes.count)
  buffer.write(bytes, at: 0)
  return try body(buffer.view(0..<bytes.count))
}

/// Ends the process with the exit status of a failure, after which no output is written.
private func outOfMemory(_ bytes: Int) -> Never {
  let message = "sluice: out of memory: \(bytes) bytes for a buffer; fewer --threads need less\n"
  try? writeAll(STDERR_FILENO, Array(message.utf8)[...])
  exit(3)
}

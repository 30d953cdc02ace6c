/// The location of a piece of ready-made JSON in an `UnsafeArena`.
struct EventTemplatePiece: Sendable {
  var offset: UInt32
  var count: UInt32
}

/// Collects pieces of JSON text for an `UnsafeArena`.
struct ArenaBuilder {
  private(set) var bytes: [UInt8] = []

  mutating func add(_ text: String) -> EventTemplatePiece {
    let offset = UInt32(bytes.count)
    bytes.append(contentsOf: text.utf8)
    return EventTemplatePiece(offset: offset, count: UInt32(bytes.count) - offset)
  }

  func sealed() -> UnsafeArena { UnsafeArena(bytes) }
}

/// Ready-made pieces of events in one immutable buffer that never moves.
///
/// It is Sendable although it holds a pointer: the bytes are written once in `init`, freed in `deinit`, and only read
/// in between.
final class UnsafeArena: @unchecked Sendable {
  let base: UnsafeRawPointer

  init(_ bytes: [UInt8]) {
    let copy = UnsafeMutableRawPointer.allocate(byteCount: max(bytes.count, 1), alignment: 64)
    bytes.withUnsafeBytes {
      copy.copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(copy), byteCount: $0.count)
    }
    base = UnsafeRawPointer(copy)
  }

  deinit { UnsafeMutableRawPointer(mutating: base).deallocate() }

  func text(_ fragment: EventTemplatePiece) -> String {
    let bytes = UnsafeRawBufferPointer(start: base + Int(fragment.offset), count: Int(fragment.count))
    return String(decoding: bytes, as: UTF8.self)
  }
}

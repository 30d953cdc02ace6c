/// How a block is packed, stored or compressed, according to its content.
///
/// This is needed where a block's checksum covers everything except the bit that states the packing. A flipped bit
/// turns stored text into a compressed block, or the reverse, and the checksum still matches. But hardly any block
/// can be read both ways: text is not a valid compressed block, and a compressed block is not text. A writer may
/// compress any block, so a compressed block that is not smaller than its content is as sound as others.
struct BlockPacking {
  var isStored: Bool
  /// Why the block's marking may be wrong, as a message; nil if there is none.
  var uncertainty: String?

  /// - Parameters:
  ///   - stored: the block's bytes, as they are in the file.
  ///   - decompressed: the decompressed bytes; nil if the block cannot be decompressed.
  ///   - followsStored: whether an earlier block of the frame is marked as stored. Such a writer may store many short
  ///     blocks. Some of these can be decompressed by chance, so they are not reported.
  init(isMarkedStored: Bool, stored: UnsafeBytes, decompressed: UnsafeBytes?, followsStored: Bool) {
    guard let decompressed, stored.endsLikeCompressed else {
      isStored = true
      uncertainty = isMarkedStored ? nil : "is marked as compressed but can only be stored; used as stored"
      return
    }
    let marked = isMarkedStored ? stored : decompressed
    let other = isMarkedStored ? decompressed : stored
    isStored = isMarkedStored
    if marked.strangeShare < other.strangeShare { return }
    // Blocks are cut anywhere, so part of a character at either end proves nothing. Neither does an empty text.
    if other.strangeCount == 0, !other.isEmpty, marked.wholeCharacters.strangeCount > 0 {
      isStored = !isMarkedStored
      uncertainty =
        isStored
        ? "is marked as compressed but is stored text; used as stored"
        : "is marked as stored but is compressed text; used as compressed"
    } else if !(isMarkedStored && followsStored) {
      let marking = isMarkedStored ? "stored" : "compressed"
      uncertainty =
        "may be stored or compressed, and nothing tells which; used as \(marking), as it is marked"
    }
  }
}

extension UnsafeBytes {
  /// Whether a compressed block ends as writers end it: the match length of its last token is 0. That length has no
  /// meaning.
  ///
  /// - Precondition: the block can be decompressed.
  fileprivate var endsLikeCompressed: Bool {
    var at = 0
    func length(_ start: Int) -> Int {
      guard start == 15 else { return start }
      var length = start
      repeat {
        length += Int(self[at])
        at += 1
      } while self[at - 1] == 255
      return length
    }
    while true {
      let token = Int(self[at])
      at += 1
      at += length(token >> 4)
      if at == count { return token & 15 == 0 }
      at += 2
      _ = length(token & 15)
    }
  }

  /// Number of bytes that are not UTF-8, or are control characters that JSON text cannot contain.
  fileprivate var strangeCount: Int {
    var parser = Unicode.UTF8.ForwardParser()
    var rest = UnsafeBufferPointer(start: base, count: count).makeIterator()
    var strange = 0
    while true {
      switch parser.parseScalar(from: &rest) {
      case .valid(let character):
        guard character.count == 1, let byte = character.first, byte < 0x20 else { continue }
        strange += byte == 0x0A || byte == 0x0D || byte == 0x09 ? 0 : 1
      case .error(let length): strange += length
      case .emptyInput: return strange
      }
    }
  }

  fileprivate var strangeShare: Double { Double(strangeCount) / Double(max(1, count)) }

  /// The bytes without part of a character at the beginning or the end.
  fileprivate var wholeCharacters: UnsafeBytes {
    let continuations = UInt8(0x80)..<0xC0
    let start = (0..<min(3, count)).first { !continuations.contains(self[$0]) } ?? min(3, count)
    var end = count
    while end > start, count - end < 3, continuations.contains(self[end - 1]) { end -= 1 }
    let isCut = end > start && self[end - 1] >= 0xC0
    return self[start..<(isCut ? end - 1 : count)]
  }
}

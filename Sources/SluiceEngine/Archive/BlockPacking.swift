/// Tells how a block is packed if its checksum covers all but the bit that says so.
///
/// A flipped bit makes stored text of a compressed block, or the reverse, and leaves the checksum right. But
/// hardly a block can be read both ways: text is no compressed block, and a compressed block is no text. A
/// writer may compress any block: one that does not become smaller by it is as sound as the others.
struct BlockPacking {
  var isStored: Bool
  /// What is wrong, or may be wrong, with the block's marking; nil if nothing is.
  var doubt: String?

  /// - Parameters:
  ///   - stored: the block's bytes, as they lie in the file.
  ///   - decompressed: what they decompress to; nil if they cannot be decompressed.
  ///   - followsStored: whether an earlier block of the frame is marked as stored. Such a writer may store many
  ///     short blocks, some of which can be decompressed by chance; they are not in doubt.
  init(isMarkedStored: Bool, stored: UnsafeBytes, decompressed: UnsafeBytes?, followsStored: Bool) {
    guard let decompressed, stored.endsLikeCompressed else {
      isStored = true
      doubt = isMarkedStored ? nil : "is marked as compressed but can only be stored; used as stored"
      return
    }
    let marked = isMarkedStored ? stored : decompressed
    let other = isMarkedStored ? decompressed : stored
    isStored = isMarkedStored
    if marked.strangeShare < other.strangeShare { return }
    // Blocks are cut anywhere: a part of a character at either end does not tell. Nor does an empty text.
    if other.strangeCount == 0, !other.isEmpty, marked.wholeCharacters.strangeCount > 0 {
      isStored = !isMarkedStored
      doubt =
        isStored
        ? "is marked as compressed but is stored text; used as stored"
        : "is marked as stored but is compressed text; used as compressed"
    } else if !(isMarkedStored && followsStored) {
      let marking = isMarkedStored ? "stored" : "compressed"
      doubt = "may be stored or compressed, and nothing tells which; used as \(marking), as it is marked"
    }
  }
}

extension UnsafeBytes {
  /// Whether a compressed block ends as writers end it: its last token has a match length of 0, which means
  /// nothing there.
  ///
  /// - Precondition: it can be decompressed.
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

  /// Bytes that are not UTF-8, and control characters that JSON text cannot hold.
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

  /// Without the rest of a character at the beginning, and the first part of one at the end.
  fileprivate var wholeCharacters: UnsafeBytes {
    let continuations = UInt8(0x80)..<0xC0
    let start = (0..<min(3, count)).first { !continuations.contains(self[$0]) } ?? min(3, count)
    var end = count
    while end > start, count - end < 3, continuations.contains(self[end - 1]) { end -= 1 }
    let isCut = end > start && self[end - 1] >= 0xC0
    return self[start..<(isCut ? end - 1 : count)]
  }
}

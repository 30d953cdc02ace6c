/// Paths as text that maps to their bytes one to one.
///
/// File names are bytes, which need not be UTF-8. A byte outside a valid sequence becomes a private-use character,
/// U+EF80 to U+EFFF by its value, as in MirBSD's OPTU-8. If a name contains such a character itself, each of its three
/// bytes becomes one, so that two names never have the same text.
extension String {
  /// - Parameter bytes: the bytes of a path, without the terminating zero.
  package init(path bytes: [UInt8]) {
    if let text = String(validating: bytes, as: UTF8.self), !text.mayHoldByteCharacters {
      self = text
      return
    }
    var scalars = String.UnicodeScalarView()
    var parser = UTF8.ForwardParser()
    var rest = bytes.makeIterator()
    var next = 0
    parsing: while true {
      let length: Int
      switch parser.parseScalar(from: &rest) {
      case .emptyInput: break parsing
      case .error(let invalid): length = invalid
      case .valid(let sequence):
        let scalar = UTF8.decode(sequence)
        length = UTF8.width(scalar)
        if scalar.pathByte == nil {
          scalars.append(scalar)
          next += length
          continue parsing
        }
      }
      scalars.append(contentsOf: bytes[next..<next + length].map(Unicode.Scalar.init(pathByte:)))
      next += length
    }
    self = String(scalars)
  }

  /// The bytes of the path.
  package var pathBytes: [UInt8] {
    guard mayHoldByteCharacters else { return Array(utf8) }
    return unicodeScalars.flatMap { scalar in scalar.pathByte.map { [$0] } ?? Array(scalar.utf8) }
  }

  /// The bytes with the terminating zero, for system calls.
  package var cPath: [CChar] { pathBytes.map { CChar(bitPattern: $0) } + [0] }

  /// Almost no text contains the first UTF-8 byte of these characters.
  private var mayHoldByteCharacters: Bool { utf8.contains(0xEE) }
}

extension Unicode.Scalar {
  fileprivate init(pathByte: UInt8) {
    self = Unicode.Scalar(0xEF00 + UInt16(pathByte)) ?? "\u{FFFD}"  // None of these is a surrogate.
  }

  fileprivate var pathByte: UInt8? { (0xEF80...0xEFFF).contains(value) ? UInt8(value - 0xEF00) : nil }
}

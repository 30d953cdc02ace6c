import ArgumentParser

/// A number of bytes as people write it: `4096`, `64K`, `16M`, `1.5G`, `1T`, `1P`. `KiB` and `KB` both mean 1,024
/// bytes.
struct ByteCount: ExpressibleByArgument {
  let bytes: Int

  init(_ bytes: Int) { self.bytes = bytes }

  init?(argument: String) {
    let letters = argument.drop { $0.isNumber || $0 == "." }
    guard let shift = Self.shifts[letters.lowercased()],
      let number = Double(argument.dropLast(letters.count)), number >= 0,
      case let bytes = number * Double(1 << shift), bytes < 0x1p62
    else { return nil }
    self.bytes = Int(bytes)
  }

  var defaultValueDescription: String {
    let unit = Self.units.last { bytes >= 1 << $0.shift && bytes & (1 << $0.shift - 1) == 0 }
    return unit.map { "\(bytes >> $0.shift)\($0.letter)" } ?? "\(bytes)"
  }

  private static let units = [("K", 10), ("M", 20), ("G", 30), ("T", 40), ("P", 50)].map {
    (letter: $0.0, shift: $0.1)
  }

  /// The shifts by lower-case unit suffix.
  private static let shifts = units.reduce(into: ["": 0, "b": 0]) { shifts, unit in
    for ending in ["", "b", "ib"] { shifts[unit.letter.lowercased() + ending] = unit.shift }
  }
}

import SluiceRecords

/// The number of terminal columns that text takes.
///
/// It is counted by code point, as terminals do. Wide characters of Unicode 16 (East Asian Width W and F) take two
/// columns, combining characters take none, and all others take one. Invisible characters never occur here, see
/// ``SafeText``.
enum TextWidth {
  static func of(_ text: String) -> Int { text.unicodeScalars.reduce(0) { $0 + of($1) } }

  static func of(_ scalar: Unicode.Scalar) -> Int {
    if scalar.isASCII { return 1 }
    if isCombining(scalar) { return 0 }
    return isWide(scalar) ? 2 : 1
  }

  private static func isCombining(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    // Hangul vowels and final consonants, which join the consonant before them.
    case 0x1160...0x11FF, 0xD7B0...0xD7FF: true
    default:
      switch scalar.properties.generalCategory {
      case .nonspacingMark, .enclosingMark: true
      default: false
      }
    }
  }

  private static func isWide(_ scalar: Unicode.Scalar) -> Bool {
    // Characters with emoji presentation are wide and lie in many small ranges.
    if scalar.properties.isEmojiPresentation, !(0x1F1E6...0x1F1FF).contains(scalar.value) { return true }
    return switch scalar.value {
    case 0x1100...0x115F, 0x2329...0x232A, 0x2630...0x2637, 0x268A...0x268F, 0x2E80...0x303E, 0x3041...0x3247,
      0x3250...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F,
      0xFF01...0xFF60,
      0xFFE0...0xFFE6, 0x16FE0...0x18D7F, 0x1AFF0...0x1B2FF, 0x1D300...0x1D356, 0x1D360...0x1D376,
      0x1F200...0x1F265, 0x20000...0x2FFFD, 0x30000...0x3FFFD:
      true
    default: false
    }
  }
}

extension SafeText {
  var width: Int { TextWidth.of(description) }

  /// The text without spaces at its end.
  var trimmed: SafeText {
    var text = description[...]
    while text.last == " " { text.removeLast() }
    return SafeText(stringLiteral: String(text))
  }

  /// Returns the text cut to a number of columns, with an ellipsis if anything was cut.
  func cut(to width: Int) -> SafeText {
    if self.width <= width { return self }
    if width <= 0 { return "" }
    var kept = String.UnicodeScalarView()
    var columns = 0
    for scalar in description.unicodeScalars {
      columns += TextWidth.of(scalar)
      if columns > width - 1 { break }
      kept.append(scalar)
    }
    return SafeText(stringLiteral: String(kept) + "…")
  }
}

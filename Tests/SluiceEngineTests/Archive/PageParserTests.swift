import SluiceTestSupport
import Testing

@testable import SluiceEngine

/// The page parser against an oracle that counts brackets over the whole text, in every form of the same events.
@Suite struct PageParserTests {
  /// Returns the outermost objects of a sound text, read character by character, whatever array contains them.
  private func objects(_ text: [UInt8]) -> [[UInt8]] {
    var found: [[UInt8]] = []
    var depth = 0
    var start = 0
    var isInString = false
    var isEscaped = false
    for (at, byte) in text.enumerated() {
      if isEscaped {
        isEscaped = false
      } else if isInString, byte == UInt8(ascii: "\\") {
        isEscaped = true
      } else if byte == UInt8(ascii: "\"") {
        isInString.toggle()
      } else if !isInString, byte == UInt8(ascii: "{") {
        if depth == 0 { start = at }
        depth += 1
      } else if !isInString, byte == UInt8(ascii: "}") {
        depth -= 1
        if depth == 0 { found.append(Array(text[start...at])) }
      }
    }
    return found
  }

  @Test(arguments: PageForm.all) func theSplitterFindsTheObjectsOfEveryPageForm(form: PageForm) {
    for seed: UInt64 in 20...24 {
      // Two or more events, so that none is a page on one line.
      let events = Array(RandomCorpus(seed: seed).lines.prefix(40))
      if events.count < 2 { continue }
      let text = form.write(events)
      var splitter = PageParser(recordBytesMax: 1 << 20)
      for line in text.split(separator: UInt8(ascii: "\n")) {
        withBytes(Array(line)) { line in
          if !line.isBlank { splitter.line(line) { Position(fileOffset: $0, offsetInBlock: 0) } }
        }
      }
      splitter.end()
      let found = splitter.take().lines
      #expect(found.allSatisfy { $0.error == nil })
      // Blank lines are no part of a record.
      let expected = objects(text).map { object in
        Array(
          object.split(separator: UInt8(ascii: "\n")).filter { !$0.allSatisfy { $0 == 0x20 } }
            .joined(separator: [UInt8(ascii: "\n")]))
      }
      let records = found.map { line in
        line.bytes.last == UInt8(ascii: "\r") ? line.bytes.dropLast() : line.bytes[...]
      }
      #expect(records.map(Array.init) == expected, "seed \(seed)")
      #expect(found.map(\.count) == found.map(\.bytes.count))
    }
  }
}

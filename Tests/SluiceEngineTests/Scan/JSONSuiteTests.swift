import Foundation
import SluiceTestSupport
import Testing

@testable import SluiceEngine

func walks(_ line: [UInt8]) -> Bool {
  var walker = JSONWalker(trie: ShapeTries.all.raw)
  return withBytes(line) { (try? walker.walk($0)) != nil }
}

/// JSONTestSuite: texts that every parser must accept, texts that none may accept, and the choices of this parser.
@Suite(.enabled(if: SharedData.isPresent)) struct JSONSuiteTests {
  /// Returns the file's text as a value that no rule uses and as one that a rule uses, as object and as string.
  private func embedded(_ name: String) throws -> [[UInt8]] {
    let text = try SharedData.bytes("json-test-suite/" + name)
    let places: [String] = [
      #"{"x": "#, #"{"actor":"#, #"{"outcome":{"reason":"#, #"{"request":{"ipChain":["#,
    ]
    return places.map { open in
      let close = open.reversed().map { $0 == "{" ? "}" : $0 == "[" ? "]" : "" }.joined()
      return Array(open.utf8) + text + Array(close.utf8)
    }
  }

  @Test func theSuiteIsComplete() {
    #expect(SharedData.jsonTestSuite("y").count == 95)
    #expect(SharedData.jsonTestSuite("n").count == 188)
    #expect(SharedData.jsonTestSuite("i").count == 35)
  }

  @Test func validTextsAreTaken() throws {
    for name in SharedData.jsonTestSuite("y") {
      for line in try embedded(name) { #expect(walks(line), "\(name)") }
    }
  }

  @Test func invalidTextsAreRefused() throws {
    for name in SharedData.jsonTestSuite("n") {
      let isNothing = try SharedData.bytes("json-test-suite/" + name).allSatisfy { $0 == 0x20 }
      // An empty text between brackets is an empty array.
      for line in try embedded(name) where !(isNothing && line.contains(UInt8(ascii: "["))) {
        #expect(!walks(line), "\(name)")
      }
      #expect(!walks(try SharedData.bytes("json-test-suite/" + name)), "\(name), at the top")
    }
  }

  /// Lone surrogates are kept, numbers may have any size, and nesting may be deep. Invalid UTF-8 is rejected.
  @Test func undecidedTextsAreTakenIfTheyAreUTF8() throws {
    for name in SharedData.jsonTestSuite("i") {
      let text = try SharedData.bytes("json-test-suite/" + name)
      let isUTF8 = String(validating: text, as: UTF8.self) != nil
      let hasMark = text.starts(with: [0xEF, 0xBB, 0xBF])
      for line in try embedded(name) { #expect(walks(line) == (isUTF8 && !hasMark), "\(name)") }
    }
  }
}

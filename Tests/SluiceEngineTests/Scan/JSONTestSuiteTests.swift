import SluiceTestSupport
import Testing

@testable import SluiceEngine

/// JSONTestSuite: texts that every parser must accept, texts that none may accept, and the choices of this parser.
@Suite(.enabled(if: JSONTestSuite.isGiven, "SLUICE_JSON_TEST_SUITE names no folder"))
struct JSONTestSuiteTests {
  private func embedded(_ name: String) throws -> [[UInt8]] {
    SluiceEngineTests.embedded(try JSONTestSuite.bytes(name))
  }

  @Test func theSuiteIsComplete() {
    #expect(JSONTestSuite.names("y").count == 95)
    #expect(JSONTestSuite.names("n").count == 188)
    #expect(JSONTestSuite.names("i").count == 35)
  }

  @Test func validTextsAreTaken() throws {
    for name in JSONTestSuite.names("y") {
      for line in try embedded(name) { #expect(walks(line), "\(name)") }
    }
  }

  @Test func invalidTextsAreRefused() throws {
    for name in JSONTestSuite.names("n") {
      let isNothing = try JSONTestSuite.bytes(name).allSatisfy { $0 == 0x20 }
      // An empty text between brackets is an empty array.
      for line in try embedded(name) where !(isNothing && line.contains(UInt8(ascii: "["))) {
        #expect(!walks(line), "\(name)")
      }
      #expect(!walks(try JSONTestSuite.bytes(name)), "\(name), at the top")
    }
  }

  /// Lone surrogates are kept, numbers may have any size, and nesting may be deep. Invalid UTF-8 is rejected.
  @Test func undecidedTextsAreTakenIfTheyAreUTF8() throws {
    for name in JSONTestSuite.names("i") {
      let text = try JSONTestSuite.bytes(name)
      let isUTF8 = String(validating: text, as: UTF8.self) != nil
      let hasMark = text.starts(with: [0xEF, 0xBB, 0xBF])
      for line in try embedded(name) { #expect(walks(line) == (isUTF8 && !hasMark), "\(name)") }
    }
  }
}

import Testing

@testable import SluiceEngine

/// The values of a range: exact, and within bounds.
@Suite struct ThresholdRangeTests {
  private func texts(_ range: String) throws -> [String] {
    let range = try ThresholdRange(range[...])
    return (0..<range.count).map { range.text($0) }
  }

  @Test(arguments: [
    ("10..13", ["10", "11", "12", "13"]), ("5..5", ["5"]), (" 1 .. 4  step 2 ", ["1", "3"]),
    ("1..5 step 2", ["1", "3", "5"]), ("-2..1", ["-2", "-1", "0", "1"]),
    ("0..1 step 0.25", ["0.00", "0.25", "0.50", "0.75", "1.00"]),
    ("0.5..0.9 step 0.1", ["0.5", "0.6", "0.7", "0.8", "0.9"]),
    ("-0.1..0.1 step 0.1", ["-0.1", "0.0", "0.1"]),
    ("0.05..0.1 step 0.02", ["0.05", "0.07", "0.09"]), ("007..8", ["7", "8"]),
    ("999999999999999..1000000000000000", ["999999999999999", "1000000000000000"]),
    ("0.00000000000001..0.00000000000002 step 0.00000000000001", ["0.00000000000001", "0.00000000000002"]),
  ])
  func aRangeListsItsValues(range: String, expected: [String]) throws {
    #expect(try texts(range) == expected)
    #expect(try ThresholdRange(range[...]).values == expected.map { try #require(Double($0)) })
  }

  /// Adding 0.1 ten times does not give exactly 1.
  @Test func stepsAddUpExactly() throws {
    #expect(try texts("0..100 step 0.1").last == "100.0")
    #expect(try ThresholdRange("0..100 step 0.1").values[3] == 0.3)
  }

  @Test(arguments: [
    ("", "is no range"), ("10", "is no range"), ("10..", "is no range"), ("a..b", "is no range"),
    ("1...2", "is no range"), ("1..2..3", "is no range"), ("1e3..2e3", "is no range"),
    (".5..1", "is no range"),
    ("1..2 by 1", "is no range"), ("1..2step 1", "is no range"), ("1..2 step -1", "is no range"),
    ("3..2", "is empty"), ("0.5..0.9", "needs a step"), ("1..2 step 0", "more than 0"),
    ("1..2 step 0.0", "more than 0"),
    ("0..10000", "more than 10000 values"), ("0..1 step 0.0000001", "more than 10000 values"),
    ("0..1000000000000001", "fifteen digits"), ("0..99999999999999999999999", "fifteen digits"),
    ("0..1 step 0.0000000000000001", "fifteen digits"), ("0..100 step 0.00000000000001", "fifteen digits"),
    ("\u{661}..\u{665}", "is no range"),
  ])
  func malformedRangesAreExplained(range: String, says: String) {
    #expect { try ThresholdRange(range[...]) } throws: { "\($0)".contains(says) }
  }

  @Test func tenThousandValuesAreAllowed() throws {
    #expect(try texts("1..10000").count == 10_000)
    #expect(try texts("0..10000 step 5").count == 2001)
  }
}

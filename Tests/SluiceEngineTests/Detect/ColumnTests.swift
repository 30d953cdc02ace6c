import SluiceRecords
import SluiceTestSupport
import Testing

@testable import SluiceEngine

/// Columns of a window. Each is evaluated once, however many others use it.
@Suite struct ColumnTests {
  private func detections(columns: [String], condition: String, groups: String? = nil) throws -> [Detection] {
    let rule = try RuleText([
      ("window", "{length: 1h}"), ("groups", groups), ("columns", "{\(columns.joined(separator: ", "))}"),
      ("condition", condition),
    ]).rule()
    let lines = (0..<6).map { number in
      var event = EventBuilder(
        eventType: "user.account.lock", at: EventTime(milliseconds: 1_767_607_200_000 + Int64(number) * 1000))
      event.uuid = .string("\(number)")
      event.asNumber = number == 5 ? .null : .number("\(number * 10)")
      event.user = .string("user\(number / 2)")
      return event.line
    }
    return scanned(lines.joinedLines(), named: "a.json") { $0.rules = [rule] }.detections
  }

  /// Each column is twice the one before. Evaluated anew for each use, the last would take 2^59 evaluations.
  @Test func sixtyChainedColumnsAreEvaluated() throws {
    let columns = ["a0: count()"] + (1..<60).map { "a\($0): a\($0 - 1) + a\($0 - 1)" }
    let found = try detections(columns: columns, condition: "a59 >= 1")
    #expect(found.count == 1)
    #expect(found[0][column: "a1"] == .integer(12))
    #expect(found[0][column: "a40"] == .integer(6 << 40))
    #expect(found[0][column: "a59"] == .double(6 * 0x1p59))
  }

  @Test func sixtyChainedColumnsOfInnerGroupsAreEvaluated() throws {
    let columns = ["a0: count()"] + (1..<60).map { "a\($0): a\($0 - 1) + a\($0 - 1)" }
    let found = try detections(
      columns: ["n: sum(a0)", "most: max(a59)"], condition: "most >= 1",
      groups: "{by: [actor.alternateId], columns: {\(columns.joined(separator: ", "))}}")
    #expect(found.map { $0[column: "n"] } == [.integer(6)])
    #expect(found.map { $0[column: "most"] } == [.double(2 * 0x1p59)])
  }

  /// Statistics of one field, and lists and numbers of its values, agree on the same events.
  @Test func columnsOfOneFieldAgreeWithEachOther() throws {
    let found = try detections(
      columns: [
        "least: min(securityContext.asNumber)", "most: max(securityContext.asNumber)",
        "sum: sum(securityContext.asNumber)", "mean: avg(securityContext.asNumber)",
        "all: values(securityContext.asNumber)", "some: distinct(securityContext.asNumber)",
        "filled: 'distinct(securityContext.asNumber, \"none\")'",
      ], condition: "some >= 1")
    let detection = try #require(found.first)
    #expect(detection[column: "least"] == .integer(0))
    #expect(detection[column: "most"] == .integer(40))
    #expect(detection[column: "sum"] == .integer(100))
    #expect(detection[column: "mean"] == .double(20))
    #expect(detection[column: "all"] == .list([0, 10, 20, 30, 40].map { .integer($0) }))
    #expect(detection[column: "some"] == .integer(5))
    #expect(detection[column: "filled"] == .integer(6))
  }

  /// Values of one window are not kept for the next.
  @Test func eachWindowHasItsOwnColumns() throws {
    let rule = try RuleText([
      ("window", "{length: 5m}"), ("groups", nil),
      (
        "columns",
        "{n: count(), twice: n + n, most: max(securityContext.asNumber), users: distinct(actor.alternateId)}"
      ),
      ("condition", "twice >= 2"),
    ]).rule()
    let lines = (0..<6).map { number in
      // One event in the first window, two in the second, three in the third.
      let window = [0, 1, 1, 2, 2, 2][number]
      var event = EventBuilder(
        eventType: "user.account.lock",
        at: EventTime(milliseconds: 1_767_607_200_000 + Int64(window) * 300_000 + Int64(number)))
      event.uuid = .string("\(number)")
      event.asNumber = .number("\(number)")
      event.user = .string("user\(number)")
      return event.line
    }
    let found = scanned(lines.joinedLines(), named: "a.json") { $0.rules = [rule] }.detections
    #expect(found.map { $0[column: "twice"] } == [.integer(2), .integer(4), .integer(6)])
    #expect(found.map { $0[column: "most"] } == [.integer(0), .integer(2), .integer(5)])
    #expect(found.map { $0[column: "users"] } == [.integer(1), .integer(2), .integer(3)])
  }
}

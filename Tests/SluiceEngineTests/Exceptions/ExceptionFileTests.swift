@testable import SluiceEngine
import SluiceRecords
@testable import SluiceRules
import Testing

/// The section `exceptions:` of a rules file. Errors are reported with line and column.
@Suite struct ExceptionFileTests {
  private func read(_ exceptions: String) -> (book: Rulebook?, diagnostics: [RuleDiagnostic]) {
    Rulebook.reading(Array("exceptions:\n\(exceptions)\n".utf8), file: "f.yaml")
  }

  /// Reads one exception with the given fields, followed by an owner and a reason.
  private func read(fields: String) -> (book: Rulebook?, diagnostics: [RuleDiagnostic]) {
    read("  - {\(fields), owner: o, reason: r}")
  }

  @Test func everyKeyIsRead() throws {
    let text = """
        - id: office.1
          rules: [okta-credential-stuffing, okta-password-spray]
          cidr: [192.0.2.0/24, 2001:db8::1]
          asn: [64500, 0]
          user: ['svc-*', "a?"]
          from: 2026-01-01
          to: 2026-01-02T03:04:05.678+01:00
          owner: Net team
          reason: "Office: egress"
          expires: 2026-06-30
        - {rule: okta-accounts-locked-out, owner: o, reason: r}
      """
    let exceptions = try #require(read(text).book?.exceptions, "\(read(text).diagnostics)")
    #expect(exceptions.map(\.id) == ["office.1", "exception-2"])
    #expect(exceptions.map(\.owner) == ["Net team", "o"])
    #expect(exceptions.map(\.reason) == ["Office: egress", "r"])
    #expect(exceptions.map(\.expires) == [EventTime(milliseconds: 1_782_777_600_000), nil])
    #expect(
      exceptions[0].criteria == [
        "rule okta-credential-stuffing, okta-password-spray", "IP 192.0.2.0/24, 2001:db8::1", "AS 0, 64500",
        "user svc-*, a?", "from 2026-01-01T00:00:00.000Z", "to 2026-01-02T02:04:05.678Z",
      ])
    #expect(exceptions[1].criteria == ["rule okta-accounts-locked-out"])
    #expect(read(text).diagnostics.isEmpty)
  }

  @Test func aCriterionTakesOneValueOrAList() throws {
    for (one, list) in [
      ("ip: 192.0.2.1", "cidr: [192.0.2.1/32]"), ("asn: 7", "asn: [7]"), ("user: a", "user: ['a']"),
      ("rule: okta-password-spray", "rules: [okta-password-spray]"),
    ] {
      let criteria = [one, list].map { read(fields: $0).book?.exceptions[0].criteria }
      #expect(criteria[0] != nil, "\(one)")
      #expect(criteria[0] == criteria[1], "\(one)")
    }
  }

  @Test func aFileMayHoldNoException() throws {
    for text in ["exceptions:", "exceptions: []", "exceptions: ~", "rules: []"] {
      let (book, diagnostics) = Rulebook.reading(Array(text.utf8), file: "f.yaml")
      #expect(book?.exceptions.isEmpty == true, "\(text): \(diagnostics)")
      #expect(diagnostics.isEmpty, "\(text): \(diagnostics)")
    }
    #expect(Rulebook.builtIn.exceptions.isEmpty)
    #expect(read(fields: "asn: 1, expires: ~").book?.exceptions[0].expires == nil)
  }

  /// Rules may be new, disabled, or defined after the exceptions.
  @Test func exceptionsMayNameRulesOfTheSameFile() {
    let rules = RuleText().text
    let exceptions = "exceptions:\n  - {rules: [test-rule, okta-password-spray], owner: o, reason: r}\n"
    for text in [exceptions + rules, rules + exceptions] {
      let (book, diagnostics) = Rulebook.reading(Array(text.utf8), file: "f.yaml")
      #expect(book?.exceptions.count == 1, "\(diagnostics)")
    }
    // A rule with an error still counts as defined.
    let invalid = exceptions + RuleText([("condition", "x")]).text
    let diagnostics = Rulebook.reading(Array(invalid.utf8), file: "f.yaml").diagnostics
    #expect(!diagnostics.isEmpty, "\(diagnostics)")
    #expect(diagnostics.allSatisfy { $0.line > 2 }, "\(diagnostics)")
  }

  /// The exception is on line 2, and its fields begin in column 6.
  @Test(
    arguments: [
      ("ip: 192.0.2", 10, "no IP address"), ("cidr: 192.0.2.1/24", 12, "the network is 192.0.2.0/24"),
      ("cidr: 2001:db8::1/32", 12, "the network is 2001:db8::/32"),
      ("cidr: 192.0.2.0/33", 12, "from 0 to 32"),
      ("cidr: '::/129'", 12, "from 0 to 128"), ("ip: [192.0.2.1, x]", 22, "no IP address"),
      ("ip: 192.0.2.1, cidr: 192.0.2.0/24", 27, "one criterion"), ("ip: []", 10, "matches nothing"),
      ("ip: {a: b}", 10, "not a mapping"), ("ip: ~", 10, "not nothing"),
      ("ip: [[192.0.2.1]]", 11, "not a list"),
      ("asn: x", 11, "an AS number"), ("asn: AS64500", 11, "leave out the letters: 64500"),
      ("asn: [1, as7]", 15, "leave out the letters: 7"), ("asn: ASx", 11, "to 4294967295"),
      ("asn: -1", 11, "an AS number"),
      ("asn: 4294967296", 11, "an AS number"), ("asn: '7'", 11, "an AS number"),
      ("asn: 0x7", 11, "an AS number"),
      ("asn: []", 11, "matches nothing"), ("user: ''", 12, "matches no user"),
      ("user: [a, '']", 16, "matches no user"),
      ("user: ~", 12, "not nothing"), ("user: []", 12, "matches nothing"),
      ("rule: okta-credential-stufing", 12, "did you mean 'okta-credential-stuffing'?"),
      (
        "rules: [okta-password-spray, x]", 35,
        "there is no rule 'x'; the rules are okta-accounts-locked-out, "
      ), ("rules: []", 13, "matches nothing"),
      ("rule: okta-password-spray, rules: [okta-password-spray]", 40, "one criterion"),
      ("from: yesterday", 12, "a time such as"), ("from: 2026-02-30", 12, "a time such as"),
      ("to: ~", 10, "a time such as"),
      ("from: 2026-01-02, to: 2026-01-01", 28, "later than 'from'"),
      ("from: 2026-01-02, to: 2026-01-02", 28, "later than 'from'"),
      ("asn: 1, expires: soon", 23, "a time such as"), ("asn: 1, id: a b", 18, "an id is made of"),
      ("asn: 1, id: ''", 18, "an empty text"), ("asn: 1, usr: x", 14, "did you mean 'user'?"),
      ("expires: 2026-01-01", 5, "would hide everything"),
    ] as [(String, Int, String)])
  func anInvalidCriterionIsNamedAtItsColumn(fields: String, column: Int, says: String) {
    let (book, diagnostics) = read(fields: fields)
    #expect(book == nil)
    #expect(
      diagnostics.contains {
        $0.line == 2 && $0.column == column && !$0.isWarning && $0.message.contains(says)
      },
      "\(diagnostics)")
    #expect(diagnostics.count == 1, "\(diagnostics)")
  }

  @Test(arguments: [
    ("  - {asn: 1, reason: r}", 2, 5, "no 'owner'"), ("  - {asn: 1, owner: o}", 2, 5, "no 'reason'"),
    ("  - {asn: 1, owner: '', reason: r}", 2, 21, "an empty text"),
    ("  - {asn: 1, owner: o, reason: \" \\t\"}", 2, 32, "an empty text"),
    ("  - {asn: 1, owner: ~, reason: r}", 2, 21, "not nothing"),
    ("  - {asn: 1, owner: [a], reason: r}", 2, 21, "not a list"),
    ("  x", 2, 3, "a list of exceptions"), ("  - x", 2, 5, "an exception is a mapping"),
    (
      "  - {asn: 1, owner: o, reason: r, id: x}\n  - {asn: 1, owner: o, reason: r, id: x}", 3, 39,
      "have the id 'x'"
    ),
    (
      "  - {asn: 1, owner: o, reason: r, id: exception-2}\n  - {asn: 1, owner: o, reason: r}", 3, 5,
      "exception-2"
    ),
  ])
  func anInvalidExceptionIsNamedAtItsLocation(text: String, line: Int, column: Int, says: String) {
    let (book, diagnostics) = read(text)
    #expect(book == nil)
    #expect(diagnostics.map(\.line) == [line], "\(diagnostics)")
    #expect(diagnostics.map(\.column) == [column], "\(diagnostics)")
    #expect(diagnostics.first?.message.contains(says) == true, "\(diagnostics)")
  }

  @Test func everyErrorIsNamed() {
    let (_, diagnostics) = read("  - {ip: x, asn: y, user: '', from: z, expires: w, rule: v, foo: 1}")
    #expect(diagnostics.count == 9, "\(diagnostics.map(\.message))")
    #expect(diagnostics.map(\.column) == diagnostics.map(\.column).sorted())
  }

  @Test(arguments: [
    ("cidr: 0.0.0.0/0", 12, "every IPv4 address"), ("cidr: '::/0'", 12, "every address"),
    ("cidr: '::ffff:0:0/96'", 12, "every IPv4 address"), ("user: '*'", 12, "every user"),
    ("user: [a, '**']", 16, "every user"),
    ("from: 2026-01-02, expires: 2026-01-02", 33, "expires before it begins"),
  ])
  func exceptionsThatCoverAllOrNothingAreWarnedOf(fields: String, column: Int, says: String) {
    let (book, diagnostics) = read(fields: fields)
    #expect(book?.exceptions.count == 1)
    #expect(diagnostics.map(\.isWarning) == [true], "\(diagnostics)")
    #expect(diagnostics.map(\.column) == [column], "\(diagnostics)")
    #expect(diagnostics.first?.message.contains(says) == true, "\(diagnostics)")
  }

  @Test(arguments: ["cidr: 0.0.0.0/1", "cidr: '2000::/3'", "user: '*@*'", "user: '?*'", "asn: 0"])
  func broadExceptionsGiveNoWarning(fields: String) { #expect(read(fields: fields).diagnostics.isEmpty) }
}

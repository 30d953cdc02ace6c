import SluiceRecords

/// The cases on the values of an event and on the spelling of its line.
let finePrintOfText: [PublishedCase] = riskRows + listRows + spellingRows + brokenRows

private func stuffing(_ change: (inout EventBuilder) -> Void) -> [EventBuilder] {
  failures(users(25)).changed(change)
}

private let riskRows: [PublishedCase] = [
  PublishedCase(
    "logOnlySecurityData with a risk object: taken as a whole", .credentialStuffing, gives: 1,
    stuffing {
      $0.logOnlySecurityData = #"{"risk":{"level":"LOW"}}"#
      $0.risk = "{reasons=Anomalous Device, level=HIGH}"
    },
    check: columns(
      column("Esql.risk_level_values", is: texts("LOW")), column("Esql.risk_reasons_values", is: .null))),
  PublishedCase(
    "logOnlySecurityData without a risk object: debugData.risk is asked", .credentialStuffing, gives: 1,
    stuffing {
      $0.logOnlySecurityData = #"{"behaviors":{"New IP":"NEGATIVE"}}"#
      $0.risk = "{reasons=Anomalous Device, New IP, level=HIGH}"
    },
    check: columns(
      column("Esql.risk_level_values", is: texts("HIGH")),
      column("Esql.risk_reasons_values", is: texts("Anomalous Device", "New IP")))),
  PublishedCase(
    "debugData.risk, either order", .credentialStuffing, gives: 1,
    stuffing { $0.risk = "{level=HIGH, reasons=Anomalous Device, New IP}" },
    check: columns(
      column("Esql.risk_level_values", is: texts("HIGH")),
      column("Esql.risk_reasons_values", is: texts("Anomalous Device", "New IP")))),
]

private let listRows: [PublishedCase] = [
  PublishedCase(
    "comma lists: trimmed of blanks and tabs, empty parts dropped — outcome.reason",
    .threatInsightUnknownUsers,
    gives: 1, [threat(at: clock(10), reason: ",Password Spray ,,\t \(unknownUsersPhrase)\t, ,")],
    check: column("reasons", is: texts(unknownUsersPhrase, "Password Spray"))),
  PublishedCase(
    "comma lists: trimmed of blanks and tabs, empty parts dropped — only a whole element counts",
    .threatInsightUnknownUsers, gives: 0,
    [threat(at: clock(10), reason: "\(unknownUsersPhrase) today, Password Spray")]),
  PublishedCase(
    "comma lists: trimmed of blanks and tabs, empty parts dropped — risk reasons", .credentialStuffing,
    gives: 1,
    stuffing { $0.logOnlySecurityData = #"{"risk":{"reasons":" New IP,,\tNew City ,","level":""}}"# },
    check: columns(
      column("Esql.risk_reasons_values", is: texts("New City", "New IP")),
      column("Esql.risk_level_values", is: .null))),
  PublishedCase(
    "empty value lists: null", .credentialStuffing, gives: 1,
    stuffing {
      ($0.userAgent, $0.device, $0.country, $0.city) = (.null, nil, "", .null)
      ($0.asNumber, $0.asOrg, $0.isProxy, $0.threatSuspected) = (.null, nil, .null, nil)
    },
    check: columns(
      column("Esql.user_agent_values", is: .null), column("Esql.device_values", is: .null),
      column("Esql.geo_country_values", is: .null), column("Esql.geo_city_values", is: .null),
      column("Esql.source_asn_values", is: .null), column("Esql.source_asn_org_values", is: .null),
      column("Esql.is_proxy_values", is: .null), column("Esql.threat_suspected_values", is: .null),
      column("Esql.risk_level_values", is: .null), column("Esql.risk_reasons_values", is: .null))),
  PublishedCase(
    "JSON true for threatSuspected in value lists: the string true", .credentialStuffing, gives: 1,
    stuffing { $0.threatSuspected = true }, check: column("Esql.threat_suspected_values", is: texts("true"))),
  PublishedCase(
    "threatSuspected: true for the string in any case, and for JSON true", .threatInsightUnknownUsers,
    gives: 1,
    (["TRUE", "True", true, "false", false, .null, "yes", ""] as [JSONTree]).map {
      var event = threat(at: clock(10))
      event.threatSuspected = $0
      return event
    }, check: column("event_count", is: .integer(3))),
]

private let spellingRows: [PublishedCase] = [
  PublishedCase(
    "white-space-only line: blank", .accountsLockedOut, gives: 1,
    [[], Array(" \t ".utf8)] + locks(6).map(\.line) + [[]]),
  PublishedCase(
    "byte order mark: skipped at the start of a file", .accountsLockedOut, gives: 1,
    locks(6).enumerated().map { ($0 == 0 ? [0xEF, 0xBB, 0xBF] : []) + $1.line }),
  PublishedCase(
    "CRLF: white space", .accountsLockedOut, gives: 1, locks(6).map { $0.line + [0x0D] } + [[0x0D]]),
  PublishedCase(
    "a lone surrogate escape is kept as that escape", .credentialStuffing, gives: 1,
    stuffing { $0.userAgent = .verbatim(#""a\ud800b""#) },
    check: holds("the record holds the escape") {
      $0.first.map {
        String(decoding: $0.ndjson, as: UTF8.self).contains(#""Esql.user_agent_values":["a\ud800b"]"#)
      }
        ?? false
    }),
  PublishedCase(
    "one key twice in an object: the last one counts", .accountsLockedOut, gives: 0,
    locks(6).map { event in
      Array(#"{"eventType":"user.account.lock","#.utf8) + event.line.dropFirst().dropLast()
        + Array(#","eventType":"user.session.end"}"#.utf8)
    }),
  PublishedCase(
    "one key twice in an object: the last one counts — as a whole", .credentialStuffing, gives: 0,
    failures(users(25)).map { $0.line.dropLast() + Array(#","actor":{"id":"00u9","type":"User"}}"#.utf8) }),
]

/// Returns a case of 25 failed sign-ins with one broken line, which count as 24.
private func broken(_ name: String, _ change: ([UInt8]) -> [UInt8]) -> PublishedCase {
  var lines = failures(users(25)).map(\.line)
  lines[7] = change(lines[7])
  return PublishedCase(
    "candidate that is cut, unbalanced, … is rejected — \(name)", .credentialStuffing, gives: 0, lines)
}

/// Inserts a member before all others, so that the rest of the line still looks like an event.
private func withMember(_ text: String) -> ([UInt8]) -> [UInt8] {
  { Array("{".utf8) + Array(text.utf8) + Array(",".utf8) + $0.dropFirst() }
}

private let brokenRows: [PublishedCase] = [
  broken("cut") { $0.dropLast(20) },
  broken("cut by one byte") { $0.dropLast() },
  broken("one bracket too many") { $0 + Array("}".utf8) },
  broken("bracket of the other kind") { $0.dropLast() + Array("]".utf8) },
  broken("bytes behind the event") { $0 + Array(" x".utf8) },
  broken("number with a leading zero", withMember(#""a":01"#)),
  broken("number without digits", withMember(#""a":-"#)),
  broken("number with a bare point", withMember(#""a":1."#)),
  broken("number with a plus", withMember(#""a":+1"#)),
  broken("number with a bare exponent", withMember(#""a":1e"#)),
  broken("literal", withMember(#""a":nul"#)),
  broken("literal in capitals", withMember(#""a":True"#)),
  broken("escape", withMember(#""a":"\x41""#)),
  broken("short escape", withMember(#""a":"\u00g0""#)),
  broken("control character", withMember("\"a\":\"\u{1}\"")),
  broken("tab in a string", withMember("\"a\":\"\t\"")),
  broken("missing comma", withMember(#""a":1 "b":2"#)),
  broken("comma before a bracket", withMember(#""a":[1,]"#)),
  broken("key without quotes", withMember(#"a:1"#)),
  broken("invalid UTF-8") { Array(#"{"a":""#.utf8) + [0xC3, 0x28] + Array(#"","#.utf8) + $0.dropFirst() },
  broken("overlong UTF-8") { Array(#"{"a":""#.utf8) + [0xC0, 0xAF] + Array(#"","#.utf8) + $0.dropFirst() },
  broken("surrogate in UTF-8") {
    Array(#"{"a":""#.utf8) + [0xED, 0xA0, 0x80] + Array(#"","#.utf8) + $0.dropFirst()
  },
]

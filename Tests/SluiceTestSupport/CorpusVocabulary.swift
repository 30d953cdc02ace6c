/// One client address, or none, in spellings that must be read as the same.
struct Source: Sendable {
  var spellings: [JSONTree?]
}

let v4Source = Source(spellings: ["192.0.2.1", "192.0.2.1", "::ffff:192.0.2.1", "::FFFF:c000:0201"])
let v6Source = Source(
  spellings: ["2001:db8::1", "2001:0db8:0:0::1", "2001:DB8:0:0:0:0:0:1", "2001:db8::0.0.0.1"])
let nullSource = Source(
  spellings: [
    nil, .null, "", "null", "unknown", "fe80::1%eth0", " 192.0.2.1", "192.0.2.1 ", "192.0.2.256", "192.0.2",
    "192.0.2.01",
    "2001:db8:::1", "1:2:3:4:5:6:7:8:9", 3_221_225_985, "192.0.2.1:443", "[2001:db8::1]",
  ])

let sources = [v4Source, v4Source, v6Source, nullSource, Source(spellings: ["203.0.113.7"])]

/// Users whose spelling is a trap; all are different users.
let oddUsers: [JSONTree] = [
  "caf\u{E9}@example.org", "cafe\u{301}@example.org", "john.doe@example.org\\", "o\"neil@example.org",
  "unknown", "null",
  "\u{1D11E}clef@example.org", "User1@example.org", "user1@example.org ", "tab\there",
  "\u{7F}\u{202E}gro.elpmaxe", "a/b",
]

let userAgents: [JSONTree?] = [
  "Mozilla/5.0", "curl/8.5 \"quoted\"", "Ünïcode/1 \u{1F600}", .null, nil, "", "back\\slash\\", "null",
  .verbatim(#""lone \ud800 surrogate""#), .verbatim(#""lone \uDC00\ud800""#),
]

let riskTexts: [JSONTree?] = [
  nil, nil, .null, "", "{reasons=Anomalous Device, New IP, level=HIGH}", "{level=LOW, reasons=New City}",
  "{level=MEDIUM}",
  " {level = HIGH} ", "{level=, reasons=}", "level=HIGH", "{reasons=A,, B\t, level=LOW, C, D}", "{}", "HIGH",
  "{level=HIGH, level=LOW, reasons=A, reasons=B, C}",
  "{score=7, Ignored, reasons=A=B, New Device=x, level=HIGH}",
  "{Reasons=A, Level=HIGH}", .members(["level": "HIGH"]),
]

let securityDataTexts: [JSONTree?] = [
  nil, nil, nil, .null, "", "no JSON", "[]",
  #"{"risk":{"level":"LOW"},"behaviors":{"New IP":"NEGATIVE"}}"#,
  #"{"risk":{"level":"HIGH","reasons":"Anomalous Device, New IP"}}"#,
  #"{"risk":{"reasons":["New City, New IP",7,""," Velocity\t"],"level":"\u004dEDIUM"}}"#, #"{"risk":{}}"#,
  #"{"risk":"HIGH"}"#, #"{"risk":null,"behaviors":{}}"#, #"{"risk":{"level":"#,
  .members(["risk": .members(["level": "HIGH", "reasons": "As an object"])]),
]

import SluiceRecords

/// One edge case of the detection semantics (user page DetectionSemantics.md) as events.
///
/// The expected result comes from the semantics, not from any implementation.
public struct PublishedCase: Sendable, CustomStringConvertible {
  /// The name of the case, followed by a dash and the variant if there are several.
  public var name: String
  /// Raw events, one a line; some cases have lines that must be rejected.
  public var lines: [[UInt8]]
  /// The event of each line; empty if some lines must be rejected.
  public var events: [EventBuilder] = []
  public var rule: String
  /// The number of detections of `rule` that the lines give.
  public var expectedDetections: Int
  /// Checks the sorted detections of all rules. Returns nil, or what is wrong.
  public var check: @Sendable ([Detection]) -> String?

  public var description: String { name }

  init(
    _ name: String, _ rule: RuleMetadata, gives count: Int, _ lines: [[UInt8]],
    check: @escaping @Sendable ([Detection]) -> String? = { _ in nil }
  ) {
    self.name = name
    self.lines = lines
    self.rule = rule.id
    self.expectedDetections = count
    self.check = check
  }

  init(
    _ name: String, _ rule: RuleMetadata, gives count: Int, _ events: [EventBuilder],
    check: @escaping @Sendable ([Detection]) -> String? = { _ in nil }
  ) {
    self.init(name, rule, gives: count, events.map(\.line), check: check)
    self.events = events
  }
}

public let publishedCases: [PublishedCase] = gottenWrongFirst + finePrint + finePrintOfText

/// Returns a time on Monday, 2026-01-05, UTC.
func clock(_ hours: Int = 0, _ minutes: Int = 0, _ seconds: Int = 0, milliseconds: Int = 0) -> EventTime {
  let ofDay = ((hours * 60 + minutes) * 60 + seconds) * 1000 + milliseconds
  return EventTime(milliseconds: 1_767_571_200_000 + Int64(ofDay))
}

/// Returns a failed sign-in.
func failure(_ user: JSONTree?, at time: EventTime) -> EventBuilder {
  var event = EventBuilder(eventType: "user.session.start", at: time)
  event.user = user
  event.reason = "INVALID_CREDENTIALS"
  return event
}

/// Returns one failed sign-in for each user, 30 s apart from 10:00 on; 25 of them are in the window 10:00 to 10:15.
func failures(_ users: [JSONTree?]) -> [EventBuilder] {
  users.enumerated().map { failure($1, at: clock(10, 0, $0 * 30)) }
}

func users(_ count: Int) -> [JSONTree?] { (0..<count).map { .string("user\($0)@example.org") } }

func lock(_ number: Int, at time: EventTime) -> EventBuilder {
  var event = EventBuilder(eventType: "user.account.lock", at: time)
  event.user = .string("user\(number)@example.org")
  event.result = "FAILURE"
  event.reason = "LOCKED_OUT"
  return event
}

/// Returns locks of this many accounts, one a second from 10:00 on.
func locks(_ count: Int) -> [EventBuilder] { (0..<count).map { lock($0, at: clock(10, 0, $0)) } }

let unknownUsersPhrase = "Login failures with high unknown users count"

func threat(at time: EventTime, reason: String = "Password Spray, \(unknownUsersPhrase), Login Failures")
  -> EventBuilder
{
  var event = EventBuilder(eventType: "security.threat.detected", at: time)
  event.actorType = "IP address"
  event.actorID = "203.0.113.7"
  event.user = "unknown"
  event.result = "DENY"
  event.reason = .string(reason)
  event.threatSuspected = "true"
  return event
}

extension [EventBuilder] {
  /// Returns the events, each with the same change.
  func changed(_ change: (inout EventBuilder) -> Void) -> [EventBuilder] {
    map { event in
      var event = event
      change(&event)
      return event
    }
  }

  /// Returns the events with one of them changed.
  func changing(_ index: Int, _ change: (inout EventBuilder) -> Void) -> [EventBuilder] {
    var events = self
    change(&events[index])
    return events
  }
}

/// Returns a check of a column of every detection of a rule.
func column(_ name: String, is value: Value) -> @Sendable ([Detection]) -> String? {
  { detections in
    for detection in detections where detection[column: name] != value {
      return "\(name) is \(detection[column: name].map { "\($0)" } ?? "absent"), not \(value)"
    }
    return nil
  }
}

func columns(_ checks: (@Sendable ([Detection]) -> String?)...) -> @Sendable ([Detection]) -> String? {
  { detections in checks.lazy.compactMap { $0(detections) }.first }
}

/// Returns a check that reports the sentence if the test fails.
func holds(_ sentence: String, _ test: @escaping @Sendable ([Detection]) -> Bool)
  -> @Sendable ([Detection]) -> String?
{
  { test($0) ? nil : "not so: \(sentence)" }
}

func texts(_ values: String...) -> Value { .list(values.map { .text(LogText($0)) }) }

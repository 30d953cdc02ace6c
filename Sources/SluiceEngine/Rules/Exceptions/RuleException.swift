import SluiceRecords

/// What somebody has decided to know already: detections that it covers are written, and marked as suppressed.
///
/// Read from the list `exceptions:` of a rules file. All criteria that it gives must hold of a detection; what is null meets
/// none. It ends by event time, never by the clock, so that the same archive gives the same output on every day.
public struct RuleException: Sendable {
  public var id: String
  /// Who answers for it, and why it is there.
  public var owner: String
  public var reason: String
  /// It applies to detections whose last event lies before.
  public var expires: EventTime?
  /// Any rule if nil.
  var rules: Set<String>?
  /// Of the client IP.
  var networks: [Network]?
  /// Every AS number of the detection's events is among them, and there is one.
  var asNumbers: Set<Int>?
  /// Every `actor.alternateId` of the detection's events matches one of them, and there is one.
  var users: [Glob]?
  /// Half-open; both the first and the last event lie between.
  var from: EventTime?
  var to: EventTime?
}

/// What exceptions ask of a detection.
struct ExceptionSubject {
  var rule: String
  var clientIP: IPAddress?
  var firstSeen: EventTime
  var lastSeen: EventTime
  /// Distinct values of a field in the detection's events; null is none. Asked for only if all else holds.
  var values: (Field) -> Set<Value>
}

extension RuleException {
  /// Whether all criteria hold, expired or not.
  func covers(_ subject: ExceptionSubject) -> Bool {
    if let rules, !rules.contains(subject.rule) { return false }
    if let networks {
      guard let address = subject.clientIP, networks.contains(where: { $0.contains(address) }) else {
        return false
      }
    }
    if let from, subject.firstSeen < from { return false }
    if let to, subject.lastSeen >= to { return false }
    if let asNumbers {
      let holds = Self.isAll(subject.values(.asNumber)) { value in
        if case .integer(let number) = value { asNumbers.contains(number) } else { false }
      }
      if !holds { return false }
    }
    if let users {
      let holds = Self.isAll(subject.values(.user)) { value in
        if case .text(let user) = value { users.contains { $0.matches(user.bytes) } } else { false }
      }
      if !holds { return false }
    }
    return true
  }

  private static func isAll(_ values: Set<Value>, _ condition: (Value) -> Bool) -> Bool {
    !values.isEmpty && values.allSatisfy(condition)
  }

  func hasExpired(for subject: ExceptionSubject) -> Bool { expires.map { subject.lastSeen >= $0 } ?? false }

  /// What a record says of it.
  var suppression: Detection.Suppression {
    Detection.Suppression(exception: id, owner: owner, reason: reason, expires: expires)
  }

  /// Its criteria, as lists of exceptions show them.
  public var criteria: [String] {
    var parts: [String] = []
    if let rules { parts.append("rule \(rules.sorted().joined(separator: ", "))") }
    if let networks { parts.append("IP \(networks.map(\.description).joined(separator: ", "))") }
    if let asNumbers { parts.append("AS \(asNumbers.sorted().map(String.init).joined(separator: ", "))") }
    if let users { parts.append("user \(users.map(\.pattern).joined(separator: ", "))") }
    if let from { parts.append("from \(from)") }
    if let to { parts.append("to \(to)") }
    return parts
  }
}

/// What a list of exceptions says of one detection.
struct ExceptionVerdict: Equatable {
  /// The first in the list that covers it and has not expired, by its place.
  var suppressing: Int?
  /// All that would cover it, had they not expired, whether or not another does; their places.
  var expired: [Int] = []
}

extension [RuleException] {
  func verdict(on subject: ExceptionSubject) -> ExceptionVerdict {
    var verdict = ExceptionVerdict()
    for (index, exception) in enumerated() {
      let hasExpired = exception.hasExpired(for: subject)
      guard hasExpired || verdict.suppressing == nil, exception.covers(subject) else { continue }
      if hasExpired { verdict.expired.append(index) } else { verdict.suppressing = index }
    }
    return verdict
  }
}

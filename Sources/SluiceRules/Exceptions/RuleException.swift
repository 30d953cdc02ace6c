import SluiceRecords

/// A statement that detections are known and need no attention; covered detections are written and marked as
/// suppressed.
///
/// Exceptions are read from the list `exceptions:` of a rules file. A detection must meet all criteria that are given;
/// null meets none. An exception expires by event time, never by the clock, so the same archive gives the same output
/// every day.
public struct RuleException: Sendable {
  public var id: String
  /// The person or team responsible, and the reason.
  public var owner: String
  public var reason: String
  /// The exception applies to detections whose last event is before this time.
  public var expires: EventTime?
  /// The ids of the rules; nil for any rule.
  var rules: Set<String>?
  /// Networks of which one must contain the client IP.
  var networks: [Network]?
  /// AS numbers that must include every AS number of the detection's events, of which there must be one.
  var asNumbers: Set<Int>?
  /// Patterns of which one must match each `actor.alternateId` of the detection's events, of which there must be one.
  var users: [Glob]?
  /// The first and the last event must lie in `[from, to)`.
  var from: EventTime?
  var to: EventTime?
}

/// The properties of a detection that exceptions test.
package struct ExceptionSubject {
  var rule: String
  var clientIP: IPAddress?
  var firstSeen: EventTime
  var lastSeen: EventTime
  /// Returns the distinct values of a field in the detection's events, null included. It is called last, for its cost.
  var values: (Field) -> Set<Value>

  package init(
    rule: String, clientIP: IPAddress?, firstSeen: EventTime, lastSeen: EventTime,
    values: @escaping (Field) -> Set<Value>
  ) {
    self.rule = rule
    self.clientIP = clientIP
    self.firstSeen = firstSeen
    self.lastSeen = lastSeen
    self.values = values
  }
}

extension RuleException {
  /// Returns whether all criteria hold, expired or not.
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

  /// The exception as a detection's record shows it.
  package var suppression: Detection.Suppression {
    Detection.Suppression(exception: id, owner: owner, reason: reason, expires: expires)
  }

  /// The criteria, as lists of exceptions show them.
  package var criteria: [String] {
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

/// The verdict of a list of exceptions on one detection.
package struct ExceptionVerdict: Equatable {
  /// The index of the first exception that covers the detection and has not expired.
  package var suppressing: Int?
  /// The indices of expired exceptions that would cover the detection, whether or not another one does.
  package var expired: [Int] = []
}

extension [RuleException] {
  package func verdict(on subject: ExceptionSubject) -> ExceptionVerdict {
    var verdict = ExceptionVerdict()
    for (index, exception) in enumerated() {
      let hasExpired = exception.hasExpired(for: subject)
      guard hasExpired || verdict.suppressing == nil, exception.covers(subject) else { continue }
      if hasExpired { verdict.expired.append(index) } else { verdict.suppressing = index }
    }
    return verdict
  }
}

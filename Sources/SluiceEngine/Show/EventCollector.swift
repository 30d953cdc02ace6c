import SluiceRecords
import SluiceRules

/// An event of the log to be shown.
package struct RetrievedEvent: Sendable {
  package enum Kind: Sendable { case event, signIn }

  package var kind: Kind
  package var time: EventTime
  /// JSON of the event, without its wrapper in the archive and without line ends.
  package var text: [UInt8]
  package var eventType: LogText?
  package var result: LogText?
  package var reason: LogText?
  package var user: LogText?
  package var clientIP: IPAddress?
  var uuid: LogText?
  /// Parts of the rule's key besides the client IP.
  var key: [LogText]
  /// Values of the fields by which copies of one event are compared.
  var fields: [LogText?]

  /// Orders events by time, then by uuid, then by bytes.
  static func inOrder(_ a: RetrievedEvent, _ b: RetrievedEvent) -> Bool {
    if a.time != b.time { return a.time < b.time }
    if a.uuid != b.uuid { return Self.isLess(a.uuid, b.uuid) ?? false }
    return LogText(a.text) < LogText(b.text)
  }

  /// Compares two texts; nil if they are equal.
  private static func isLess(_ a: LogText?, _ b: LogText?) -> Bool? {
    switch (a, b) {
    case (nil, nil): nil
    case (nil, _): true
    case (_, nil): false
    case (let a?, let b?): a == b ? nil : a < b
    }
  }

  /// Returns whether a scan would count `a` rather than its copy `b`.
  static func isCounted(_ a: RetrievedEvent, before b: RetrievedEvent) -> Bool {
    for (a, b) in zip(a.fields, b.fields) {
      if let isLess = isLess(a, b) { return isLess }
    }
    return LogText(a.text) < LogText(b.text)
  }
}

/// Search for the events of a detection.
struct EventSearch: Sendable {
  let rule: Rule
  let clientIP: IPAddress?
  let events: ClosedRange<EventTime>
  /// Time range of sign-ins; nil if they are not wanted.
  let signIns: ClosedRange<EventTime>?

  var rules: [Rule] { [rule] + (signIns == nil ? [] : [TriageEvents.rule(.signIn)]) }

  /// Fields by which copies are compared, as in ``MergedShard``.
  var fieldsOfCopies: [Field] { FacetLayout.ofCopies + MergeRules([rule]).ownFields[0] }
}

/// Collects the raw events of one detection. The parts of the key besides the client IP are not compared here, so
/// events that differ only in them are collected too.
struct EventCollector: EventSink, ~Copyable {
  private let search: EventSearch
  private let filters: RuleFilters
  private let fieldsOfCopies: [Field]
  private(set) var findings: [RetrievedEvent] = []

  init(plan: ScanPlan, search: EventSearch) {
    self.search = search
    filters = plan.filters
    fieldsOfCopies = search.fieldsOfCopies
  }

  mutating func consume(_ event: inout EventReader, at offset: Int) -> Rejection? {
    guard let time = event.value(.published).flatMap({ EventTime($0) }) else { return nil }
    let client = event.value(.clientIP).flatMap { IPAddress($0) }
    if search.events.contains(time), isOfKey(&event, client), passes(0, &event) {
      findings.append(shown(.event, &event, time, client))
    }
    if let range = search.signIns, range.contains(time), client == search.clientIP, passes(1, &event),
      event.value(.outcomeResult)?.elementsEqual(TriageEvents.success) == true
    {
      findings.append(shown(.signIn, &event, time, client))
    }
    return nil
  }

  private func passes(_ rule: Int, _ event: inout EventReader) -> Bool {
    filters.passes(rule) { event.value($0) }
  }

  private func isOfKey(_ event: inout EventReader, _ client: IPAddress?) -> Bool {
    switch search.rule.clientIP {
    case .none: true
    case .client: client == search.clientIP
    case .clientOrActor: (client ?? Observer.fallback(&event)) == search.clientIP
    }
  }

  private func shown(
    _ kind: RetrievedEvent.Kind, _ event: inout EventReader, _ time: EventTime, _ client: IPAddress?
  ) -> RetrievedEvent {
    func text(_ field: Field) -> LogText? { event.value(field).map { LogText($0.array) } }
    let key = search.rule.restOfKey.map { part in
      switch part.source {
      case .constant(let constant): constant
      case .field(let field): text(field) ?? part.null
      }
    }
    return RetrievedEvent(
      kind: kind, time: time, text: event.ownText.withoutLineEnds, eventType: text(.eventType),
      result: text(.outcomeResult), reason: text(.outcomeReason), user: text(.user), clientIP: client,
      uuid: text(.uuid), key: key, fields: fieldsOfCopies.map(text))
  }

  mutating func consumeUnrecognised(_ record: inout EventReader) -> Rejection? { nil }

  mutating func consumeUnparsed(_ record: UnsafeBytes, _ reader: inout EventReader) {}

  mutating func finishSegment(_ lines: UnsafeBytes, _ reader: inout EventReader) {}
}

extension UnsafeBytes {
  /// JSON on one line. Line ends may be replaced: strings contain none, and between values they have no meaning.
  fileprivate var withoutLineEnds: [UInt8] {
    let isSpace = { (byte: UInt8) in byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D }
    var text = array[...]
    while let first = text.first, isSpace(first) { text.removeFirst() }
    while let last = text.last, isSpace(last) { text.removeLast() }
    return text.map { $0 == 0x0A || $0 == 0x0D ? 0x20 : $0 }
  }
}

/// The forms in which shippers archive events (user page Input.md, Shapes), for writing raw events in each of them.
///
/// They follow that description, not the engine's code. ``ElasticDocument`` writes the form with other field names.
public enum ShipperFormat: String, CaseIterable, Sendable {
  case raw, page, pages, pagesAmongEvents, eventBridge, concatenated, eventHook, hecObject, hecText, cribl,
    elasticInput, joinedMessage
  case elasticOriginal, elasticSource, datadogAttributes, datadogMessage, panther, pantherLowercase
  /// Wrappers in wrappers.
  case bridgeInCribl, pageInHEC, hookInMessage, criblInPage, fourWrappers

  /// The maximum number of events that one line may hold.
  private var eventsPerLineMax: Int {
    switch self {
    case .page, .pages, .pagesAmongEvents, .concatenated, .eventHook, .joinedMessage, .pageInHEC,
      .hookInMessage, .criblInPage:
      7
    default: 1
    }
  }

  /// Returns lines that hold the events in their order, in any spelling.
  public func lines(_ events: [JSONTree], using rng: inout SplitMix64) -> [[UInt8]] {
    var lines: [[UInt8]] = []
    var rest = events[...]
    while !rest.isEmpty {
      let count = Int.random(in: 1...eventsPerLineMax, using: &rng)
      lines.append(line(Array(rest.prefix(count)), using: &rng))
      rest = rest.dropFirst(count)
    }
    return lines
  }

  /// Returns one line that holds the events.
  ///
  /// - Precondition: There is one event, or the form allows several.
  public func line(_ events: [JSONTree], using rng: inout SplitMix64) -> [UInt8] {
    let texts = events.map {
      JSONTree.verbatim(Self.text(self == .pantherLowercase ? Self.lowercase($0) : $0, &rng))
    }
    let first = texts[0]
    return Self.bytes(
      {
        switch self {
        case .raw, .pantherLowercase: first
        case .page: .array(texts)
        case .pages: Self.pages(texts, amongEvents: false, &rng)
        case .pagesAmongEvents: Self.pages(texts, amongEvents: true, &rng)
        case .eventBridge: Self.eventBridge(first)
        case .concatenated: .verbatim(texts.map(Self.plain).joined(separator: rng.pick(["", " ", "\t\r"])))
        case .eventHook: Self.eventHook(texts)
        case .hecObject: Self.hec(first)
        case .hecText: Self.hec(.string(Self.plain(first)))
        case .cribl: Self.cribl(first)
        case .elasticInput: Self.message([first])
        case .joinedMessage: Self.message(texts)
        case .elasticOriginal:
          .members([
            "@timestamp": "2026-01-01T00:00:00.000Z",
            "event": .members(["action": "something.else", "original": .string(Self.plain(first))]),
          ])
        case .elasticSource:
          .members([
            "_index": "logs-okta", "_source": .members(["event.original": .string(Self.plain(first))]),
          ])
        case .datadogAttributes:
          .members([
            "_id": "AQ", "date": "2026-01-01T00:00:00.000Z", "service": "okta", "source": "okta",
            "message": "An event", "attributes": first, "tags": .array(["source:okta"]),
          ])
        case .datadogMessage:
          .members([
            "_id": "AQ", "attributes": .members(["service": "okta"]), "message": .string(Self.plain(first)),
          ])
        case .panther: Self.panther(first)
        case .bridgeInCribl: Self.cribl(Self.eventBridge(first))
        case .pageInHEC: Self.hec(.string(Self.plain(.array(texts))))
        case .hookInMessage: Self.message([Self.eventHook(texts)])
        case .criblInPage: .array(texts.map(Self.cribl))
        case .fourWrappers: Self.message([Self.hec(Self.cribl(Self.eventBridge(first)))])
        }
      }(), &rng)
  }

  // MARK: Wrappers

  /// Returns arrays of some events each, also empty ones, one after the other; occasionally an event is outside an
  /// array.
  private static func pages(_ events: [JSONTree], amongEvents: Bool, _ rng: inout SplitMix64) -> JSONTree {
    var text = ""
    var rest = events[...]
    while !rest.isEmpty {
      if amongEvents, rng.oneIn(2) {
        text += plain(rest.removeFirst())
      } else {
        let count = Int.random(in: 0...rest.count, using: &rng)
        text += plain(.array(Array(rest.prefix(count))))
        rest = rest.dropFirst(count)
      }
      text += rng.pick(["", " ", "\t\r"])
    }
    return .verbatim(text)
  }

  private static func eventBridge(_ event: JSONTree) -> JSONTree {
    .members([
      "version": "0", "id": "7bf73129-1428-4cd3-a780-95db273d1602", "detail-type": "Okta Log Event",
      "source": "aws.partner/okta.com/example/default", "account": "123456789012",
      "time": "2026-01-01T00:00:00Z", "region": "eu-central-1", "resources": .array([]), "detail": event,
    ])
  }

  private static func eventHook(_ events: [JSONTree]) -> JSONTree {
    .members([
      "eventType": "com.okta.event_hook", "eventTypeVersion": "1.0", "cloudEventsVersion": "0.1",
      "source": "https://example.okta.com/api/v1/eventHooks/who8tsqyrhCdmetzx135", "eventId": "b5a1d1c5",
      "data": .members(["events": .array(events)]), "eventTime": "2026-01-01T00:00:00.000Z",
      "contentType": "application/json",
    ])
  }

  private static func hec(_ event: JSONTree) -> JSONTree {
    .members([
      "time": .number("1767571200.123"), "host": "example.okta.com", "source": "okta",
      "sourcetype": "OktaIM2:log",
      "index": "main", "event": event,
    ])
  }

  private static func cribl(_ event: JSONTree) -> JSONTree {
    .members([
      "_raw": .string(plain(event)), "host": "h", "source": "s", "_time": 1_767_571_200, "cribl_pipe": "p",
    ])
  }

  private static func message(_ events: [JSONTree]) -> JSONTree {
    .members([
      "@timestamp": "2026-01-01T00:00:00.000Z", "input": .members(["type": "httpjson"]),
      "message": .string(events.map(plain).joined(separator: "\n")),
    ])
  }

  private static func panther(_ event: JSONTree) -> JSONTree {
    let text = plain(event)
    let added = #","p_log_type":"Okta.SystemLog","p_any_ip_addresses":["192.0.2.1"]}"#
    return .verbatim(String(text.trimmed().dropLast()) + added)
  }

  private static func lowercase(_ event: JSONTree) -> JSONTree {
    guard case .object(let members) = event else { return event }
    return .object(members.map { .init($0.key.lowercased(), $0.value) })
  }

  // MARK: Spellings

  private static func plain(_ tree: JSONTree) -> String { String(decoding: tree.plain, as: UTF8.self) }

  private static func freedom(_ rng: inout SplitMix64) -> SpellingFreedom {
    var freedom = SpellingFreedom()
    freedom.shufflesKeys = rng.oneIn(2)
    freedom.whiteSpace = rng.oneIn(3)
    freedom.escapes = rng.pick([0, 0, 0, 100, 10])
    return freedom
  }

  private static func text(_ event: JSONTree, _ rng: inout SplitMix64) -> String {
    rng.oneIn(2) ? plain(event) : String(decoding: event.spelled(freedom(&rng), using: &rng), as: UTF8.self)
  }

  /// Escapes within the strings of wrappers are escaped again.
  private static func bytes(_ line: JSONTree, _ rng: inout SplitMix64) -> [UInt8] {
    rng.oneIn(2) ? line.plain : line.spelled(freedom(&rng), using: &rng)
  }
}

extension String {
  /// Returns the text without JSON white space at its end.
  fileprivate func trimmed() -> Substring {
    var text = self[...]
    while let last = text.utf8.last, last <= 0x20 { text = text.dropLast() }
    return text
  }
}

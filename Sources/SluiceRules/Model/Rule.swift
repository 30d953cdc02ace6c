import SluiceRecords

/// A detection rule as a value: which events it selects, how it groups them, when it fires and its message.
///
/// Rules are read from rules files (see ``Rulebook``); the published rules are such files. The engine has no other
/// knowledge of a rule: scanning reads `filter`, and detection reads the rest. Columns are referred to by their index
/// in `columns`, so evaluating a window looks up no name.
public struct Rule: Sendable {
  public var metadata: RuleMetadata
  /// The steps of the filter; all must hold. They are tried in turn, and the funnel counts the events that pass each.
  package var filter: [Step]
  package var clientIP: ClientIPSource
  /// The parts of the key besides the client IP.
  package var restOfKey: [KeyPart]
  package var window: Window
  /// The window of the published query itself, without the schedule on which the query runs. `--window all` uses it.
  package var windowOfText: Window
  /// The inner grouping; nil if there is none.
  package var groups: InnerGroups?
  package var columns: [Column]
  /// The condition over the columns that makes a window fire.
  package var condition: Expression
  package var message: Message

  package init(
    metadata: RuleMetadata, filter: [Step], clientIP: ClientIPSource, restOfKey: [KeyPart], window: Window,
    windowOfText: Window, groups: InnerGroups?, columns: [Column], condition: Expression, message: Message
  ) {
    self.metadata = metadata
    self.filter = filter
    self.clientIP = clientIP
    self.restOfKey = restOfKey
    self.window = window
    self.windowOfText = windowOfText
    self.groups = groups
    self.columns = columns
    self.condition = condition
    self.message = message
  }

  package struct Step: Sendable {
    package var name: String
    package var predicate: Predicate

    package init(name: String, predicate: Predicate) {
      self.name = name
      self.predicate = predicate
    }
  }

  package enum ClientIPSource: Sendable {
    case client
    /// The first of `client.ipAddress`, `actor.id` if it is an address, and the first element of `request.ipChain`.
    case clientOrActor
    /// No client IP; the key is only `restOfKey`.
    case none
  }

  package struct KeyPart: Sendable {
    package enum Source: Sendable {
      case field(Field)
      case constant(LogText)
    }
    package var name: String
    package var source: Source
    /// The text that replaces null.
    package var null: LogText
  }

  /// Groups within one key's window. Each has its own columns, which outer columns may aggregate.
  package struct InnerGroups: Sendable {
    package var by: [Field]
    /// The columns of each inner group; all are numbers.
    package var columns: [Column]
  }
}

/// How time is divided into windows. Lengths are in milliseconds.
package enum Window: Hashable, Sendable {
  /// `[start, start + length)` for every multiple of the slide since the epoch; tumbling if slide and length are equal.
  case hopping(length: Int64, slide: Int64)
  /// A session: it includes each event at most `keepAlive` after the previous one and `maximum` after the first.
  case session(keepAlive: Int64, maximum: Int64)
  /// One window for the whole time range.
  case whole

  package var isSession: Bool { if case .session = self { true } else { false } }
}

extension Rule {
  public var id: String { metadata.id }

  /// The window, as lists of rules show it.
  package var windowText: String { window.text }

  /// Literals of which a line must contain at least one to pass the filter; nil if every line must be parsed.
  package var literals: [[UInt8]]? { filter.lazy.compactMap(\.predicate.literals).first }

  /// The reason, for people, why every line must be parsed; nil if that is not so.
  var slowness: String? {
    guard literals == nil else { return nil }
    let why =
      filter.contains(where: \.predicate.asksForShortText)
      ? "a text in this filter is too short to look for: it needs two characters of ASCII in a row, none of them '\"', '\\' or '/'"
      : "from this filter no text follows that a line must hold"
    return "\(why), so that every line is parsed: the scan is slower"
  }

  /// The least number of events of one key with which the rule can fire.
  package var eventFloor: Int { condition.eventFloor { columns[$0].aggregate.isBoundedByEvents(groups) } }

  /// The fields in the key besides the client IP.
  package var fieldsOfKey: [Field] {
    restOfKey.compactMap { part in
      if case .field(let field) = part.source { field } else { nil }
    }
  }

  /// The fields that an observation must keep for the rule to be evaluated.
  package var fieldsKept: Set<Field> {
    var fields = Set(fieldsOfKey)
    fields.formUnion(groups?.by ?? [])
    for column in (groups?.columns ?? []) + columns { fields.formUnion(column.aggregate.fields) }
    fields.remove(.clientIP)
    return fields
  }

  /// The published rules that are active by default.
  public static var builtIn: [Rule] { Rulebook.builtIn.activeRules() }
}

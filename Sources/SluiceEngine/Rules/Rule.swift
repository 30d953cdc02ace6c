import SluiceRecords

/// A detection as a value: which events it looks at, how it groups them, when it fires and what it then says.
///
/// Read from rules files (see ``Rulebook``); the published ones are such files. The engine has no other knowledge of a
/// rule: scanning reads `filter`, detection the rest. Columns are referred to by their place in `columns`, so that no name is
/// looked up while windows are evaluated.
public struct Rule: Sendable {
  public var metadata: RuleMetadata
  /// All must hold. They are tried in turn, and the figures say how many events passed each.
  var filter: [Step]
  var clientIP: ClientIPSource
  /// What is grouped by beside the client IP.
  var restOfKey: [KeyPart]
  var window: Window
  /// The window that the published query's text alone has, without the schedule on which it is run; used
  /// by `--window all`.
  var windowOfText: Window
  /// The inner grouping, if there is one.
  var groups: InnerGroups?
  var columns: [Column]
  /// Over the columns.
  var condition: Expression
  var message: Message

  struct Step: Sendable {
    var name: String
    var predicate: Predicate
  }

  enum ClientIPSource: Sendable {
    case client
    /// `client.ipAddress`, else `actor.id` of an actor that is an address, else the first of `request.ipChain`.
    case clientOrActor
    /// The client IP is not grouped by; the rest of the key is all of it.
    case none
  }

  struct KeyPart: Sendable {
    enum Source: Sendable {
      case field(Field)
      case constant(LogText)
    }
    var name: String
    var source: Source
    /// What stands for null.
    var null: LogText
  }

  /// Groups within one key's window, each with columns of its own, over which the outer columns may aggregate.
  struct InnerGroups: Sendable {
    var by: [Field]
    /// All of them numbers.
    var columns: [Column]
  }
}

/// How time is cut. Lengths in milliseconds.
public enum Window: Hashable, Sendable {
  /// `[start, start + length)` for every multiple of the slide from the epoch; tumbling if slide and length are equal.
  case hopping(length: Int64, slide: Int64)
  /// Opened by an event and kept by each that comes at most `keepAlive` after the last and `maximum` after the first.
  case session(keepAlive: Int64, maximum: Int64)
  /// The whole range in one.
  case whole

  var isSession: Bool { if case .session = self { true } else { false } }
}

extension Rule {
  public var id: String { metadata.id }

  /// Its window, as lists of rules show it.
  public var windowText: String { window.text }

  /// Texts of which a line must hold one to pass the filter; nil if every line must be walked.
  var literals: [[UInt8]]? { filter.lazy.compactMap(\.predicate.literals).first }

  /// Why every line must be walked, for people; nil if that is not so.
  var slowness: String? {
    guard literals == nil else { return nil }
    let why =
      filter.contains(where: \.predicate.asksForShortText)
      ? "a text in this filter is too short to look for: it needs two characters of ASCII in a row, none of them '\"', '\\' or '/'"
      : "from this filter no text follows that a line must hold"
    return "\(why), so that every line is parsed: the scan is slower"
  }

  /// The least number of events of one key that could fire.
  var eventFloor: Int { condition.eventFloor { columns[$0].aggregate.isBoundedByEvents(groups) } }

  /// Fields in the key beside the client IP.
  var fieldsOfKey: [Field] {
    restOfKey.compactMap { part in
      if case .field(let field) = part.source { field } else { nil }
    }
  }

  /// Fields that must be kept with an observation for the rule to be evaluated.
  var fieldsKept: Set<Field> {
    var fields = Set(fieldsOfKey)
    fields.formUnion(groups?.by ?? [])
    for column in (groups?.columns ?? []) + columns { fields.formUnion(column.aggregate.fields) }
    fields.remove(.clientIP)
    return fields
  }

  /// The rules that are on unless others are named.
  public static var builtIn: [Rule] { Rulebook.builtIn.inForce() }
}

import SluiceRecords

/// A detection as a value: which events it looks at, how it groups them, when it fires and what it then says.
///
/// The engine has no other knowledge of a rule; scanning reads `filter`, detection the rest.
public struct Rule: Sendable {
  public var metadata: RuleMetadata
  /// All must hold. They are tried in turn, and the figures say how many events passed each. The first should be
  /// one from which literals follow (see `Predicate.literals`): it then counts all events of the archive.
  public var filter: [Step]
  public var clientIP: ClientIPSource
  /// What is grouped by beside the client IP.
  public var restOfKey: [KeyPart]
  public var window: Window
  /// The window that the published query's text alone has, without the schedule on which it is run; used
  /// by `--window all`.
  public var windowOfText: Window
  /// Field of the inner grouping, if there is one; `Aggregate.groups` then counts over its groups.
  public var innerGroup: Field?
  public var columns: [Column]
  /// Over the columns.
  public var condition: Expression
  public var message: Template

  public struct Step: Sendable {
    public var name: String
    public var predicate: Predicate

    public init(_ name: String, _ predicate: Predicate) {
      self.name = name
      self.predicate = predicate
    }
  }

  public enum ClientIPSource: Sendable {
    case client
    /// `client.ipAddress`, else `actor.id` of an actor that is an address, else the first of `request.ipChain`.
    case clientOrActor
  }

  public struct KeyPart: Sendable {
    public enum Source: Sendable {
      case field(Field)
      case constant(LogText)
    }
    public var name: String
    public var source: Source
    /// What stands for null.
    public var null: LogText
  }

  public struct Column: Sendable {
    public var name: String
    public var aggregate: Aggregate

    public init(_ name: String, _ aggregate: Aggregate) {
      self.name = name
      self.aggregate = aggregate
    }
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
}

/// A column's value over the events of one window.
public enum Aggregate: Sendable {
  case eventCount
  case eventCountWhere(Predicate)
  case firstTime
  case lastTime
  case windowStart
  /// Distinct values of a field, sorted; `null` stands in for null if given.
  case values(Field, null: LogText? = nil)
  /// Distinct elements of a comma-separated field.
  case elements(Field)
  case distinctCount(Field, null: LogText? = nil)
  /// Distinct texts that a template gives.
  case texts(Template)
  case groups(GroupAggregate)
  case keyPart(String)
  case clientIP
  /// The client IP as text, with a text for null.
  case clientIPText(null: LogText)
  case expression(Expression)
}

/// Over the inner groups of a window, of each of which the number of events is known.
public enum GroupAggregate: Sendable {
  case count
  case sum, maximum, minimum, average
  /// Groups with at most so many events.
  case countWithAtMost(Int)
}

/// Text with values in it, joined as they are, without escaping.
public struct Template: Sendable {
  public enum Part: Sendable {
    case text(LogText)
    case field(Field, null: LogText)
    case clientIP(null: LogText)
    case column(String)
  }
  public var parts: [Part]

  public init(_ parts: [Part]) { self.parts = parts }
}

extension Rule {
  public var id: String { metadata.id }

  /// Texts of which a line must hold one to pass the filter; nil if every line must be walked.
  var literals: [[UInt8]]? { filter.lazy.compactMap(\.predicate.literals).first }

  /// The least number of events of one key that could fire.
  var eventFloor: Int {
    condition.eventFloor { name in
      switch columns.first(where: { $0.name == name })?.aggregate {
      case .eventCount, .eventCountWhere, .distinctCount(_, null: nil): true
      case .groups(.count), .groups(.sum), .groups(.maximum), .groups(.minimum), .groups(.countWithAtMost):
        true
      default: false
      }
    }
  }

  /// The rules that are on unless others are named.
  public static let builtIn: [Rule] = [.accountsLockedOut, .credentialStuffing, .threatInsightUnknownUsers]
}

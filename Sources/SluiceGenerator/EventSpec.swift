/// The content of one event; `EventWriter` fills in the rest.
struct EventSpec {
  enum Actor {
    case user(Int)
    /// A user's own name without its first letter; the organization does not know it.
    case mistyped(Int)
    /// A name from a leaked list; the organization does not know it.
    case stranger(Int)
    /// ThreatInsight's actor: the address of a network.
    case address(Int)
    case system
  }

  /// The time in milliseconds since the epoch.
  var time: Int64
  /// The index in `EventKind.all`.
  var kind: Int
  var actor: Actor
  /// The index in `World.networks`; nil for no client IP.
  var network: Int?
  var agent: Int
  /// An outcome that replaces the kind's own.
  var outcome: EventTemplatePiece?
  var isProxy = false
  var threatSuspected: StaticString = "false"
  /// A serial number, unique in the archive and below 2^48; the event's uuid is computed from it.
  var serial: UInt64

  /// Returns the serial of event `index` of an hour, both below 2^24. Planted events have an hour of their own after
  /// the last.
  static func serial(hour: Int, index: Int) -> UInt64 {
    precondition(hour >> 24 == 0 && index >> 24 == 0)
    return UInt64(hour) << 24 | UInt64(index)
  }
}

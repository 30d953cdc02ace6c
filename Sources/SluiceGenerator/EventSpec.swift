/// What one event is to say; `EventWriter` fills in the rest.
struct EventSpec {
  enum Actor {
    case user(Int)
    /// A user's own name without its first letter, unknown to the organization.
    case mistyped(Int)
    /// A name from a leaked list, unknown to the organization.
    case stranger(Int)
    /// ThreatInsight's actor: the address of a network.
    case address(Int)
    case system
  }

  /// Milliseconds since the epoch.
  var time: Int64
  /// Place in `EventKind.all`.
  var kind: Int
  var actor: Actor
  /// Place in `World.networks`; nil writes no client IP.
  var network: Int?
  var agent: Int
  /// Instead of the kind's own.
  var outcome: EventTemplatePiece?
  var isProxy = false
  var threatSuspected: StaticString = "false"
  /// Different for all events of an archive, below 2^48; its uuid is made from it.
  var serial: UInt64

  /// `index` of the events of hour `hour`, both below 2^24. Planted events are one hour more.
  static func serial(hour: Int, index: Int) -> UInt64 {
    precondition(hour >> 24 == 0 && index >> 24 == 0)
    return UInt64(hour) << 24 | UInt64(index)
  }
}

/// The content of a partial, in the terms of the page.
extension PartialOracle {
  struct Frame {
    /// The frame's offset in the file.
    var offset: Int
    var kind: Int
    var isCompressed: Bool
    var isContinued: Bool
    var number: Int
    var contract: UInt64
    var identity: [UInt64]
    var shards: ClosedRange<Int>
    var shardCount: Int
    var rowCount: Int
    /// The decompressed payload.
    var payload: [UInt8]
    /// The size of header and payload as stored.
    var byteCount: Int
  }

  struct Source: Equatable {
    var path: [UInt8]
    var size: UInt64
    var device: UInt64
    var inode: UInt64
    var links: UInt64
    var modified: Int64
    var changed: Int64
    var range: [UInt64]
    var content: [UInt8]
  }

  struct Contract: Equatable {
    var shardCount: Int
    var isStrict: Bool
    var verifies: Bool
    var limits: [UInt64]
    /// The names of the fields of each facet.
    var fields: [[String]]
    var filters: [String]
  }

  struct Location: Hashable {
    var source: Int
    var offset: Int?
  }

  enum UUID: Hashable {
    case none
    case bits(UInt64, UInt64)
    case text([UInt8])
  }

  struct Address: Hashable {
    var high: UInt64
    var low: UInt64

    /// The bytes that decide the shard.
    var bytes: [UInt8] {
      [high, low].flatMap { n in (0..<8).map { UInt8(truncatingIfNeeded: n >> (8 * $0)) } }
    }
  }

  struct Row {
    var shard: Int
    /// 0: the row has no client IP; 1: it has one; 2: the rule does not group by it.
    var groupKind: UInt8
    var address: Address?
    /// Milliseconds since 1970.
    var time: Int64
    var filters: UInt64
    var uuid: UUID
    /// Values by field name; nil for null.
    var fields: [String: [UInt8]?]
    var location: Location?
  }

  struct Part: Equatable {
    var offset: Int64
    var first: Int64
    var last: Int64
  }

  struct FileTimes: Equatable {
    var source: Int
    var isInLines: Bool
    var span: [Int64]?
    var parts: [Part]
  }

  struct Problem: Equatable {
    var offset: Int64
    var offsetInBlock: Int64
    var message: String
  }

  struct Problems: Equatable {
    var source: Int
    var reason: String
    var count: Int
    var named: [Problem]
  }

  struct Totals {
    var frameCount = 0
    var rowCounts: [Int] = []
    var counts: [String: Int] = [:]
    var rejected: [String: Int] = [:]
    var shapes: [String: Int] = [:]
    /// The steps of each filter.
    var steps: [[Int]] = []
    var hasTooManyHours = false
    var hours: [Int64] = []
    var times: [FileTimes] = []
    var recognition: [Recognition] = []
    var problems: [Problems] = []
  }

  struct Recognition {
    var source: Int
    var events: Int
    var sampled: Int
    var unrecognised: Int
    var unparsed: Int
    var example: Problem?
  }
}

import SluiceRecords
import SluiceTestSupport

@testable import SluiceEngine

/// Attacks from a few addresses, and from none, among other events; every event has its own uuid.
struct EvidenceFixture {
  struct Event {
    var type: String
    var ip: String?
    var time: EventTime
    var result: String
    var reason: String?
    var user: String
    var uuid: String
    var line: [UInt8]
    var tree: JSONTree
  }

  var events: [Event] = []

  init(seed: UInt64, count: Int = 160) {
    var rng = SplitMix64(seed: seed)
    let base: Int64 = 1_767_607_200_000
    for number in 0..<count {
      let kind = rng.pick([0, 0, 1, 1, 1, 1, 2, 3, 4])
      // Events follow each other in time, except for some minutes.
      let time = EventTime(
        milliseconds: base + Int64(number * 2000) + Int64.random(in: 0..<120_000, using: &rng))
      var event = EventBuilder(
        eventType: .string(
          [
            "user.account.lock", "user.session.start", "security.threat.detected", "policy.evaluate_sign_on",
            "user.session.start",
          ][
            kind]), at: time)
      let ip = rng.pick(["203.0.113.7", "203.0.113.7", "2001:db8::1", nil])
      let uuid = rng.oneIn(2) ? "u-\(number)" : "00000000-0000-4000-8000-" + String(100_000_000_000 + number)
      let result = kind == 4 ? "SUCCESS" : rng.pick(["FAILURE", "DENY"])
      let reason: String? =
        switch kind {
        case 1: "INVALID_CREDENTIALS"
        case 2: "Password Spray, Login failures with high unknown users count"
        default: nil
        }
      let user = "user\(number)@example.org"
      event.ip = ip.map { .string($0) } ?? .null
      event.uuid = .string(uuid)
      event.result = .string(result)
      event.reason = reason.map { .string($0) } ?? .null
      event.user = .string(user)
      event.threatSuspected = "true"
      event.userAgent = .string(String(repeating: "x", count: rng.pick([0, 0, 0, 300, 4000])))
      guard case .string(let type)? = event.eventType else { continue }
      events.append(
        Event(
          type: type, ip: ip, time: time, result: result, reason: reason, user: user, uuid: uuid,
          line: event.line, tree: event.tree))
    }
  }

  var lines: [[UInt8]] { events.map(\.line) }

  /// Returns indices in `events` of a detection's own events, according to the published rules.
  func own(_ detection: Detection) -> [Int] {
    events.indices.filter { index in
      let event = events[index]
      guard event.ip == detection.clientIP?.description else { return false }
      switch detection.rule.id {
      case "okta-threatinsight-unknown-users":
        return event.type == "security.threat.detected" && event.time >= detection.windowStart
          && event.time <= detection.windowEnd
      case "okta-credential-stuffing":
        return event.reason == "INVALID_CREDENTIALS" && detection.holds(event.time)
      default:
        return event.type == "user.account.lock" && detection.holds(event.time)
          && detection[column: "result"] == .text(LogText(event.result))
      }
    }
  }

  func signIns(_ detection: Detection) -> [Int] {
    guard let triage = detection.triage else { return [] }
    return events.indices.filter { index in
      let event = events[index]
      return event.ip == detection.clientIP?.description && event.type == "user.session.start"
        && event.result == "SUCCESS" && (triage.from...triage.to).contains(event.time)
    }
  }

  /// Returns the indices in order of time, then of uuid.
  func inOrder(_ places: [Int]) -> [Int] {
    places.sorted { a, b in
      (events[a].time, events[a].uuid) < (events[b].time, events[b].uuid)
    }
  }
}

extension Detection {
  fileprivate func holds(_ time: EventTime) -> Bool {
    self.rule.id == "okta-credential-stuffing" && windowEnd == lastSeen
      ? (windowStart...windowEnd).contains(time) : time >= windowStart && time < windowEnd
  }
}

/// A file of lines with the known location of each byte of the text.
struct PlacedFile {
  var name: String
  var bytes: [UInt8]
  /// Where each block of the text starts in the text and in the file.
  var blocks: [(start: Int, offset: Int)]
  var isText = false

  func offset(ofByte index: Int) -> Int {
    isText ? index : blocks.last { $0.start <= index }?.offset ?? -1
  }

  static func all(_ text: [UInt8], _ rng: inout SplitMix64) -> [PlacedFile] {
    func pieces(_ countMax: Int) -> [[UInt8]] {
      var pieces: [[UInt8]] = []
      var rest = text[...]
      while !rest.isEmpty {
        let piece = rest.prefix(Int.random(in: 1...countMax, using: &rng))
        pieces.append(Array(piece))
        rest = rest.dropFirst(piece.count)
      }
      return pieces
    }
    func streams(_ name: String, _ pack: ([UInt8]) -> [UInt8]) -> PlacedFile {
      var file = PlacedFile(name: name, bytes: [], blocks: [])
      var start = 0
      for piece in pieces(60_000) {
        file.blocks.append((start, file.bytes.count))
        file.bytes += pack(piece)
        start += piece.count
      }
      return file
    }
    var files = [PlacedFile(name: "text", bytes: text, blocks: [], isText: true)]
    for (sizeMax, isStored) in [(300, true), (5000, false), (60_000, false)] {
      var frame = FrameBuilder(blocks: pieces(sizeMax))
      frame.isStored = isStored
      frame.hasBlockChecksums = isStored
      let built = frame.built
      var start = 0
      var blocks: [(start: Int, offset: Int)] = []
      for (block, offset) in zip(frame.blocks, built.blockOffsets) {
        blocks.append((start, offset))
        start += block.count
      }
      files.append(
        PlacedFile(name: "independent blocks of up to \(sizeMax)", bytes: built.bytes, blocks: blocks))
    }
    files.append(linked(text))
    files.append(streams("gzip") { StreamForms.member($0) })
    files.append(streams("zstd") { StreamForms.frame($0) })
    return files
  }

  /// Returns one frame of linked blocks of 64 kB, the last of which may be smaller.
  private static func linked(_ text: [UInt8]) -> PlacedFile {
    let bytes = LZ4Forms.linkedFrame(text)
    var blocks: [(start: Int, offset: Int)] = []
    var at = 7
    while case let size = (0..<4).reduce(0, { $0 | Int(bytes[at + $1]) << (8 * $1) }), size != 0 {
      blocks.append((blocks.count << 16, at))
      at += 4 + size & 0x7FFF_FFFF
    }
    return PlacedFile(name: "linked blocks", bytes: bytes, blocks: blocks)
  }
}

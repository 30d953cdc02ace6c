import SluiceRecords

/// The simulated organization: its people, networks, agents and applications, as ready-made pieces of JSON.
///
/// It is built once from the seed and then only read. The background can never make a rule fire:
///  - A background sign-in fails only from an IP from which at most `branchSize` = 7 people fail, each under at most
///    two names (their own and a mistyped one). That is 14 names, and credential stuffing needs 15, in a window of any
///    length. Egress addresses shared by more people have no failure.
///  - No background event that a rule reads lacks its IP, so nothing joins the null key.
///  - Account locks are counted as they are written (`HourWriter`): at most two per IP in a bucket, four with
///    duplicates, and six are needed.
///  - No background event contains "Login failures with high unknown users count".
///  - Addresses of attacks are in first octets (IPv6: prefixes) that the background never uses.
final class World: Sendable {
  struct User {
    var actor, id, alternateId, displayName: EventTemplatePiece
    var branch: Int
  }

  struct Network {
    var text, geography: EventTemplatePiece
    /// `{"asNumber":…,"domain":…,"isProxy":`
    var security: EventTemplatePiece
    var isV6: Bool
  }

  /// The pieces of a kind of event.
  struct KindPieces {
    var head, outcome, severity, legacy, uri: EventTemplatePiece
  }

  static let userCount = 20_000
  static let branchSize = 7
  static let hubCount = 24
  static let scannerCount = 64
  static let strangerCount = 3000
  /// The reasons in the order of `threatOutcomes`, with three results each.
  static let threatReasons = [
    "Login failures with high unknown users count",
    "Password Spray, Login failures with high unknown users count, Login Failures",
    "Login failures with high unknown users count,Brute Force",
    "Password Spray, Login Failures",
    "Login failures with high unknown users counts, Password Spray",
    "Password Spray",
    "Brute Force, Login Failures",
  ]
  static let threatResults = ["DENY", "ALLOW", "RATE_LIMIT"]

  let seed: UInt64
  let arena: UnsafeArena
  let users: [User]
  let strangers: [EventTemplatePiece]
  let networks: [Network]
  let agents: [EventTemplatePiece]
  let applications: [EventTemplatePiece]
  let groups: [EventTemplatePiece]
  let kinds: [KindPieces]
  let threatOutcomes: [EventTemplatePiece]
  /// The kind of event for each draw below 1,000.
  let kindTable: [UInt8]
  /// The user for each draw below the table's count; a few are drawn often (Zipf–Mandelbrot).
  let userTable: [UInt32]
  /// The agent for each draw below the table's count.
  let agentTable: [UInt8]

  private let attackPairs: Int
  private static let branchStart = 2 * userCount
  private static let hubStart = branchStart + userCount / branchSize + 1
  private static let scannerStart = hubStart + hubCount
  private static let attackStart = scannerStart + scannerCount

  /// - Parameter attackPairs: the number of attacker networks for each IP version.
  init(seed: UInt64, attackPairs: Int) {
    self.seed = seed
    self.attackPairs = attackPairs
    var builder = ArenaBuilder()
    let cities = Pools.cities.map { builder.add(Self.geography($0)) }
    users = Self.makeUsers(seed, &builder)
    strangers = (0..<Self.strangerCount).map { builder.add(Self.strangerName($0)) }
    networks = Self.makeNetworks(seed, attackPairs, cities, &builder)
    agents = (Pools.agents + Pools.attackAgents).map { builder.add(Self.clientOpening($0)) }
    applications = Pools.applications.enumerated().map { i, name in
      builder.add(Self.target("0oa" + Self.identifier(seed, 3, i), "AppInstance", name, name))
    }
    groups = Pools.groups.enumerated().map { i, name in
      builder.add(Self.target("00g" + Self.identifier(seed, 4, i), "UserGroup", "unknown", name))
    }
    kinds = EventKind.all.map { Self.pieces($0, &builder) }
    threatOutcomes = Self.threatReasons.flatMap { reason in
      Self.threatResults.map { builder.add(Self.outcome($0, reason)) }
    }
    kindTable = EventKind.all.enumerated().flatMap { i, kind in
      [UInt8](repeating: UInt8(i), count: kind.share)
    }
    precondition(kindTable.count == 1000, "shares of event kinds must add up to 1,000")
    userTable = Self.zipf(Self.userCount, offset: 20, size: 1 << 17)
    agentTable = Self.zipf(Pools.agents.count, offset: 4, size: 4096).map { UInt8($0) }
    arena = builder.sealed()
  }
}

// MARK: Networks by purpose

extension World {
  /// Returns one of a user's two networks.
  func ownNetwork(of user: Int, _ which: Int) -> Int { user + which * Self.userCount }
  func branchNetwork(_ branch: Int) -> Int { Self.branchStart + branch }
  func hub(_ i: Int) -> Int { Self.hubStart + i }
  func scanner(_ i: Int) -> Int { Self.scannerStart + i }
  func attackNetwork(_ i: Int, v6: Bool) -> Int {
    precondition(i < attackPairs)
    return Self.attackStart + i + (v6 ? attackPairs : 0)
  }
  func attackAgent(_ i: Int) -> Int { Pools.agents.count + i % Pools.attackAgents.count }
}

// MARK: Creation of the pieces

extension World {
  private static func makeUsers(_ seed: UInt64, _ builder: inout ArenaBuilder) -> [User] {
    (0..<userCount).map { i in
      var random = Random(seed, 1, UInt64(i))
      let pairs = Pools.firstNames.count * Pools.lastNames.count
      let first = Pools.firstNames[i % Pools.firstNames.count]
      let last = Pools.lastNames[i / Pools.firstNames.count % Pools.lastNames.count]
      let suffix = i < pairs ? "" : String(i / pairs + 1)
      // A few users sign in with a Windows name, which contains a backslash.
      let name =
        random.once(in: 60)
        ? "ACME\\\(first.plain).\(last.plain)\(suffix)"
        : "\(first.plain).\(last.plain)\(suffix)@\(random.pick(Pools.domains))"
      let id = "00u" + identifier(seed, 2, i)
      let shown = "\(first.shown) \(last.shown)"
      let actor = builder.add(target(id, "User", name, shown))
      return User(
        actor: actor, id: builder.add(id), alternateId: builder.add(unquoted(name)),
        displayName: builder.add(unquoted(shown)), branch: i / branchSize)
    }
  }

  private static func strangerName(_ i: Int) -> String {
    let first = Pools.firstNames[i % Pools.firstNames.count].plain
    let last = Pools.lastNames[(i / 7) % Pools.lastNames.count].plain
    return "\(first).\(last)\(1950 + i % 60)\(i)@\(Pools.strangerDomains[i % Pools.strangerDomains.count])"
  }

  private static func makeNetworks(
    _ seed: UInt64, _ attackPairs: Int, _ cities: [EventTemplatePiece], _ builder: inout ArenaBuilder
  ) -> [Network] {
    var security: [String: EventTemplatePiece] = [:]
    func describe(_ provider: Pools.Provider) -> EventTemplatePiece {
      if let known = security[provider.domain] { return known }
      let made = builder.add(securityOpening(provider))
      security[provider.domain] = made
      return made
    }
    return (0..<attackStart + 2 * attackPairs).map { i in
      var random = Random(seed, 5, UInt64(i))
      let isAttack = i >= attackStart
      let isV6: Bool =
        switch i {
        case ..<userCount: random.below(100) < 10
        case ..<branchStart: random.below(100) < 55
        case ..<attackStart: false
        default: i >= attackStart + attackPairs
        }
      // The first cities have the bigger offices.
      let city = min(random.below(Pools.cities.count), random.below(Pools.cities.count))
      let providers = isAttack ? Pools.hosting : Pools.providers[Pools.cities[city].region]
      let provider = providers[random.below(providers.count)]
      let address = isV6 ? addressV6(i, isAttack, &random) : addressV4(i, isAttack, &random)
      return Network(
        text: builder.add(address.description), geography: cities[city], security: describe(provider),
        isV6: isV6)
    }
  }

  /// Returns an address that differs for every `i` below 2^24: its last three bytes are a bijection of `i`.
  private static func addressV4(_ i: Int, _ isAttack: Bool, _ random: inout Random) -> IPAddress {
    let octets: [UInt32] =
      isAttack
      ? [45, 91, 185, 193] : [24, 47, 68, 71, 73, 76, 81, 82, 84, 86, 90, 98, 99, 108, 136, 174, 213]
    let rest = (UInt32(i) &* 0x9E_3779 &+ 0x5B_D1E9) & 0xFF_FFFF
    return IPAddress(v4: random.pick(octets) << 24 | rest)
  }

  private static func addressV6(_ i: Int, _ isAttack: Bool, _ random: inout Random) -> IPAddress {
    let prefixes: [UInt64] =
      isAttack
      ? [0x2A0B_F4C0, 0x2A0E_BFC0] : [0x2600_1700, 0x2601_0646, 0x2003_00E5, 0x2A01_0CB0, 0x2A02_8109]
    let high = random.pick(prefixes) << 32 | UInt64(UInt32(truncatingIfNeeded: i) &* 0x9E37_79B1)
    // Hosting machines have short interface identifiers, and homes have random ones.
    return IPAddress(high: high, low: isAttack ? UInt64(i & 0xFF) + 1 : random.next())
  }

  /// Returns a table of draws for `count` items of which the k-th is as frequent as 1 / (k + offset).
  ///
  /// It uses only sums and quotients, so that it is the same on every machine.
  private static func zipf(_ count: Int, offset: Double, size: Int) -> [UInt32] {
    var cumulative: [Double] = []
    var sum = 0.0
    for k in 0..<count {
      sum += 1 / (Double(k) + offset)
      cumulative.append(sum)
    }
    var table: [UInt32] = []
    table.reserveCapacity(size)
    var k = 0
    for i in 0..<size {
      let wanted = sum * (Double(i) + 0.5) / Double(size)
      while k < count - 1, cumulative[k] < wanted { k += 1 }
      table.append(UInt32(k))
    }
    return table
  }

  private static func pieces(_ kind: EventKind, _ builder: inout ArenaBuilder) -> KindPieces {
    KindPieces(
      head: builder.add(
        #","displayMessage":\#(quoted(kind.message)),"eventType":\#(quoted(kind.type)),"outcome":"#),
      outcome: builder.add(outcome(kind.result, kind.reason)),
      severity: builder.add(#""severity":"\#(kind.severity)","debugContext":{"debugData":{"requestId":""#),
      legacy: builder.add(#"}},"legacyEventType":\#(kind.legacy.map(quoted) ?? "null"),"transaction":"#),
      uri: builder.add(kind.uri))
  }

  private static func outcome(_ result: String, _ reason: String?) -> String {
    #"{"result":"\#(result)","reason":\#(reason.map(quoted) ?? "null")}"#
  }

  private static func target(_ id: String, _ type: String, _ alternateId: String, _ name: String) -> String {
    #"{"id":"\#(id)","type":"\#(type)","alternateId":\#(quoted(alternateId)),"displayName":\#(quoted(name)),"#
      + #""detailEntry":null}"#
  }

  private static func geography(_ city: Pools.City) -> String {
    let state = city.state.isEmpty ? "null" : quoted(city.state)
    return #"{"city":\#(quoted(city.name)),"state":\#(state),"country":\#(quoted(city.country)),"#
      + #""postalCode":"\#(city.postalCode)","geolocation":{"lat":\#(city.latitude),"lon":\#(city.longitude)}}"#
  }

  private static func securityOpening(_ provider: Pools.Provider) -> String {
    #"{"asNumber":\#(provider.number),"asOrg":\#(quoted(provider.organization)),"#
      + #""isp":\#(quoted(provider.isp)),"domain":\#(quoted(provider.domain)),"isProxy":"#
  }

  private static func clientOpening(_ agent: Pools.Agent) -> String {
    #"{"userAgent":{"rawUserAgent":\#(quoted(agent.raw)),"os":\#(quoted(agent.os)),"#
      + #""browser":"\#(agent.browser)"},"zone":"null","device":"\#(agent.device)","id":null"#
  }

  /// Returns 17 letters and digits, as after the prefix of an Okta id.
  private static func identifier(_ seed: UInt64, _ purpose: UInt64, _ i: Int) -> String {
    var random = Random(seed, purpose, UInt64(i))
    let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
    return String((0..<14).map { _ in letters[random.below(letters.count)] }) + "697"
  }

  private static func quoted(_ text: String) -> String {
    var json = JSONWriter()
    json.write(.text(LogText(text)))
    return String(decoding: json.bytes, as: UTF8.self)
  }

  /// Returns a text escaped as in a JSON string, without the surrounding quotes.
  private static func unquoted(_ text: String) -> String { String(quoted(text).dropFirst().dropLast()) }
}

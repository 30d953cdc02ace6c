import SluiceRecords

/// Writes events in the form and key order of Okta's API, one per line.
///
/// All expensive text is in the world's ready-made pieces. Writing an event copies about eighty of them, adds a few
/// random hexadecimal numbers and allocates nothing.
struct EventWriter {
  /// A bound in bytes that no event reaches; asserted after each event.
  static let eventSizeMax = 4096

  let world: World
  private var hourStart: Int64 = .min
  /// The text `2026-01-05T10:` of the hour written last.
  private var hourText: [UInt8] = []

  init(world: World) { self.world = world }

  /// Appends one event and its newline.
  mutating func write(_ spec: EventSpec, _ random: inout Random, to line: inout UnsafeLineBuffer) {
    line.reserve(Self.eventSizeMax)
    let start = line.count
    let kind = world.kinds[spec.kind]
    let requestId = (random.next(), random.next())
    line.add(#"{"actor":"#)
    writeActor(spec.actor, to: &line)
    line.add(#","client":"#)
    writeClient(spec, &random, to: &line)
    line.add(#","device":"#)
    let plan = TargetPlan(EventKind.all[spec.kind].targets, &random)
    let device = device(of: spec.actor, plan)
    writeDevice(device, to: &line)
    writeAuthentication(spec, to: &line)
    line.add(kind.head, of: world.arena)
    line.add(spec.outcome ?? kind.outcome, of: world.arena)
    line.add(#","published":""#)
    writeTime(spec.time, to: &line)
    line.add(#"","securityContext":"#)
    if let network = spec.network {
      line.add(world.networks[network].security, of: world.arena)
      if spec.isProxy { line.add("true},") } else { line.add("false},") }
    } else {
      line.add(#"{"asNumber":null,"asOrg":null,"isp":null,"domain":null,"isProxy":null},"#)
    }
    line.add(kind.severity, of: world.arena)
    writeDebugData(
      spec, requestId: requestId, query: plan.count < 2 && device == nil, lineStart: start,
      tailSize: (spec.network == nil ? 220 : 490) + plan.count * 155, &random, to: &line)
    line.add(kind.legacy, of: world.arena)
    line.add(#"{"type":"WEB","id":""#)
    line.hexadecimal(requestId.0, digits: 16)
    line.hexadecimal(requestId.1, digits: 16)
    line.add(#"","detail":{}},"uuid":""#)
    writeUUID(spec, to: &line)
    line.add(#"","version":"0","request":{"ipChain":["#)
    writeChain(spec.network, to: &line)
    line.add(#"]},"target":"#)
    writeTargets(plan, spec, lineStart: start, &random, to: &line)
    line.add("}\n")
    assert(line.count - start <= Self.eventSizeMax)
  }

  private func writeActor(_ actor: EventSpec.Actor, to line: inout UnsafeLineBuffer) {
    func unknown(_ name: EventTemplatePiece, to line: inout UnsafeLineBuffer) {
      line.add(#"{"id":"unknown","type":"User","alternateId":""#)
      line.add(name, of: world.arena)
      line.add(#"","displayName":"unknown","detailEntry":null}"#)
    }
    switch actor {
    case .user(let user): line.add(world.users[user].actor, of: world.arena)
    case .mistyped(let user):
      let name = world.users[user].alternateId
      unknown(EventTemplatePiece(offset: name.offset + 1, count: name.count - 1), to: &line)
    case .stranger(let stranger): unknown(world.strangers[stranger], to: &line)
    case .address(let network):
      line.add(#"{"id":""#)
      line.add(world.networks[network].text, of: world.arena)
      line.add(#"","type":"IP address","alternateId":"unknown","displayName":"unknown","detailEntry":null}"#)
    case .system:
      line.add(
        #"{"id":"sprtfrct1fCoETaBc697","type":"SystemPrincipal","alternateId":"system@okta.com","#)
      line.add(#""displayName":"Okta System","detailEntry":null}"#)
    }
  }

  private func writeClient(_ spec: EventSpec, _ random: inout Random, to line: inout UnsafeLineBuffer) {
    if case .system = spec.actor {
      line.add(#"{"userAgent":null,"zone":null,"device":null,"id":null"#)
    } else {
      line.add(world.agents[spec.agent], of: world.arena)
    }
    if let network = spec.network {
      line.add(#","ipAddress":""#)
      line.add(world.networks[network].text, of: world.arena)
      line.add(#"","geographicalContext":"#)
      line.add(world.networks[network].geography, of: world.arena)
      line.byte(UInt8(ascii: "}"))
      return
    }
    // Okta's ways to write that there is no address.
    switch random.below(8) {
    case 0: line.add(#","geographicalContext":null}"#)
    case 1: line.add(#","ipAddress":"unknown","geographicalContext":null}"#)
    default: line.add(#","ipAddress":null,"geographicalContext":null}"#)
    }
  }

  /// Returns the registered device of an actor; a third of the users have one. Only shorter events log it.
  private func device(of actor: EventSpec.Actor, _ plan: TargetPlan) -> UInt64? {
    guard case .user(let user) = actor, user % 3 == 0, plan.count < 2 else { return nil }
    return Random.mix(world.seed ^ UInt64(user) << 8)
  }

  private func writeDevice(_ hash: UInt64?, to line: inout UnsafeLineBuffer) {
    guard let hash else { return line.add("null") }
    line.add(#"{"id":"guo"#)
    line.letters(hash, digits: 10)
    line.letters(hash >> 7, digits: 7)
    line.add(#"","name":"LAPTOP-"#)
    line.hexadecimal(hash, digits: 7)
    line.add(#"","os_platform":"WINDOWS","os_version":"10.0.22631","managed":true,"registered":true,"#)
    line.add(#""device_integrator":null,"disk_encryption_type":"ALL_INTERNAL_VOLUMES","screen_lock_type":"#)
    line.add(#""BIOMETRIC","jailbreak":null,"secure_hardware_present":true}"#)
  }

  /// Writes the authentication context. A session lasts while user and hour are the same.
  private func writeAuthentication(_ spec: EventSpec, to line: inout UnsafeLineBuffer) {
    line.add(#","authenticationContext":{"authenticationProvider":null,"credentialProvider":null,"#)
    line.add(#""credentialType":null,"issuer":null,"interface":null,"authenticationStep":0,"#)
    guard case .user(let user) = spec.actor else {
      return line.add(#""externalSessionId":"unknown"}"#)
    }
    let hash = Random.mix(Random.mix(UInt64(user)) ^ UInt64(bitPattern: spec.time / 3_600_000))
    line.add(#""externalSessionId":"trs"#)
    line.letters(hash, digits: 10)
    line.byte(UInt8(ascii: "-"))
    line.letters(hash >> 4, digits: 10)
    line.add(#""}"#)
  }

  private mutating func writeTime(_ time: Int64, to line: inout UnsafeLineBuffer) {
    let hour = time - time % 3_600_000
    if hour != hourStart {
      hourStart = hour
      hourText = Array(EventTime(milliseconds: hour).description.utf8.prefix(14))
    }
    let millisecond = Int(time - hour)
    line.add(hourText)
    line.decimal(millisecond / 60_000, digits: 2)
    line.byte(UInt8(ascii: ":"))
    line.decimal(millisecond / 1000 % 60, digits: 2)
    line.byte(UInt8(ascii: "."))
    line.decimal(millisecond % 1000, digits: 3)
    line.byte(UInt8(ascii: "Z"))
  }

  /// Writes a UUID of version 1, as Okta does.
  ///
  /// It contains the time in steps of 100 ns since 1582, then 48 bits from a bijection of the serial, so that no two
  /// events have the same UUID.
  private func writeUUID(_ spec: EventSpec, to line: inout UnsafeLineBuffer) {
    let mask: UInt64 = 1 << 48 - 1
    var node = (spec.serial ^ Random.mix(world.seed)) & mask
    node = node &* 0x9E37_79B9_7F4B & mask
    node ^= node >> 25
    node = node &* 0xC2B2_AE3D_27D5 & mask
    let ticks = UInt64(bitPattern: spec.time + 12_219_292_800_000) &* 10_000 &+ node % 10_000
    line.hexadecimal(ticks, digits: 8)
    line.byte(UInt8(ascii: "-"))
    line.hexadecimal(ticks >> 32, digits: 4)
    line.byte(UInt8(ascii: "-"))
    line.hexadecimal(0x1000 | ticks >> 48 & 0xFFF, digits: 4)
    line.add("-b8ab-")
    line.hexadecimal(node, digits: 12)
  }

  private func writeChain(_ network: Int?, to line: inout UnsafeLineBuffer) {
    guard let network else { return }
    line.add(#"{"ip":""#)
    line.add(world.networks[network].text, of: world.arena)
    line.add(#"","geographicalContext":"#)
    line.add(world.networks[network].geography, of: world.arena)
    if world.networks[network].isV6 {
      line.add(#","version":"V6","source":null}"#)
    } else {
      line.add(#","version":"V4","source":null}"#)
    }
  }
}

/// `debugContext.debugData`: six entries that every event has, then entries that suit its kind.
///
/// Entries are added until the event has the size drawn for it; there are at least 8 and at most 20.
extension EventWriter {
  /// The target sizes of whole lines in bytes.
  ///
  /// One entry more than needed may be written; the longest has about 330 bytes.
  private static let sizeAim = 1800...2250
  private static let sizeMin = 1680
  private static let extraCount = 17

  /// - Parameters:
  ///   - query: whether there is room for a query in the URL.
  ///   - tailSize: the approximate number of bytes after the debug data.
  func writeDebugData(
    _ spec: EventSpec, requestId: (UInt64, UInt64), query: Bool, lineStart: Int, tailSize: Int,
    _ random: inout Random, to line: inout UnsafeLineBuffer
  ) {
    let kind = world.kinds[spec.kind]
    let flavor = EventKind.all[spec.kind].flavor
    line.hexadecimal(requestId.0, digits: 16)
    line.hexadecimal(requestId.1, digits: 16)
    line.add(#"","dtHash":""#)
    let holder = holderHash(spec)
    for i in 0..<4 as Range<UInt64> { line.hexadecimal(Random.mix(holder &+ i), digits: 16) }
    line.add(#"","requestUri":""#)
    line.add(kind.uri, of: world.arena)
    line.add(#"","threatSuspected":""#)
    line.add(spec.threatSuspected)
    line.add(#"","url":""#)
    line.add(kind.uri, of: world.arena)
    line.byte(UInt8(ascii: "?"))
    if query { writeQuery(&random, to: &line) }
    line.add(#"","deviceFingerprint":""#)
    line.hexadecimal(Random.mix(holder), digits: 16)
    line.hexadecimal(Random.mix(holder &+ 9), digits: 16)
    line.byte(UInt8(ascii: "\""))
    var entries = 6
    if flavor == .threat {
      line.add(#","threatDetections":"{\"Password Spray\":\"MEDIUM\",\"Login Failures\":\"LOW\"}""#)
      entries += 1
    }
    if spec.isProxy {
      line.add(#","tunnels":"[{\"anonymous\":true,\"operator\":\"NORDVPN\",\"type\":\"VPN\"}]""#)
      entries += 1
    }

    let aim = random.within(Self.sizeAim) - tailSize
    var open = UInt32(1 << Self.extraCount - 1)
    for i in 0..<Self.extraCount where flavor.rawValue >> UInt32(i) & 1 == 1 {
      if entries >= 8, line.count - lineStart >= aim { break }
      writeExtra(i, spec, &random, to: &line)
      open &= ~(1 << UInt32(i))
      entries += 1
    }
    for i in 0..<Self.extraCount where open >> UInt32(i) & 1 == 1 && flavor.rawValue >> UInt32(i) & 1 == 0 {
      if entries >= 20 || (entries >= 8 && line.count - lineStart >= Self.sizeMin - tailSize) { break }
      writeExtra(i, spec, &random, to: &line)
      entries += 1
    }
  }

  /// Returns a hash that is the same for all events of one person or machine with one agent.
  private func holderHash(_ spec: EventSpec) -> UInt64 {
    let who: UInt64 =
      switch spec.actor {
      case .user(let user), .mistyped(let user): UInt64(user)
      case .stranger, .address, .system: 1 << 32 | UInt64(spec.network ?? 0)
      }
    return Random.mix(world.seed ^ who << 8 ^ UInt64(spec.agent))
  }

  private func writeQuery(_ random: inout Random, to line: inout UnsafeLineBuffer) {
    switch random.below(60) {
    case 0:
      // Shippers written in Go escape an ampersand this way. It is rare here, because such a line must be parsed to be
      // rejected.
      line.add(#"client_id=okta.2b1959c8-bcc0-56eb-a589-cfcfb7422f26\u0026response_type=code\u0026state="#)
      line.letters(random.next(), digits: 10)
    case 1..<24:
      line.add("client_id=okta.2b1959c8-bcc0-56eb-a589-cfcfb7422f26&response_type=code&scope=openid&state=")
      line.letters(random.next(), digits: 10)
      line.letters(random.next(), digits: 10)
    default: break
    }
  }

  private func writeExtra(
    _ i: Int, _ spec: EventSpec, _ random: inout Random, to line: inout UnsafeLineBuffer
  ) {
    switch i {
    case 0:
      line.add(#","authnRequestId":""#)
      line.hexadecimal(random.next(), digits: 16)
      line.hexadecimal(random.next(), digits: 16)
      line.byte(UInt8(ascii: "\""))
    case 1: line.add(#","origin":"https://acme.okta.example""#)
    case 2: line.add(#","oktaUserAgentExtended":"okta-auth-js/7.8.1 okta-signin-widget-7.26.1""#)
    case 3:
      switch riskLevel(spec, &random) {
      case 0: line.add(#","risk":"{level=LOW}""#)
      case 1: line.add(#","risk":"{reasons=Anomalous Location, level=MEDIUM}""#)
      default: line.add(#","risk":"{reasons=Anomalous Device, Anomalous Location, level=HIGH}""#)
      }
    case 4:
      line.add(#","behaviors":"{New Geo-Location=NEGATIVE, New Device="#)
      if random.once(in: 6) { line.add("POSITIVE") } else { line.add("NEGATIVE") }
      line.add(#", New IP=NEGATIVE, New State=NEGATIVE, New Country=NEGATIVE, Velocity=NEGATIVE, "#)
      line.add(#"New City=NEGATIVE}""#)
    case 5: line.add(#","grantedScopes":"openid, profile, email, offline_access""#)
    case 6: line.add(#","requestedScopes":"openid,profile,email,offline_access""#)
    case 7: line.add(#","responseTime":""#); line.decimal(random.within(100...999), digits: 3); line.add("\"")
    case 8: line.add(#","factor":"PASSWORD_AS_FACTOR""#)
    case 9: line.add(#","factorIntent":"AUTHENTICATION""#)
    case 10: line.add(#","clientAuthType":"client_secret_basic""#)
    case 11: line.add(#","changedAttributes":"[login, email, manager, costCenter, department, title]""#)
    case 12:
      line.add(#","challengeAuthenticatorsList":"[{Okta Verify : totp}, {Okta Verify : signed_nonce}, "#)
      line.add(#"{Password : password}]""#)
    case 13: writeLogOnlySecurityData(spec, &random, to: &line)
    case 14: line.add(#","pushOnlyResponseType":"OV_RESPONSE_APPROVE""#)
    case 15:
      // Another actor's name under the same keys.
      line.add(#","originalPrincipal":{"id":"00uOrigPrincipal00697","type":"User","alternateId":"#)
      line.add(#""svc.delegate@acme.example","displayName":"Delegate Service","detailEntry":null}"#)
    default: line.add(#","audience":"https://acme.okta.example/oauth2/default""#)
    }
  }

  /// Writes JSON in a string, as Okta logs it.
  private func writeLogOnlySecurityData(
    _ spec: EventSpec, _ random: inout Random, to line: inout UnsafeLineBuffer
  ) {
    line.add(#","logOnlySecurityData":"{\"risk\":{"#)
    switch riskLevel(spec, &random) {
    case 0: line.add(#"\"level\":\"LOW\"},"#)
    case 1: line.add(#"\"reasons\":\"Anomalous Location\",\"level\":\"MEDIUM\"},"#)
    default: line.add(#"\"reasons\":\"Anomalous Device, Anomalous Location\",\"level\":\"HIGH\"},"#)
    }
    line.add(#"\"behaviors\":{\"New Geo-Location\":\"NEGATIVE\",\"New Device\":\""#)
    if random.once(in: 6) { line.add("POSITIVE") } else { line.add("NEGATIVE") }
    line.add(#"\",\"New IP\":\"NEGATIVE\",\"New State\":\"NEGATIVE\",\"New Country\":\"NEGATIVE\","#)
    line.add(#"\"Velocity\":\"NEGATIVE\",\"New City\":\"NEGATIVE\"}}""#)
  }

  /// Returns 0 low, 1 medium or 2 high; strangers are risky, the organization's people rarely.
  private func riskLevel(_ spec: EventSpec, _ random: inout Random) -> Int {
    switch spec.actor {
    case .stranger, .address: random.within(1...2)
    default: random.once(in: 10) ? random.within(1...2) : 0
    }
  }
}

/// The member `target`: null or up to four objects that the event is about.
struct TargetPlan {
  enum Part { case application, applicationUser, user, group, policy, policyRule, authenticator }
  private var parts: (Part?, Part?, Part?, Part?) = (nil, nil, nil, nil)

  init(_ targets: EventKind.Targets, _ random: inout Random) {
    parts =
      switch targets {
      case .none: (nil, nil, nil, nil)
      case .application: (.application, nil, nil, nil)
      case .applicationUser: (.application, .applicationUser, nil, nil)
      case .user: (.user, nil, nil, nil)
      case .userAndGroup: (.user, .group, nil, nil)
      case .userAndApplication:
        random.once(in: 4)
          ? (.applicationUser, .application, .user, .group) : (.applicationUser, .application, .user, nil)
      case .policy:
        random.once(in: 3) ? (.policy, .policyRule, .application, nil) : (.policy, .policyRule, nil, nil)
      case .authenticator: (.authenticator, .application, nil, nil)
      }
  }

  var count: Int {
    (parts.0 == nil ? 0 : 1) + (parts.1 == nil ? 0 : 1) + (parts.2 == nil ? 0 : 1) + (parts.3 == nil ? 0 : 1)
  }

  subscript(i: Int) -> Part? {
    switch i {
    case 0: parts.0
    case 1: parts.1
    case 2: parts.2
    default: parts.3
    }
  }
}

extension EventWriter {
  func writeTargets(
    _ plan: TargetPlan, _ spec: EventSpec, lineStart: Int, _ random: inout Random,
    to line: inout UnsafeLineBuffer
  ) {
    guard plan.count > 0 else { return line.add("null") }
    line.byte(UInt8(ascii: "["))
    // Long names may leave no room for all targets in 2,600 bytes; a target has less than 200.
    for i in 0..<plan.count where i == 0 || line.count - lineStart < 2390 {
      if i > 0 { line.byte(UInt8(ascii: ",")) }
      writePart(plan[i]!, spec, &random, to: &line)  // All parts up to the count are set.
    }
    line.byte(UInt8(ascii: "]"))
  }

  private func writePart(
    _ part: TargetPlan.Part, _ spec: EventSpec, _ random: inout Random, to line: inout UnsafeLineBuffer
  ) {
    let user: Int
    if case .user(let actor) = spec.actor {
      user = actor
    } else {
      user = Int(world.userTable[random.below(world.userTable.count)])
    }
    switch part {
    case .application:
      // A few applications are used a lot: the smaller of two draws.
      let count = world.applications.count
      line.add(world.applications[min(random.below(count), random.below(count))], of: world.arena)
    case .applicationUser:
      line.add(#"{"id":"0ua"#)
      let hash = Random.mix(UInt64(user) ^ world.seed)
      line.letters(hash, digits: 10)
      line.letters(hash >> 4, digits: 4)
      line.add(#"697","type":"AppUser","alternateId":""#)
      line.add(world.users[user].alternateId, of: world.arena)
      line.add(#"","displayName":""#)
      line.add(world.users[user].displayName, of: world.arena)
      line.add(#"","detailEntry":null}"#)
    case .user: line.add(world.users[user].actor, of: world.arena)
    case .group: line.add(world.groups[random.below(world.groups.count)], of: world.arena)
    case .policy:
      line.add(#"{"id":"00pfrct3jnlDf62669700","type":"PolicyEntity","alternateId":"unknown","displayName":"#)
      line.add(#""Default Policy","detailEntry":{"policyType":"OktaSignOn"}}"#)
    case .policyRule:
      line.add(#"{"id":"0prtfrct3ksKEMqdy6970","type":"PolicyRule","alternateId":"00pfrct3jnlDf62669700","#)
      line.add(#""displayName":"Default Rule","detailEntry":null}"#)
    case .authenticator:
      line.add(#"{"id":"lae1at5k3ir9bV1gr697","type":"AuthenticatorEnrollment","alternateId":"unknown","#)
      line.add(
        #""displayName":"Okta Verify","detailEntry":{"methodTypeUsed":"Push","methodUsedVerifiedProperties":"#
      )
      line.add(#""[DEVICE_BOUND, HARDWARE_PROTECTED, USER_PRESENCE]"}}"#)
    }
  }
}

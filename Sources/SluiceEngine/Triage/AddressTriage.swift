import SluiceRecords
import SluiceRules

/// Triage of one client IP's detections, one after the other, from the events that the second pass kept.
///
/// Detections are best taken in order of time. Each costs its own events, the users and networks in its range, and the
/// events in which its range differs from the previous one.
struct AddressTriage {
  private let shard: MergedShard
  private let address: IPAddress
  private let users: FieldNumbers
  private let networks: FieldNumbers
  /// One row for each user number.
  private var userRows: [Int: Observation] = [:]
  private var networkRows: [Int: Observation] = [:]

  private struct SignIn {
    /// Number of the user; nil for null.
    var user: Int?
    var isSuccess: Bool
    var isFailure: Bool
    var isAccount: Bool
    var network: Int
    var locationIndex: Int
  }
  private var signIns: [SignIn] = []
  private var signInRows: SlidingRowRange
  private var successTimes: [EventTime] = []
  private var successTimesByUser: [Int: [EventTime]] = [:]
  private var failureTimesByUser: [Int: [EventTime]] = [:]

  /// Results of ThreatInsight events, as indices into `results`.
  private var threats: [(result: Int, network: Int)] = []
  private var threatRows: SlidingRowRange
  private var results: [LogText?] = []

  /// Event locations of sign-ins. Some may occur more than once.
  private var locations: [EventLocation?] = []
  private var lastSource: UInt32?

  // Counts for the current range.
  private var successCount = 0
  private var successLocations = ValueCounts()
  private var successUsers = ValueCounts()
  private var failedUsers = ValueCounts()
  /// Failed users that have an account's id.
  private var failedAccounts = ValueCounts()
  private var rangeNetworks = ValueCounts()
  private var threatResults = ValueCounts()

  private static let networkFields: [Field] = [
    .asNumber, .asOrg, .isp, .domain, .isProxy, .country, .city,
  ]

  /// - Parameters:
  ///   - signIns: sign-ins of the client IP, in order of time. The same holds for `threats`.
  ///   - users: numbers of ``Field/user``.
  init(
    _ shard: MergedShard, _ address: IPAddress, signIns: ArraySlice<Observation>,
    threats: ArraySlice<Observation>, users: FieldNumbers, networks: FieldNumbers
  ) {
    self.shard = shard
    self.address = address
    self.users = users
    self.networks = networks
    signInRows = SlidingRowRange(signIns.map(\.time))
    threatRows = SlidingRowRange(threats.map(\.time))
    for row in signIns { add(row) }
    for row in threats { addThreat(row) }
  }

  /// Returns numbers of the fields that distinguish networks.
  static func networkNumbers(in shard: MergedShard, key: HashKey) -> FieldNumbers {
    FieldNumbers(networkFields, in: shard, key: key)
  }

  private mutating func add(_ row: Observation) {
    let result = shard.value(.outcomeResult, of: row)
    let signIn = SignIn(
      user: user(of: row), isSuccess: result?.elementsEqual(TriageEvents.success) ?? false,
      isFailure: result?.elementsEqual(TriageEvents.failure) ?? false, isAccount: isAccount(row),
      network: network(of: row), locationIndex: locationIndex(of: row))
    signIns.append(signIn)
    if signIn.isSuccess {
      successTimes.append(row.time)
      if let user = signIn.user { successTimesByUser[user, default: []].append(row.time) }
    }
    if signIn.isFailure, let user = signIn.user { failureTimesByUser[user, default: []].append(row.time) }
  }

  private mutating func addThreat(_ row: Observation) {
    let result = shard.value(.outcomeResult, of: row).map { LogText($0.array) }
    let known = results.firstIndex(of: result)
    if known == nil { results.append(result) }
    threats.append((known ?? results.count - 1, network(of: row)))
  }

  private mutating func user(of row: Observation) -> Int? {
    guard shard.value(.user, of: row) != nil else { return nil }
    let number = users.number(of: row)
    if userRows[number] == nil { userRows[number] = row }
    return number
  }

  /// Returns the event location of a row, as an index into `locations`.
  private mutating func locationIndex(of row: Observation) -> Int {
    if row.source == lastSource { return locations.count - 1 }
    lastSource = row.source
    locations.append(shard.location(of: row))
    return locations.count - 1
  }

  private mutating func network(of row: Observation) -> Int {
    let number = networks.number(of: row)
    if networkRows[number] == nil { networkRows[number] = row }
    return number
  }

  /// Returns whether the actor has an account: its id is present and is not a placeholder for an actor without one.
  private func isAccount(_ row: Observation) -> Bool {
    guard let id = shard.value(.actorID, of: row), !id.elementsEqual("unknown") else { return false }
    return IPAddress(id) != address
  }

  // MARK: Detections

  /// Targets of a detection, by user: the time of the first attempt, and whether there is an account.
  private typealias Targets = [Int: (first: EventTime, isAccount: Bool)]

  /// Completes the triage of a detection.
  ///
  /// - Parameters:
  ///   - own: events of the detection, in order of time.
  ///   - namesUsers: whether these events name the attempted users.
  mutating func complete(_ triage: inout Triage, own: ArraySlice<Observation>, namesUsers: Bool) {
    move(to: triage.from...triage.to)
    triage.successCount = successCount
    triage.successUsers = texts(successUsers.values)
    let firstSuccess = successTimes.partitioningIndex(where: { $0 >= triage.from })
    triage.firstSuccess = successCount == 0 ? nil : successTimes[firstSuccess]

    let targets = namesUsers ? targets(of: own) : failedTargets(from: triage.from)
    triage.validTargets = texts(targets.filter { $0.value.isAccount }.keys)
    triage.otherTargets = texts(targets.filter { !$0.value.isAccount }.keys)
    triage.compromisedUsers = texts(
      targets.filter { user, target in
        let times = successTimesByUser[user, default: []]
        let next = times.partitioningIndex(where: { $0 > target.first })
        return next < times.count && times[next] <= triage.to
      }.keys)

    let results = Set(threatResults.values.map { self.results[$0] })
    triage.threatInsightResults = results.compactMap { $0 }.sorted()
    triage.enforcement =
      results.contains("DENY") || results.contains("RATE_LIMIT")
      ? .enforced : results == ["ALLOW"] ? .logged : nil

    for row in own {
      let start = row.time.startOfMinute
      if triage.minutes.last?.start != start { triage.minutes.append(.init(start: start, eventCount: 0)) }
      triage.minutes[triage.minutes.count - 1].eventCount += 1
    }
    var seen = Set(rangeNetworks.values)
    for row in own { seen.insert(network(of: row)) }
    triage.networks = networks(seen)
  }

  /// Event locations of the successful sign-ins in the range of the last completed detection; nil if one is unknown.
  var signInLocations: Set<EventLocation>? {
    let locations = successLocations.values.map { self.locations[$0] }
    return locations.contains(nil) ? nil : Set(locations.compactMap { $0 })
  }

  private mutating func move(to range: ClosedRange<EventTime>) {
    let ofSignIns = signInRows.move(to: range)
    for row in ofSignIns.left.joined() { count(signIns[row], -1) }
    for row in ofSignIns.come.joined() { count(signIns[row], 1) }
    let ofThreats = threatRows.move(to: range)
    for row in ofThreats.left.joined() { countThreat(row, -1) }
    for row in ofThreats.come.joined() { countThreat(row, 1) }
  }

  private mutating func count(_ signIn: SignIn, _ change: Int) {
    rangeNetworks.add(signIn.network, change)
    if signIn.isSuccess {
      successCount += change
      successLocations.add(signIn.locationIndex, change)
    }
    guard let user = signIn.user else { return }
    if signIn.isSuccess { successUsers.add(user, change) }
    if signIn.isFailure { failedUsers.add(user, change) }
    if signIn.isFailure, signIn.isAccount { failedAccounts.add(user, change) }
  }

  private mutating func countThreat(_ row: Int, _ change: Int) {
    rangeNetworks.add(threats[row].network, change)
    threatResults.add(threats[row].result, change)
  }

  private mutating func targets(of own: ArraySlice<Observation>) -> Targets {
    var targets: Targets = [:]
    for row in own {
      guard let user = user(of: row) else { continue }
      let first = targets[user]?.first ?? row.time
      targets[user] = (first, (targets[user]?.isAccount ?? false) || isAccount(row))
    }
    return targets
  }

  private func failedTargets(from: EventTime) -> Targets {
    var targets: Targets = [:]
    for user in failedUsers.values {
      let times = failureTimesByUser[user, default: []]
      let first = times[times.partitioningIndex(where: { $0 >= from })]
      targets[user] = (first, failedAccounts.counts[user] != nil)
    }
    return targets
  }

  // MARK: Values

  private func texts(_ numbers: some Sequence<Int>) -> [LogText] {
    numbers.compactMap { number in
      userRows[number].flatMap { shard.value(.user, of: $0) }.map { LogText($0.array) }
    }.sorted()
  }

  private func networks(_ numbers: Set<Int>) -> Triage.Networks {
    let rows = numbers.compactMap { networkRows[$0] }[...]
    func values(_ field: Field) -> [Value] {
      shard.values(field, null: nil, of: rows).sorted(by: Value.inOrder)
    }
    var networks = Triage.Networks()
    networks.asNumbers = values(.asNumber)
    networks.asOrgs = values(.asOrg)
    networks.isps = values(.isp)
    networks.domains = values(.domain)
    networks.isProxy = values(.isProxy)
    networks.countries = values(.country)
    networks.cities = values(.city)
    return networks
  }
}

extension EventTime {
  fileprivate var startOfMinute: EventTime {
    let rest = milliseconds % 60_000
    return EventTime(milliseconds: milliseconds - (rest < 0 ? rest + 60_000 : rest))
  }
}

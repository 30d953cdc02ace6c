/// The fuzz targets. Each gives arbitrary bytes to one part of the engine and to an oracle that must agree with it.
///
/// `Scripts/check/fuzz` and the folders of the corpus use the names of the cases.
enum FuzzTarget: String, CaseIterable, Sendable {
  case block, frame, archive, events, line, unescape, time, ip, risk, rules, partial

  /// Runs the target once; a trap is a finding as well.
  func run(_ bytes: [UInt8]) throws(Finding) {
    switch self {
    case .block: try fuzzBlock(bytes)
    case .frame: try fuzzFrame(bytes)
    case .archive: try fuzzArchive(bytes)
    case .events: try fuzzEvents(bytes)
    case .line: try fuzzLine(bytes)
    case .unescape: try fuzzUnescape(bytes)
    case .time: try fuzzTime(bytes)
    case .ip: try fuzzAddress(bytes)
    case .risk: try fuzzRisk(bytes)
    case .rules: try fuzzRules(bytes)
    case .partial: try fuzzPartial(bytes)
    }
  }
}

/// A violated invariant: something that must hold for every input does not hold for this one.
struct Finding: Error, CustomStringConvertible {
  var description: String
}

func require(_ holds: Bool, _ complaint: @autoclosure () -> String) throws(Finding) {
  if !holds { throw Finding(description: complaint()) }
}

func requireSame<T: Equatable>(_ found: T, _ expected: T, _ what: @autoclosure () -> String) throws(Finding) {
  try require(found == expected, "\(what()): \(found), expected \(expected)")
}

import SluiceRecords

/// Returns a random spelling of a time that reads back as the same time, to the millisecond.
public func randomSpelling(of time: EventTime, using rng: inout SplitMix64) -> String {
  let offsetMinutes = rng.pick([nil, nil, nil, 0, 60, -330, 845, -1439])
  let local = EventTime(milliseconds: time.milliseconds + Int64(offsetMinutes ?? 0) * 60_000).description
  let date = local.prefix(10)
  let clock = local.dropFirst(11).prefix(8)
  var fraction = String(local.dropFirst(20).prefix(3))
  switch Int.random(in: 0..<6, using: &rng) {
  case 0: fraction += "999"
  case 1: fraction += "999999999"
  case 2: fraction += "000000"
  // Trailing zeros are optional, and so is the point if no digit follows.
  case 3: while fraction.hasSuffix("0") { fraction.removeLast() }
  default: break
  }
  if !fraction.isEmpty { fraction = "." + fraction }
  return date + rng.pick(["T", "t", " "]) + clock + fraction + zone(offsetMinutes, using: &rng)
}

private func zone(_ offsetMinutes: Int?, using rng: inout SplitMix64) -> String {
  guard let offsetMinutes else { return rng.pick(["Z", "z", ""]) }
  func two(_ number: Int) -> String { (number < 10 ? "0" : "") + String(number) }
  let sign = offsetMinutes < 0 ? "-" : "+"
  let distance = abs(offsetMinutes)
  return sign + two(distance / 60) + rng.pick([":", ""]) + two(distance % 60)
}

/// Spellings that are no usable time; the JSON values among them are null or of the wrong type.
public let unusableTimes: [JSONTree?] = [
  nil, .null, "", "null", 1_767_225_600_000, "2026-01-05", "2026-02-30T10:00:00.000Z",
  "2026-01-05T10:61:00.000Z",
  "2026-01-05T10:00:60.000Z", "2026-01-05T24:00:00.000Z", "2026-01-05T10:00Z", "2026-01-05T10:00:00.Z",
  " 2026-01-05T10:00:00Z", "2026-01-05  10:00:00Z", "2026-13-05T10:00:00Z", "2025-02-29T10:00:00Z",
  "2026-01-05T10:00:00+0", "2026-1-5T10:00:00Z", "2026-01-05T10:00:00ZZ",
]

import SluiceRecords
import SluiceRules

extension Window {
  /// Cuts one key's events into windows.
  ///
  /// - Parameters:
  ///   - times: times of the events, ascending.
  ///   - floor: minimum number of events. Windows with fewer cannot fire and are skipped.
  ///   - range: the selected time range. If both ends are given, a `whole` window has these ends.
  ///   - body: called with the indices of a window's events, its start and its end.
  func cut(
    _ times: [EventTime], floor: Int, range: (from: EventTime?, to: EventTime?),
    _ body: (Range<Int>, EventTime, EventTime) -> Void
  ) {
    guard let first = times.first, let last = times.last else { return }
    switch self {
    case .hopping(let length, let slide): hop(times, length, slide, floor, body)
    case .session(let keepAlive, let maximum): keepAliveSessions(times, keepAlive, maximum, floor, body)
    case .whole:
      guard times.count >= floor else { return }
      if let from = range.from, let to = range.to {
        body(0..<times.count, from, to)
      } else {
        body(0..<times.count, first, last)
      }
    }
  }

  private func hop(
    _ times: [EventTime], _ length: Int64, _ slide: Int64, _ floor: Int,
    _ body: (Range<Int>, EventTime, EventTime) -> Void
  ) {
    precondition(length > 0 && slide > 0)
    /// Returns the start of the first window that holds a time: the least multiple of `slide` after `time - length`.
    func firstStart(holding time: EventTime) -> Int64 {
      floorDivide(time.milliseconds - length, slide) * slide + slide
    }
    var low = 0
    var high = 0
    var start = firstStart(holding: times[0])
    while low < times.count {
      // Windows without events are skipped.
      start = max(start, firstStart(holding: times[low]))
      while low < times.count, times[low].milliseconds < start { low += 1 }
      if low == times.count { return }
      if times[low].milliseconds >= start + length { continue }
      high = max(high, low)
      while high < times.count, times[high].milliseconds < start + length { high += 1 }
      if high - low >= floor {
        body(low..<high, EventTime(milliseconds: start), EventTime(milliseconds: start + length))
      }
      start += slide
    }
  }

  private func keepAliveSessions(
    _ times: [EventTime], _ keepAlive: Int64, _ maximum: Int64, _ floor: Int,
    _ body: (Range<Int>, EventTime, EventTime) -> Void
  ) {
    var start = 0
    for i in 1...times.count {
      let isOver =
        i == times.count || times[i].milliseconds - times[i - 1].milliseconds > keepAlive
        || times[i].milliseconds - times[start].milliseconds > maximum
      guard isOver else { continue }
      if i - start >= floor { body(start..<i, times[start], times[i - 1]) }
      start = i
    }
  }
}

private func floorDivide(_ a: Int64, _ b: Int64) -> Int64 {
  let quotient = a / b
  return a % b < 0 ? quotient - 1 : quotient
}

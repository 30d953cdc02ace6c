import SluiceRecords
import SluiceTestSupport

@testable import SluiceReference

/// Counts of a file's events by the simplest code. The reference implementation reads them, and all values are kept.
struct InspectionOracle {
  var types: [LogText: Int] = [:]
  var untyped = 0
  var untimed = 0
  var duplicates = 0
  /// Times in ascending order.
  var times: [EventTime] = []

  init(_ events: [EventBuilder]) {
    var uuids: Set<LogText> = []
    for case .event(let event) in events.flatMap({ ReferenceShapes(literals: []).records(of: $0.line) }) {
      if let type = event.eventType { types[type, default: 0] += 1 } else { untyped += 1 }
      if let time = event.published { times.append(time) } else { untimed += 1 }
      if let uuid = event.uuid, !uuids.insert(uuid).inserted { duplicates += 1 }
    }
    times.sort()
  }

  func gaps(longerThan milliseconds: Int64) -> [(EventTime, EventTime)] {
    Array(zip(times, times.dropFirst())).filter { $1.milliseconds - $0.milliseconds > milliseconds }
  }
}

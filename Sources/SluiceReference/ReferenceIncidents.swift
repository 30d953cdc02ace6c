import SluiceRecords

/// Sets incidents straight from the definition, as connected components.
///
/// Two detections are neighbours if they are in one episode, or if they have the same client IP and at most an hour
/// between their time ranges. An incident contains all detections that are reachable from each other.
func joinIncidents(_ detections: inout [Detection]) {
  func areNeighbours(_ a: Detection, _ b: Detection) -> Bool {
    if a.episode == b.episode { return true }
    guard let address = a.clientIP, address == b.clientIP else { return false }
    return a.firstSeen <= b.lastSeen + hours(1) && b.firstSeen <= a.lastSeen + hours(1)
  }

  var isDone = Array(repeating: false, count: detections.count)
  for start in detections.indices where !isDone[start] {
    var incident = [start]
    isDone[start] = true
    var next = 0
    while next < incident.count {
      for index in detections.indices where !isDone[index] {
        if areNeighbours(detections[incident[next]], detections[index]) {
          incident.append(index)
          isDone[index] = true
        }
      }
      next += 1
    }
    // Among equally early detections, the first in output order.
    let firstSeen = incident.map { detections[$0].firstSeen }.min()!
    let first = incident.filter { detections[$0].firstSeen == firstSeen }.min()!
    let id = detections[first].id
    let rules = Set(incident.map { detections[$0].rule.id })
    for index in incident {
      detections[index].incident = id
      detections[index].alsoSeenBy = rules.filter { $0 != detections[index].rule.id }.sorted()
    }
  }
}

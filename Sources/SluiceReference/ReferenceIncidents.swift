import SluiceRecords

/// Incidents by the definition alone: detections are neighbours if they are of one episode, or of one client IP with at
/// most an hour between their spans; an incident is all that can be reached from neighbour to neighbour.
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
    // Of those that begin together the first in the order of the output.
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

import SluiceEngine
import SluiceRecords

extension ThresholdCurve {
  /// Readable table with one line per value. The rule's own value is marked.
  package var table: SafeText {
    let heading: SafeText = "\(term.columnName) \(term.operatorText)"
    let headings: [SafeText] = [heading, "DETECTIONS", "EPISODES"] + (hasExceptions ? ["SUPPRESSED"] : [])
    let rows = points.map { point -> [SafeText] in
      ["\(point.value)", "\(point.detections)", "\(point.episodes)"]
        + (hasExceptions ? ["\(point.suppressed)"] : [])
    }
    var lines = SafeText.aligned([headings] + rows, toTheRight: [0, 1, 2, 3])
    for (index, point) in points.enumerated() where point.isOwn {
      lines[index + 1] = "\(lines[index + 1])  < the rule's own"
    }
    if !points.contains(where: \.isOwn) {
      lines.append("The rule's own value, \(ThresholdTerm.text(term.ownValue)), is none of these.")
    }
    return SafeText.joined(lines.map { "\($0)\n" })
  }

  /// Returns the record `sluice.what-if/1`: one line of JSON, without the newline.
  package func json(isComplete: Bool) -> [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.member("schema", "sluice.what-if/1")
      json.member("rule", term.ruleID)
      json.member("column", term.columnName)
      json.member("operator", term.operatorText)
      json.member("own_value", Self.number(term.ownValue))
      json.key("values")
      json.array { json in
        for (point, value) in zip(points, term.range.values) {
          json.object { json in
            json.member("value", Self.number(value))
            json.member("detections", point.detections)
            json.member("episodes", point.episodes)
            if hasExceptions { json.member("suppressed", point.suppressed) }
          }
        }
      }
      json.member("complete", .bool(isComplete))
    }
    return json.bytes
  }

  private static func number(_ value: Double) -> Value {
    Int(exactly: value).map { .integer($0) } ?? .double(value)
  }
}

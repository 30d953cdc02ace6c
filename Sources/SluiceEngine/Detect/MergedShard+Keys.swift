import SluiceRecords

/// Which of a shard's observations are those of one rule and one key.
extension MergedShard {
  /// As a rule all of a client IP's observations are of one rule: then they are not copied.
  func rows(of group: Group, thatPassed rule: Int) -> ArraySlice<Observation> {
    let bit: UInt32 = 1 << UInt32(rule)
    let rows = rows[group.rows]
    let count = rows.count { $0.rules & bit != 0 }
    if count == rows.count { return rows }
    var passed: [Observation] = []
    passed.reserveCapacity(count)
    for row in rows where row.rules & bit != 0 { passed.append(row) }
    return passed[...]
  }

  /// Rows by what a rule groups by beside the client IP, each part in order of time.
  ///
  /// - Parameter numbers: of the fields in that key; nil if there is nothing in it.
  func partition(
    _ rows: ArraySlice<Observation>, by rule: Rule, _ numbers: FieldNumbers?
  ) -> [(restOfKey: [Detection.Column], rows: ArraySlice<Observation>)] {
    guard let numbers else { return [([], rows)] }
    // Null and the text that stands for it are one key, so that two numbers may be of one part.
    var partByNumber: [Int: Int] = [:]
    var partByKey: [[LogText]: Int] = [:]
    var parts: [(restOfKey: [Detection.Column], rows: [Observation])] = []
    for row in rows {
      let number = numbers.number(of: row)
      if let part = partByNumber[number] {
        parts[part].rows.append(row)
        continue
      }
      let values = key(of: row, rule)
      let part = partByKey[values] ?? parts.count
      if part == parts.count {
        partByKey[values] = part
        parts.append((zip(rule.restOfKey, values).map { Detection.Column($0.name, .text($1)) }, []))
      }
      partByNumber[number] = part
      parts[part].rows.append(row)
    }
    // The order of the parts is lost in the sorting of all detections.
    return parts.map { ($0.restOfKey, $0.rows[...]) }
  }

  private func key(of row: Observation, _ rule: Rule) -> [LogText] {
    rule.restOfKey.map { part in
      switch part.source {
      case .constant(let text): text
      case .field(let field): value(field, of: row).map { LogText($0.array) } ?? part.null
      }
    }
  }
}

import SluiceRecords
import SluiceRules

/// Selection of a shard's observations by rule and key.
extension MergedShard {
  /// Returns the rows of a group that passed a rule's filter. Usually all rows did, and they are not copied.
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

  /// Partitions rows by the parts of a rule's key besides the client IP. Each partition is in order of time.
  ///
  /// - Parameter numbers: numbers of the fields in these parts; nil if there are no such parts.
  func partition(
    _ rows: ArraySlice<Observation>, by rule: Rule, _ numbers: FieldNumbers?
  ) -> [(restOfKey: [Detection.Column], rows: ArraySlice<Observation>)] {
    guard let numbers else { return [([], rows)] }
    // Null and the text that replaces it are one key, so several numbers may belong to one partition.
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
    // The order of the partitions does not matter, because all detections are sorted later.
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

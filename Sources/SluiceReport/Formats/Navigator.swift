import SluiceRecords

/// A run as one layer of the ATT&CK Navigator, format 4.5: each technique's score is its number of detections.
///
/// If a rule has a known tactic, its techniques are scored only under that tactic; else wherever they are in the
/// matrix.
struct NavigatorLayer {
  private struct Cell: Hashable {
    var technique: String
    var tactic: String?
  }

  private let detections: [Detection]

  init(_ detections: [Detection]) { self.detections = detections }

  /// One JSON object, without a newline.
  var json: [UInt8] {
    var counts: [Cell: [RuleMetadata: Int]] = [:]
    for detection in detections {
      for cell in Self.cells(of: detection.rule) {
        counts[cell, default: [:]][detection.rule, default: 0] += 1
      }
    }
    let cells = counts.sorted {
      ($0.key.technique, $0.key.tactic ?? "") < ($1.key.technique, $1.key.tactic ?? "")
    }
    let scores = cells.map { $0.value.values.reduce(0, +) }
    var json = JSONWriter()
    json.object { json in
      json.member("name", "\(Product.name) detections")
      json.key("versions")
      json.object { json in
        json.member("attack", "18")
        json.member("navigator", "5.2.0")
        json.member("layer", "4.5")
      }
      json.member("domain", "enterprise-attack")
      json.member("description", description)
      // Sort by descending score.
      json.member("sorting", 3)
      json.key("layout")
      json.object { json in
        json.member("layout", "side")
        json.member("showID", .bool(true))
        json.member("showName", .bool(true))
        json.member("expandedSubtechniques", "annotated")
      }
      json.key("techniques")
      json.array { json in
        for ((cell, rules), score) in zip(cells, scores) { Self.write(cell, rules, score, &json) }
      }
      json.key("gradient")
      json.object { json in
        json.member("colors", ["#fff3e0", "#e65100"])
        json.member("minValue", 0)
        // The maximum must exceed the minimum.
        json.member("maxValue", max(1, scores.max() ?? 0))
      }
    }
    return json.bytes
  }

  private var description: String {
    let first = detections.lazy.map(\.firstSeen).min()
    let last = detections.lazy.map(\.lastSeen).max()
    guard let first, let last else { return "No detections in archived Okta System Logs." }
    return
      """
      \(NumberFormat.count(detections.count, "detection")) in archived Okta System Logs from \(first) to \
      \(last); the score counts detections.
      """
  }

  private static func cells(of rule: RuleMetadata) -> Set<Cell> {
    let tactics = rule.tactics.compactMap(ATTACK.shortName)
    return Set(
      rule.techniques.flatMap { technique in
        tactics.isEmpty
          ? [Cell(technique: technique)] : tactics.map { Cell(technique: technique, tactic: $0) }
      })
  }

  private static func write(
    _ cell: Cell, _ rules: [RuleMetadata: Int], _ score: Int, _ json: inout JSONWriter
  ) {
    let comments = rules.sorted { $0.key.id < $1.key.id }.map { rule, count in
      "\(rule.title) (\(rule.vendor), \(rule.id)): \(NumberFormat.count(count, "detection"))"
    }
    json.object { json in
      json.member("techniqueID", cell.technique)
      if let tactic = cell.tactic { json.member("tactic", tactic) }
      json.member("score", score)
      json.member("comment", comments.joined(separator: "\n"))
      json.member("enabled", .bool(true))
    }
  }
}

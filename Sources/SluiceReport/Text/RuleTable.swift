import SluiceEngine
import SluiceRecords
import SluiceRules

/// The known rules and exceptions for people, one per line; remarks follow the rules.
package struct RuleTable {
  private let book: Rulebook

  package init(_ book: Rulebook) { self.book = book }

  private static let headings: [SafeText] = ["RULE", "", "VENDOR", "SEVERITY", "RISK", "WINDOW", "CONDITION"]

  package var lines: [SafeText] {
    let rows = book.entries.map { entry -> [SafeText] in
      let metadata = entry.rule.metadata
      return [
        "\(metadata.id)", entry.isEnabled ? "on" : "off", "\(metadata.vendor)", "\(metadata.severity)",
        "\(metadata.riskScore.map(String.init) ?? "-")", "\(entry.rule.windowText)", "\(entry.conditionText)",
      ]
    }
    var lines = SafeText.aligned([Self.headings] + rows)
    for entry in book.entries {
      if let note = entry.note { lines.append("\(entry.rule.id): \(note)") }
    }
    if LiteralSet.areTooMany(book.activeRules()) {
      lines.append(
        "The enabled rules look for more texts than the scan can at once, so that every line is parsed: the scan is slower."
      )
    }
    if !book.exceptions.isEmpty { lines += [""] + exceptionLines }
    return lines
  }

  private static let exceptionHeadings: [SafeText] = ["EXCEPTION", "EXPIRES", "OWNER", "COVERS", "REASON"]

  private var exceptionLines: [SafeText] {
    SafeText.aligned(
      [Self.exceptionHeadings]
        + book.exceptions.map { exception in
          [
            "\(exception.id)", "\(exception.expires.map { "\($0)" } ?? "never")", "\(exception.owner)",
            "\(exception.criteria.joined(separator: "; "))", "\(exception.reason)",
          ]
        })
  }
}

extension SafeText {
  /// Aligns cells in columns; the last column is not padded. - Precondition: all rows have the same length.
  static func aligned(_ rows: [[SafeText]], toTheRight: Set<Int> = []) -> [SafeText] {
    let widths = (rows.first ?? []).indices.map { column in
      rows.map { $0[column].width }.max() ?? 0
    }
    return rows.map { row in
      let cells = row.indices.map { column -> SafeText in
        let padding = String(repeating: " ", count: widths[column] - row[column].width)
        if toTheRight.contains(column) { return "\(padding)\(row[column])" }
        return column == row.count - 1 ? row[column] : "\(row[column])\(padding)"
      }
      return .joined(cells, separator: "  ")
    }
  }
}

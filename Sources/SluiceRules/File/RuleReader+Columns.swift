import SluiceRecords

/// Reading of groups, columns, condition and message.
extension RuleReader {
  mutating func groups(_ node: YAMLNode, _ reasonMatch: ReasonMatch) -> Rule.InnerGroups {
    var groups = Rule.InnerGroups(by: [], columns: [])
    guard let pairs = node.mapping else {
      report(node.location, "{by: [fields], columns: {name: count()}} should be here")
      return groups
    }
    demandKnownKeys(pairs, Self.groupsKeys)
    let by = pairs.first { $0.key.name == "by" }?.value
    guard let by, let fields = by.list, !fields.isEmpty else {
      report(by?.location ?? node.location, "inner groups need a list of fields, 'by:'")
      return groups
    }
    for field in fields {
      guard let name = text(field) else { continue }
      guard let known = Field(name: name) else {
        report(field.location, PredicateChecker.noField(name))
        continue
      }
      if groups.by.contains(known) { report(field.location, "'\(name)' stands here twice") }
      groups.by.append(known)
    }
    var checker = ColumnChecker(reasonMatch: reasonMatch, inner: nil, isInner: true)
    columns(pairs.first { $0.key.name == "columns" }?.value, nil, &checker)
    groups.columns = checker.columns
    return groups
  }

  /// - Parameter key: the key that must have columns; nil if columns are optional.
  mutating func columns(_ node: YAMLNode?, _ key: String?, _ checker: inout ColumnChecker) {
    guard let node else {
      if let key, let _: Int = missing(key) {}
      return
    }
    guard let pairs = node.mapping, !pairs.isEmpty else {
      return report(node.location, "a mapping of names to columns should be here, such as {count: count()}")
    }
    for (key, value) in pairs {
      guard let name = text(key) else { continue }
      if !key.isRepeated, checker.columns.contains(where: { $0.name == name }) {
        report(key.location, "two columns are named '\(name)'")
      }
      checker.add(name, syntax(value))
      take(checker.takeErrors(), in: value)
    }
  }

  mutating func condition(_ checker: inout ColumnChecker, _ groups: Rule.InnerGroups?) -> Expression? {
    guard let node = entry["condition"] else { return missing("condition") }
    guard let syntax = syntax(node), let condition = checker.condition(syntax) else {
      take(checker.takeErrors(), in: node)
      return nil
    }
    if let why = ImpossibleCondition.impossibility(of: condition, columns: checker.columns, groups: groups) {
      report(node.location, "no window can satisfy this condition: \(why)")
    } else if condition.columns.isEmpty {
      warn(node, "this condition is the same for all windows, as no column is in it")
    }
    return condition
  }

  mutating func message(_ checker: ColumnChecker, _ title: String) -> Message {
    guard let node = entry["message"], let text = text(node) else {
      return Message(parts: [.text(LogText(title))])
    }
    var parts: [Message.Part] = []
    for part in TemplateText(text).parts {
      switch part {
      case .text(let text): parts.append(.text(LogText(text)))
      case .placeholder("client_ip", let null): parts.append(.clientIP(null: LogText(null)))
      case .placeholder(let name, let null):
        guard let column = checker.column(named: name) else {
          let names = checker.columns.map(\.name) + ["client_ip"]
          report(node.location, "there is no column '\(name)'\(Suggestion.text(for: name, among: names))")
          continue
        }
        parts.append(.column(column, null: LogText(null)))
      }
    }
    return Message(parts: parts)
  }
}

/// Reading of the filter.
extension RuleReader {
  mutating func filter(_ reasonMatch: ReasonMatch) -> [Rule.Step] {
    guard let node = entry["filter"] else { return missing("filter") ?? [] }
    guard let elements = node.list, !elements.isEmpty else {
      report(
        node.location,
        "a list of conditions should be here, not \(node.list == nil ? node.kind : "an empty one")")
      return []
    }
    var steps: [Rule.Step] = []
    var nodes: [YAMLNode] = []
    var names = StepNames()
    for element in elements {
      // A step may have a name: `name: condition`.
      var (name, condition) = (String?.none, element)
      if let pairs = element.mapping {
        guard pairs.count == 1 else {
          report(element.location, "a step is a condition, or one name with a condition")
          continue
        }
        (name, condition) = (text(pairs[0].key), pairs[0].value)
        if let name, !names.take(name) {
          report(pairs[0].key.location, "two steps are named '\(name)'")
        }
      }
      guard let syntax = syntax(condition) else { continue }
      var checker = PredicateChecker(reasonMatch: reasonMatch)
      let predicate = checker.check(syntax)
      take(checker.errors, in: condition)
      guard let predicate else { continue }
      steps.append(Rule.Step(name: name ?? names.unused(firstField(predicate)), predicate: predicate))
      nodes.append(condition)
    }
    demandPossible(steps, nodes)
    // The prefilter searches for this step's literals, so the other steps are counted only for events that pass it.
    if let first = steps.firstIndex(where: { $0.predicate.literals != nil }) {
      steps.insert(steps.remove(at: first), at: 0)
    }
    return steps
  }

  private mutating func demandPossible(_ steps: [Rule.Step], _ nodes: [YAMLNode]) {
    let predicates = steps.map(\.predicate)
    guard let why = ImpossibleFilter.impossibility(of: .all(predicates)) else { return }
    // Report the first step after which no event is left. With very many steps, finding it is not worth the time.
    let first = nodes.indices.prefix(100).first {
      ImpossibleFilter.impossibility(of: .all(Array(predicates[...$0]))) != nil
    }
    report(
      first.map { nodes[$0].location } ?? entry["filter"]?.location ?? entry.location,
      "no event can pass this filter: \(why)")
  }

  private func firstField(_ predicate: Predicate) -> String {
    switch predicate {
    case .isEqual(let field, _), .isOne(let field, _), .hasPrefix(let field, _), .contains(let field, _),
      .lists(let field, _), .exists(let field), .isTrue(let field):
      field.name
    case .all(let parts), .any(let parts): parts.first.map { firstField($0) } ?? ""
    case .not(let part): firstField(part)
    }
  }
}

/// The names of a filter's steps.
private struct StepNames {
  private var used: Set<String> = []
  /// How often each name was requested, so that no number is tried twice.
  private var asked: [String: Int] = [:]

  /// Takes a name. - Returns: whether it was unused.
  mutating func take(_ name: String) -> Bool { used.insert(name).inserted }

  /// Takes a name, with a number appended if it is used, and returns it.
  mutating func unused(_ name: String) -> String {
    var unused = name
    while !take(unused) {
      asked[name, default: 1] += 1
      unused = "\(name) (\(asked[name, default: 1]))"
    }
    return unused
  }
}

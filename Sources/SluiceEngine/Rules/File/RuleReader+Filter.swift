/// Which events are looked at.
extension RuleReader {
  mutating func filter(_ reasonMatch: ReasonMatch) -> [Rule.Step] {
    guard let node = entry["filter"] else { return missing("filter") ?? [] }
    guard let elements = node.list, !elements.isEmpty else {
      fault(
        node.place,
        "a list of conditions should be here, not \(node.list == nil ? node.kind : "an empty one")")
      return []
    }
    var steps: [Rule.Step] = []
    var isImpossible = false
    for element in elements {
      // A step may bring its name: `name: condition`.
      var (name, condition) = (String?.none, element)
      if let pairs = element.mapping {
        guard pairs.count == 1 else {
          fault(element.place, "a step is a condition, or one name with a condition")
          continue
        }
        (name, condition) = (text(pairs[0].key), pairs[0].value)
        if let name, steps.contains(where: { $0.name == name }) {
          fault(pairs[0].key.place, "two steps are named '\(name)'")
        }
      }
      guard let syntax = syntax(condition) else { continue }
      var checker = PredicateChecker(reasonMatch: reasonMatch)
      let predicate = checker.check(syntax)
      take(checker.faults, in: condition)
      guard let predicate else { continue }
      steps.append(Rule.Step(name: name ?? unused(firstField(predicate), steps), predicate: predicate))
      if !isImpossible, let why = PredicateBounds.impossibility(of: .all(steps.map(\.predicate))) {
        // Those below it are no more possible.
        isImpossible = true
        fault(condition.place, "no event can pass this filter: \(why)")
      }
    }
    return steps
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

  private func unused(_ name: String, _ steps: [Rule.Step]) -> String {
    var (unused, number) = (name, 1)
    while steps.contains(where: { $0.name == unused }) {
      number += 1
      unused = "\(name) (\(number))"
    }
    return unused
  }
}

/// The syntax tree of an expression: the parser's output and the input of ``PredicateChecker`` and ``ColumnChecker``.
///
/// Precedence from low to high: `or`; `and`; `not`; comparisons, `in`, `starts_with`, `contains` and `lists`; `+` and
/// `-`; `*` and `/`; unary minus. Only one comparison or text operator may stand between two values. Operators of equal
/// precedence are left-associative. A chain of `and`, or of `or`, is one node.
struct ExpressionSyntax {
  indirect enum Node {
    case number(Double, isInteger: Bool)
    case text(String)
    case name(String)
    case call(String, [ExpressionSyntax])
    case negate(ExpressionSyntax)
    case arithmetic(Expression.Operation, ExpressionSyntax, ExpressionSyntax)
    case compare(Expression.Comparison, ExpressionSyntax, ExpressionSyntax)
    case isOne(ExpressionSyntax, of: [ExpressionSyntax])
    case relate(TextRelation, ExpressionSyntax, ExpressionSyntax)
    case all([ExpressionSyntax])
    case any([ExpressionSyntax])
    case not(ExpressionSyntax)
  }

  enum TextRelation: String {
    case startsWith = "starts_with"
    case contains
    case lists
  }

  var node: Node
  /// The offset of its first token; for an operator with two sides, the offset of the operator.
  var offset: Int
}

/// Parses an expression's text by precedence climbing.
///
/// Parsing stops at the first error and reports its offset. Nesting is limited, so that no text can exhaust the stack
/// here or where the tree is walked.
struct ExpressionParser {
  private var lexer: Lexer
  private var token = Token(kind: .end, offset: 0)
  private var depth = 0

  /// The maximum number of nested brackets, operators and calls.
  static let depthMax = 100
  static let scalarCountMax = 20_000

  static func parse(_ text: String) throws(ExpressionError) -> ExpressionSyntax {
    guard text.unicodeScalars.count <= scalarCountMax else {
      throw ExpressionError(offset: 0, message: "this is longer than \(scalarCountMax) characters")
    }
    var parser = ExpressionParser(lexer: Lexer(text))
    try parser.advance()
    if parser.token.kind == .end { throw ExpressionError(offset: 0, message: "an expression should be here") }
    let result = try parser.disjunction()
    guard parser.token.kind == .end else {
      throw ExpressionError(
        offset: parser.token.offset,
        message: "\(parser.token.kind) cannot follow what stands before it")
    }
    return result
  }

  private init(lexer: Lexer) { self.lexer = lexer }

  private mutating func advance() throws(ExpressionError) { token = try lexer.next() }

  private mutating func take(_ word: String) throws(ExpressionError) -> Bool {
    guard token.kind == .name(word) || token.kind == .mark(word) else { return false }
    try advance()
    return true
  }

  private mutating func demand(_ mark: String) throws(ExpressionError) {
    if try !take(mark) { throw ExpressionError(offset: token.offset, message: "'\(mark)' should be here") }
  }

  private mutating func nested<R>(_ body: (inout Self) throws(ExpressionError) -> R) throws(ExpressionError)
    -> R
  {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.depthMax else {
      throw ExpressionError(offset: token.offset, message: "this is nested more than \(Self.depthMax) deep")
    }
    return try body(&self)
  }

  // MARK: Conditions

  private mutating func disjunction() throws(ExpressionError) -> ExpressionSyntax {
    try nested { parser throws(ExpressionError) in
      let start = parser.token.offset
      var parts = [try parser.conjunction()]
      while try parser.take("or") { parts.append(try parser.conjunction()) }
      return parts.count == 1 ? parts[0] : ExpressionSyntax(node: .any(parts), offset: start)
    }
  }

  private mutating func conjunction() throws(ExpressionError) -> ExpressionSyntax {
    let start = token.offset
    var parts = [try negation()]
    while try take("and") { parts.append(try negation()) }
    return parts.count == 1 ? parts[0] : ExpressionSyntax(node: .all(parts), offset: start)
  }

  private mutating func negation() throws(ExpressionError) -> ExpressionSyntax {
    let start = token.offset
    guard try take("not") else { return try comparison() }
    return try nested { parser throws(ExpressionError) in
      ExpressionSyntax(node: .not(try parser.negation()), offset: start)
    }
  }

  private mutating func comparison() throws(ExpressionError) -> ExpressionSyntax {
    let left = try sum()
    guard let result = try relation(left) else { return left }
    let offset = token.offset
    if try relation(left) != nil {
      throw ExpressionError(offset: offset, message: "comparisons cannot be chained; join them by 'and'")
    }
    return result
  }

  /// Parses a comparison of `left` with the following tokens; nil if there is no operator.
  private mutating func relation(_ left: ExpressionSyntax) throws(ExpressionError) -> ExpressionSyntax? {
    let offset = token.offset
    switch token.kind {
    case .mark(let mark):
      guard let comparison = Expression.Comparison(rawValue: mark) else { return nil }
      try advance()
      return ExpressionSyntax(node: .compare(comparison, left, try sum()), offset: offset)
    case .name("in"):
      try advance()
      try demand("(")
      var options = [try sum()]
      while try take(",") { options.append(try sum()) }
      try demand(")")
      return ExpressionSyntax(node: .isOne(left, of: options), offset: offset)
    case .name(let name):
      guard let relation = ExpressionSyntax.TextRelation(rawValue: name) else { return nil }
      try advance()
      return ExpressionSyntax(node: .relate(relation, left, try sum()), offset: offset)
    default: return nil
    }
  }

  // MARK: Arithmetic

  /// Parses a chain of operators. Each operator adds a level to `depth`, because the tree grows to the left.
  private mutating func chain(
    _ operations: [String: Expression.Operation],
    _ operand: (inout Self) throws(ExpressionError) -> ExpressionSyntax
  ) throws(ExpressionError) -> ExpressionSyntax {
    let outer = depth
    defer { depth = outer }
    var left = try operand(&self)
    while case .mark(let mark) = token.kind, let operation = operations[mark] {
      let offset = token.offset
      depth += 1
      guard depth <= Self.depthMax else {
        throw ExpressionError(offset: offset, message: "this is nested more than \(Self.depthMax) deep")
      }
      try advance()
      left = ExpressionSyntax(node: .arithmetic(operation, left, try operand(&self)), offset: offset)
    }
    return left
  }

  private mutating func sum() throws(ExpressionError) -> ExpressionSyntax {
    try chain(["+": .add, "-": .subtract]) { parser throws(ExpressionError) in try parser.product() }
  }

  private mutating func product() throws(ExpressionError) -> ExpressionSyntax {
    try chain(["*": .multiply, "/": .divide]) { parser throws(ExpressionError) in try parser.factor() }
  }

  private mutating func factor() throws(ExpressionError) -> ExpressionSyntax {
    let start = token.offset
    guard try take("-") else { return try primary() }
    return try nested { parser throws(ExpressionError) in
      ExpressionSyntax(node: .negate(try parser.factor()), offset: start)
    }
  }

  static let words: Set<String> = ["and", "or", "not", "in", "starts_with", "contains", "lists"]

  private mutating func primary() throws(ExpressionError) -> ExpressionSyntax {
    let start = token.offset
    switch token.kind {
    case .number(let value, let isInteger):
      try advance()
      return ExpressionSyntax(node: .number(value, isInteger: isInteger), offset: start)
    case .text(let text):
      try advance()
      return ExpressionSyntax(node: .text(text), offset: start)
    case .name(let name) where !Self.words.contains(name):
      try advance()
      guard try take("(") else { return ExpressionSyntax(node: .name(name), offset: start) }
      var arguments: [ExpressionSyntax] = []
      if try !take(")") {
        repeat { arguments.append(try disjunction()) } while try take(",")
        try demand(")")
      }
      return ExpressionSyntax(node: .call(name, arguments), offset: start)
    case .mark("("):
      try advance()
      let inside = try disjunction()
      try demand(")")
      return inside
    default: throw ExpressionError(offset: start, message: "a value should be here, not \(token.kind)")
    }
  }
}

extension Token.Kind: CustomStringConvertible {
  var description: String {
    switch self {
    case .number: "a number"
    case .text: "a text"
    case .name(let name), .mark(let name): "'\(name)'"
    case .end: "the end"
    }
  }
}

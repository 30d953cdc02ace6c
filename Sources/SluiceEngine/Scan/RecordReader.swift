/// A reader of the records of a text, which is a line or a text that takes its place, whatever its shape. It returns
/// one record after the other: an event with the ranges of its fields, a record of no known shape, or an error.
///
///     records.open(line)
///     while let record = records.next() { … }
///
/// An object is walked once with a trie that contains raw events' fields and the keys of all wrappers, so other
/// shapes do not slow down raw events. The content of a wrapper is walked again, and so on, up to
/// ``ShapeRule/wrappersMax`` deep. JSON in a string is unescaped into memory of this reader, which is kept, so
/// nothing is allocated per line.
///
/// Records before damage count. The damaged record is one error, together with everything after it in its text. An
/// object that must be read to its end before its shape is known, such as an event hook, is damaged as a whole.
struct RecordReader: ~Copyable {
  enum Record {
    /// An event. Its values are ranges in ``text``.
    case event(Shape)
    /// Valid JSON of no known shape; see ``unrecognisedText``.
    case unknown
    case error(JSONWalker.ParseError)
  }

  /// The text that contains the current event. The ranges of its values are offsets in this text.
  var text = UnsafeBytes.empty
  /// The current event itself, without the text around it.
  var ownText = UnsafeBytes.empty
  /// Whether the event's fields have Elastic's names.
  var isElastic = false
  /// The current record of no known shape, with the wrapper around it if that contains nothing else.
  var unrecognisedText = UnsafeBytes.empty

  var walker: JSONWalker
  var lowercase: JSONWalker
  var elastic: JSONWalker
  let simdTarget: SIMDTarget
  /// ``FieldTable/eventBits``, kept here because every event needs them.
  let eventBits = FieldTable.eventBits
  private var marks = UnsafeBuffer(capacity: 2 << 10)
  /// Texts that were in strings, by the number of strings around them, less one.
  var unescaped: [UnescapedJSON] = []
  /// The scopes that are being read, each inside the one before.
  private let scopes: UnsafeFixedArray<Scope>
  private var scopeCount = 0
  /// Whether none of the text has been read.
  private var isNew = false

  init(simdTarget: SIMDTarget, nestingMax: Int, tries: ShapeTries) {
    self.simdTarget = simdTarget
    let nothing = Scope(line: JSONCursor(.empty, marks: &marks, simdTarget: simdTarget))
    scopes = UnsafeFixedArray(repeating: nothing, count: ShapeRule.wrappersMax + 1)
    walker = JSONWalker(trie: tries.raw, simdTarget: simdTarget, nestingMax: nestingMax)
    lowercase = JSONWalker(trie: tries.lowercase, simdTarget: simdTarget, nestingMax: nestingMax)
    elastic = JSONWalker(trie: tries.elastic, simdTarget: simdTarget, nestingMax: nestingMax)
  }

  /// The ranges of the fields of the current event.
  @inline(__always)
  subscript(slot slot: Int) -> EventView.Entry? { walker.view[slot: slot] }

  /// Begins a text, which must not change while its records are read.
  mutating func open(_ text: UnsafeBytes) {
    self.text = text
    isNew = true
    scopeCount = 0
  }

  /// Returns the next record of the text; nil at its end.
  mutating func next() -> Record? {
    if isNew {
      isNew = false
      if let record = first() { return record }
    }
    while scopeCount > 0 {
      do throws(JSONWalker.ParseError) {
        if let record = try nextOfInnermost() { return record }
      } catch {
        var parseError = error
        parseError.isInText = scopes[scopeCount - 1].strings > 0
        scopeCount -= 1
        return .error(parseError)
      }
    }
    return nil
  }

  /// Returns the first record if the text is one raw event, like most texts, or is damaged there. Otherwise it
  /// returns nil and pushes the scope with which to continue.
  private mutating func first() -> Record? {
    let line = JSONCursor(text, marks: &marks, simdTarget: simdTarget)
    let start = line.skipSpace(0)
    guard line.has(UInt8(ascii: "{"), start) else {
      push(Scope(line: line))
      return nil
    }
    do throws(JSONWalker.ParseError) {
      let end = try walker.walkObject(of: line, at: start)
      if isRawEvent(line), line.skipSpace(end) == line.count {
        isElastic = false
        ownText = text[start..<end]
        return .event(.raw)
      }
      push(Scope(line: line, kind: .walkedObject, at: start, end: end))
      return nil
    } catch {
      return .error(error)
    }
  }

  /// Returns whether a text is one complete object and nothing else. No other text may be open.
  mutating func isOneObject(_ text: UnsafeBytes) -> Bool { (try? walker.walk(text)) != nil }

  // MARK: Scopes

  /// A place in a text where records are.
  struct Scope {
    enum Kind {
      /// The beginning of a text.
      case text
      /// An object of a text, which other objects and pages may follow. `walkedObject` is the same, and has just been
      /// walked.
      case object, walkedObject
      /// An element of an array that is in a text like such an object, or the end of the array.
      case pageElement, pageEnd
      /// An object, or an element of an array, inside an object that has been walked.
      case innerObject, innerElement
    }

    var line: JSONCursor
    var kind = Kind.text
    /// Offset at which to continue; `end` is the end of the object there if it has been walked.
    var at = 0
    var end = 0
    /// Number of containers around it in its text.
    var depth = 0
    /// Number of strings around the text; `wrappers` is the number of wrappers.
    var strings = 0
    var wrappers = 0
    /// The outermost shape, once it is known.
    var shape: Shape?
    /// The wrapper, if it contains only the object of this scope.
    var wrapper: UnsafeBytes?
  }

  /// Reads one record in the innermost scope, or goes to another scope. Returns nil if there was no record.
  private mutating func nextOfInnermost() throws(JSONWalker.ParseError) -> Record? {
    var scope = scopes[scopeCount - 1]
    let line = scope.line
    if scope.kind == .text {
      let start = line.skipSpace(0)
      guard start < line.count else { throw JSONWalker.ParseError(.empty, start) }
      guard begin(&scope, at: start) else { throw JSONWalker.ParseError(.notAnObject, start) }
    }
    let start = scope.at
    let isObject = line.has(UInt8(ascii: "{"), start)
    switch scope.kind {
    case .text, .object, .walkedObject:
      let end =
        scope.kind == .walkedObject
        ? scope.end : try walker.walkObject(of: line, at: start, depth: scope.depth + 1)
      let next = line.skipSpace(end)
      if next == line.count {
        scopeCount -= 1
      } else {
        scope.shape = scope.shape ?? .concatenated
        var other = scope
        guard begin(&other, at: next) else { throw JSONWalker.ParseError(.trailing, next) }
        scopes[scopeCount - 1] = other
      }
      return record(in: scope, start..<end)
    case .pageElement, .innerElement:
      let end =
        isObject
        ? try walker.walkObject(of: line, at: start, depth: scope.depth + 1)
        : try walker.skip(line, at: start, depth: scope.depth)
      let next = line.skipSpace(end)
      if line.has(UInt8(ascii: ","), next) {
        scope.at = line.skipSpace(next + 1)
      } else {
        guard line.has(UInt8(ascii: "]"), next) else { throw JSONWalker.ParseError(.elementEnd, next) }
        scope.at = next
        if scope.kind == .pageElement { scope.kind = .pageEnd }
      }
      if scope.kind == .innerElement, scope.at == next {
        scopeCount -= 1
      } else {
        scopes[scopeCount - 1] = scope
      }
      if !isObject {
        var parseError = JSONWalker.ParseError(.notAnObject, start)
        parseError.isInText = scope.strings > 0
        return .error(parseError)
      }
      return record(in: scope, start..<end)
    case .pageEnd:
      let next = line.skipSpace(start + 1)
      scope.depth -= 1
      if next == line.count {
        scopeCount -= 1
      } else {
        guard begin(&scope, at: next) else { throw JSONWalker.ParseError(.trailing, next) }
        scopes[scopeCount - 1] = scope
      }
      return nil
    case .innerObject:
      let end = try walker.walkObject(of: line, at: start, depth: scope.depth + 1)
      scopeCount -= 1
      return record(in: scope, start..<end)
    }
  }

  /// Goes to an object or a page of a text. Returns false if none begins there.
  private func begin(_ scope: inout Scope, at start: Int) -> Bool {
    let line = scope.line
    if line.has(UInt8(ascii: "{"), start) {
      scope.kind = .object
      scope.at = start
      return true
    }
    guard line.has(UInt8(ascii: "["), start) else { return false }
    scope.at = line.skipSpace(start + 1)
    scope.depth += 1
    scope.shape = scope.shape ?? .page
    scope.kind = line.has(UInt8(ascii: "]"), scope.at) ? .pageEnd : .pageElement
    return true
  }

  mutating func push(_ scope: Scope) {
    scopes[scopeCount] = scope
    scopeCount += 1
  }
}

/// Finds the records of a text, which is a line or what takes its place, whatever the shape: one after the other, each as
/// an event with the places of its fields, as something of no known shape, or as a fault.
///
///     records.open(line)
///     while let record = records.next() { … }
///
/// An object is walked once with a trie that knows raw events' fields and the keys of all wrappers; so raw events cost
/// what they would without other shapes. Of a wrapper what it holds is walked again, and so on, up to
/// ``ShapeRule/wrappersMax`` deep. JSON in a string is spelled out into memory of this reader, which is kept; nothing
/// is allocated per line.
///
/// What stands before damage counts; the record that is damaged, with all that follows it in its text, is one fault.
/// An object that must be read to its end before it can be told what it is, such as an event hook, is damaged as a whole.
struct RecordReader: ~Copyable {
  enum Record {
    /// Its values are places in ``text``.
    case event(Shape)
    /// It is valid JSON; see ``strangeText``.
    case unknown
    case fault(JSONWalker.Fault)
  }

  /// The text in which the event in hand stands; the places of its values are offsets of it.
  var text = UnsafeBytes.empty
  /// The event in hand itself, without what stands beside it in its text.
  var ownText = UnsafeBytes.empty
  /// Whether the event's fields have Elastic's names.
  var isElastic = false
  /// What of no known shape was found, with the wrapper around it if that holds nothing else.
  var strangeText = UnsafeBytes.empty

  var walker: JSONWalker
  var lowercase: JSONWalker
  var elastic: JSONWalker
  let simdTarget: SIMDTarget
  /// ``FieldTable/eventBits``, at hand for every event.
  let eventBits = FieldTable.eventBits
  private var marks = UnsafeBuffer(capacity: 2 << 10)
  /// Texts that stood in strings, by how many strings they stood in, less one.
  var unescaped: [UnescapedJSON] = []
  /// What is being read, each within the one before it.
  private let scopes: UnsafeFixedArray<Scope>
  private var placeCount = 0
  /// Whether nothing of the text has been read.
  private var isNew = false

  init(simdTarget: SIMDTarget, nestingMax: Int, tries: ShapeTries) {
    self.simdTarget = simdTarget
    let nothing = Scope(line: JSONCursor(.empty, marks: &marks, simdTarget: simdTarget))
    scopes = UnsafeFixedArray(repeating: nothing, count: ShapeRule.wrappersMax + 1)
    walker = JSONWalker(trie: tries.raw, simdTarget: simdTarget, nestingMax: nestingMax)
    lowercase = JSONWalker(trie: tries.lowercase, simdTarget: simdTarget, nestingMax: nestingMax)
    elastic = JSONWalker(trie: tries.elastic, simdTarget: simdTarget, nestingMax: nestingMax)
  }

  /// Where the fields of the event in hand lie.
  @inline(__always)
  subscript(slot slot: Int) -> EventView.Entry? { walker.view[slot: slot] }

  /// Begins a text, which must stay as it is while its records are read.
  mutating func open(_ text: UnsafeBytes) {
    self.text = text
    isNew = true
    placeCount = 0
  }

  /// The next record of the text; nil at its end.
  mutating func next() -> Record? {
    if isNew {
      isNew = false
      if let record = first() { return record }
    }
    while placeCount > 0 {
      do throws(JSONWalker.Fault) {
        if let record = try nextOfInnermost() { return record }
      } catch {
        var fault = error
        fault.isInText = scopes[placeCount - 1].strings > 0
        placeCount -= 1
        return .fault(fault)
      }
    }
    return nil
  }

  /// The first record, if the text is one raw event, as most are, or is damaged there; else nil, with the place to go on from.
  private mutating func first() -> Record? {
    let line = JSONCursor(text, marks: &marks, simdTarget: simdTarget)
    let start = line.skipSpace(0)
    guard line.has(UInt8(ascii: "{"), start) else {
      push(Scope(line: line))
      return nil
    }
    do throws(JSONWalker.Fault) {
      let end = try walker.walkObject(of: line, at: start)
      if isRawEvent(line), line.skipSpace(end) == line.count {
        isElastic = false
        ownText = text[start..<end]
        return .event(.raw)
      }
      push(Scope(line: line, kind: .walkedObject, at: start, end: end))
      return nil
    } catch {
      return .fault(error)
    }
  }

  /// Whether a text is one whole object, and nothing else; no other text may be open.
  mutating func isOneObject(_ text: UnsafeBytes) -> Bool { (try? walker.walk(text)) != nil }

  // MARK: Places

  /// Somewhere in a text where records stand.
  struct Scope {
    enum Kind {
      /// The beginning of a text.
      case text
      /// An object of a text, which other objects and pages may follow; the same, which the walker has just walked.
      case object, walkedObject
      /// An element of an array that stands in a text like such an object, or the end of the array.
      case pageElement, pageEnd
      /// In an object that has been walked: an object, or an element of an array.
      case innerObject, innerElement
    }

    var line: JSONCursor
    var kind = Kind.text
    /// Where to go on, and where the object there ends if it has been walked.
    var at = 0
    var end = 0
    /// Containers around it in its text.
    var depth = 0
    /// Strings in which the text stands, and wrappers around it.
    var strings = 0
    var wrappers = 0
    /// The outermost shape, once it is known.
    var shape: Shape?
    /// The wrapper, if it holds nothing but the object that stands here.
    var wrapper: UnsafeBytes?
  }

  /// Reads one record at the innermost place, or goes on to a place; nil if there was none.
  private mutating func nextOfInnermost() throws(JSONWalker.Fault) -> Record? {
    var scope = scopes[placeCount - 1]
    let line = scope.line
    if scope.kind == .text {
      let start = line.skipSpace(0)
      guard start < line.count else { throw JSONWalker.Fault(.empty, start) }
      guard begin(&scope, at: start) else { throw JSONWalker.Fault(.notAnObject, start) }
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
        placeCount -= 1
      } else {
        scope.shape = scope.shape ?? .concatenated
        var other = scope
        guard begin(&other, at: next) else { throw JSONWalker.Fault(.trailing, next) }
        scopes[placeCount - 1] = other
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
        guard line.has(UInt8(ascii: "]"), next) else { throw JSONWalker.Fault(.elementEnd, next) }
        scope.at = next
        if scope.kind == .pageElement { scope.kind = .pageEnd }
      }
      if scope.kind == .innerElement, scope.at == next {
        placeCount -= 1
      } else {
        scopes[placeCount - 1] = scope
      }
      if !isObject {
        var fault = JSONWalker.Fault(.notAnObject, start)
        fault.isInText = scope.strings > 0
        return .fault(fault)
      }
      return record(in: scope, start..<end)
    case .pageEnd:
      let next = line.skipSpace(start + 1)
      scope.depth -= 1
      if next == line.count {
        placeCount -= 1
      } else {
        guard begin(&scope, at: next) else { throw JSONWalker.Fault(.trailing, next) }
        scopes[placeCount - 1] = scope
      }
      return nil
    case .innerObject:
      let end = try walker.walkObject(of: line, at: start, depth: scope.depth + 1)
      placeCount -= 1
      return record(in: scope, start..<end)
    }
  }

  /// Goes to an object or a page of a text; false if none begins there.
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
    scopes[placeCount] = scope
    placeCount += 1
  }
}

/// A parser that cuts records out of JSON spread over several lines: pages (arrays of objects) and objects,
/// pretty-printed or not.
///
/// It receives, in order, all lines of a file that are not complete (``LineCompleteness``), and is told where the
/// complete lines were. The result for a line depends only on the lines before it, never on how the file was cut for
/// reading.
///
/// A line that opens a page (`UnsafeBytes.opensPage`) or is inside one is parsed byte by byte. Objects become
/// records. White space, commas and the page's brackets are skipped, and everything else is rejected. Other lines are
/// records as they are.
///
/// Damage costs only the damaged object. JSON strings contain no newline, so a string that a line leaves open is
/// damaged. An open object also ends, and is rejected as cut, at a complete line and at an object where none may be.
/// In indented text it ends at anything that begins at or before its column. The rest of a damaged object is not a
/// record: it is skipped until something begins.
///
/// The parser keeps the open object, up to `recordBytesMax`. It takes one step per byte.
struct PageParser {
  /// The records that were found, for the scanner.
  struct SplitRecords {
    var lines: [LineAssembler.Line] = []
    /// Lines that are not blank and on which no record begins.
    var linesWithoutRecord = 0
    /// Number of records beyond the first on each line.
    var recordsBeyondLines = 0
  }

  private enum Enclosure {
    case none, array
    /// The bracket may have been lost in a hole, or an object with a comma after it was outside a page.
    case unknown
  }

  /// An object that has begun but not ended.
  private struct Element {
    var text: [UInt8]
    var position: Position
    /// Number of all bytes, including those beyond the limit, which were not kept.
    var count: Int
    /// Column of the first byte on the line where the object begins, if it is known. White space does not count.
    var column: Int?
    /// Whether the next line begins further right.
    var isIndented: Bool?
  }

  /// The state after damage.
  private struct Leftover {
    /// Column of the damaged object. Anything that begins further right belongs to the object. nil if the column is
    /// not known.
    var column: Int?
  }

  /// The state of the current line.
  private struct Current {
    var begun = 0
    /// Offset of its first byte that is not white space; nil in a line that comes in parts.
    var first: Int?
    /// Whether the rest of the line is damaged.
    var isSkipping = false
    var endsInBrace = false
    var hasError = false
    /// Whether the line's beginning is not a record. A line that is too long is judged only at its end.
    var beginsWithError = false
  }

  private let recordBytesMax: Int
  private var enclosure = Enclosure.none
  /// Position of the bracket that opened the page, if there was one.
  private var pagePosition: Position?
  private var element: Element?
  private var nesting = JSONNesting()
  private var leftover: Leftover?
  /// Column of the last object in this page that was indented and ended at its own column.
  private var indentedColumn: Int?
  private var current = Current()
  private var found = SplitRecords()
  /// Number of records found before the last ``take()``.
  private var takenCount = 0
  /// Number of records sampled at the beginning of a file. After them one of 64 is sampled, because text may consist
  /// of millions.
  private static let sampledFirst = 1024
  private static let sampledOneOf = 64

  init(recordBytesMax: Int) { self.recordBytesMax = recordBytesMax }

  /// Number of records found since the last ``take()``.
  var foundCount: Int { found.lines.count }

  /// Returns the records found since the last call.
  mutating func take() -> SplitRecords {
    for index in found.lines.indices {
      let number = takenCount + index
      if number >= Self.sampledFirst, number % Self.sampledOneOf != 0 { found.lines[index].sampling = .skips }
    }
    takenCount += found.lines.count
    defer { found = SplitRecords() }
    return found
  }

  // MARK: Lines

  /// Notes that a complete line was here and has been scanned.
  mutating func completeLine() {
    cut()
    leftover = nil
  }

  /// Notes that bytes here could not be used, inside a line or between lines.
  mutating func hole() {
    cut()
    leftover = Leftover(column: nil)
    indentedColumn = nil
    pagePosition = nil
    if enclosure == .none { enclosure = .unknown }
  }

  /// Ends the file. A page that has not ended may have contained more, so it counts as one rejected record.
  mutating func end() {
    cut()
    guard let position = pagePosition else { return }
    pagePosition = nil
    found.recordsBeyondLines += 1
    found.lines.append(LineAssembler.Line(bytes: [], position: position, count: 0, error: .openPage))
  }

  /// Parses a line that is not blank, within the limit and without its newline. The line may be complete.
  ///
  /// - Parameter followsCompleteLine: whether a line before it, of the same range, was complete. One has been sampled
  ///   then.
  mutating func line(
    _ text: UnsafeBytes, followsHole: Bool = false, precedesHole: Bool = false,
    followsCompleteLine: Bool = false,
    position: (Int) -> Position
  ) {
    current = Current()
    current.first = text.firstContent()
    let isComplete = if case .complete = LineCompleteness(text) { true } else { false }
    if isComplete || followsHole {
      if isComplete { completeLine() }
      record(text, followsHole: followsHole, precedesHole: precedesHole, position(0))
      if isComplete {
        found.lines[found.lines.count - 1].sampling = followsCompleteLine ? .skips : .fallsBack
      }
    } else if isInPage(text, precedesHole: precedesHole, position: position) {
      lookAtIndentation(text)
      goThrough(text, position: position)
    }
    endLine()
  }

  /// Returns whether a line must be parsed byte by byte. If not, the line has been handled.
  private mutating func isInPage(_ text: UnsafeBytes, precedesHole: Bool, position: (Int) -> Position) -> Bool
  {
    if element != nil { return true }
    guard let first = text.firstContent() else { return false }
    if let leftover, isLeftover(text) {
      // A line that ends a damaged object may begin something else.
      current.isSkipping = true
      return text[first] == UInt8(ascii: "}") && leftover.column.map { first <= $0 } ?? true
    }
    leftover = nil
    if enclosure == .array || text.opensPage { return true }
    if text.isElement {
      if enclosure == .unknown { return true }
      enclosure = .unknown
    }
    switch text[first] {
    case UInt8(ascii: "}"), UInt8(ascii: "]"): reportError(position(first))
    default: record(text, followsHole: false, precedesHole: precedesHole, position(0))
    }
    return false
  }

  /// Returns whether a line belongs to a damaged object.
  private func isLeftover(_ text: UnsafeBytes) -> Bool {
    guard let leftover, let first = text.firstContent() else { return false }
    let column = leftover.column
    if let column, first > column { return true }
    switch text[first] {
    case UInt8(ascii: "{"): return false
    case UInt8(ascii: "["): return first > 0
    case UInt8(ascii: "]"):
      guard enclosure == .array else { return true }
      return column.map { first >= $0 && first > 0 } ?? (text.lastContent != first)
    case UInt8(ascii: ","):
      return text.firstContent(from: first + 1).map { text[$0] != UInt8(ascii: "{") } ?? true
    case UInt8(ascii: "}"), UInt8(ascii: "\""): return true
    default: return enclosure == .array || first > 0
    }
  }

  /// Ends the open object if the column of a line shows that it has ended.
  private mutating func lookAtIndentation(_ text: UnsafeBytes) {
    guard let open = element, let column = open.column, let first = current.first else { return }
    guard let isIndented = open.isIndented else {
      element?.isIndented = first > column
      return
    }
    guard isIndented else { return }
    switch text[first] {
    case UInt8(ascii: "{") where first <= column: cut()
    case UInt8(ascii: "["), UInt8(ascii: "]"): if first < column { cut() }
    default: break
    }
  }

  private mutating func endLine() {
    if element != nil {
      if nesting.isInString { damage() } else { keep(UInt8(ascii: "\n")) }
    }
    found.linesWithoutRecord += current.begun == 0 ? 1 : 0
    found.recordsBeyondLines += max(0, current.begun - 1)
  }

  // MARK: Lines beyond the limit

  /// Begins a line that is too long to be a record. Its records are cut out as its parts come.
  mutating func beginLong(followsHole: Bool) {
    current = Current()
    guard followsHole else { return }
    current.beginsWithError = true
    current.isSkipping = true
  }

  mutating func long(_ piece: UnsafeBytes, position: (Int) -> Position) {
    goThrough(piece, position: position)
  }

  /// Ends a line that is too long to be a record.
  ///
  /// - Parameters:
  ///   - position: the position of the line.
  ///   - count: the number of all its bytes.
  mutating func endLong(isBlank: Bool, position: Position, count: Int) {
    if isBlank { return }
    if current.beginsWithError {
      current.begun += 1
      found.lines.append(LineAssembler.Line(bytes: [], position: position, count: count))
    }
    if element != nil, current.begun > 0 { damage() }
    endLine()
  }

  // MARK: Bytes

  private mutating func goThrough(_ text: UnsafeBytes, position: (Int) -> Position) {
    var at = 0
    while at < text.count {
      if element != nil {
        at = within(text, at, position: position)
      } else if current.isSkipping {
        at = skip(text, at)
      } else {
        between(text, at, position: position)
        at += 1
      }
    }
  }

  /// Parses bytes inside an object, and returns the offset after them.
  private mutating func within(_ text: UnsafeBytes, _ start: Int, position: (Int) -> Position) -> Int {
    let (end, step) = nesting.advance(text, from: start, first: current.first, position: position)
    keep(text[start..<end])
    switch step {
    case .more: break
    case .closed:
      if let element {
        if element.isIndented == true, element.column == current.first, current.first == end - 1 {
          indentedColumn = element.column
        }
        found.lines.append(
          LineAssembler.Line(
            bytes: element.text, position: element.position, count: element.count, isElement: true))
      }
      element = nil
    case .damaged: damage()
    case .begins: cut()
    case .begun(let position):
      cut()
      begin(at: position, Array(#"{""#.utf8), column: nil)
    }
    return end
  }

  /// Parses one byte between objects.
  private mutating func between(_ text: UnsafeBytes, _ at: Int, position: (Int) -> Position) {
    switch text[at] {
    case 0x20, 0x09, 0x0D: break
    case UInt8(ascii: ","): enclosure = .array
    case UInt8(ascii: "{"):
      nesting.begin()
      begin(at: position(at), [text[at]], column: current.first)
    case UInt8(ascii: "[") where enclosure != .array || at == 0 && current.first == 0:
      enclosure = .array
      indentedColumn = nil
      pagePosition = position(at)
    case UInt8(ascii: "]") where enclosure != .none:
      enclosure = .none
      indentedColumn = nil
      pagePosition = nil
    default:
      reportError(position(at))
      current.isSkipping = true
    }
  }

  /// Skips the rest of a damaged line. Something may begin where two braces meet, or have only a comma between them.
  private mutating func skip(_ text: UnsafeBytes, _ start: Int) -> Int {
    for at in start..<text.count {
      let byte = text[at]
      if byte == UInt8(ascii: "{"), current.endsInBrace {
        current.isSkipping = false
        current.endsInBrace = false
        return at
      }
      switch byte {
      case UInt8(ascii: "}"): current.endsInBrace = true
      case 0x20, 0x09, 0x0D, UInt8(ascii: ","): break
      default: current.endsInBrace = false
      }
    }
    return text.count
  }

  // MARK: Records

  private mutating func begin(at position: Position, _ text: [UInt8], column: Int?) {
    current.begun += 1
    leftover = nil
    element = Element(text: text, position: position, count: text.count, column: column)
  }

  private mutating func keep(_ bytes: UnsafeBytes) {
    guard let count = element?.text.count else { return }
    // One byte more than allowed is kept, so that the text's own length shows that it is too long. The element
    // exists, as the guard shows.
    bytes[0..<min(bytes.count, max(0, recordBytesMax + 1 - count))].append(to: &element!.text)
    element?.count += bytes.count
  }

  private mutating func keep(_ byte: UInt8) {
    guard let count = element?.text.count else { return }
    if count <= recordBytesMax { element?.text.append(byte) }
    element?.count += 1
  }

  /// Rejects the open object, if there is one.
  private mutating func cut() {
    guard let open = element else { return }
    found.lines.append(
      LineAssembler.Line(bytes: [], position: open.position, count: open.count, error: .cut))
    element = nil
  }

  /// Rejects the open object. The bytes after it, on this line and later ones, belong to it.
  private mutating func damage() {
    leftover = Leftover(column: indentedColumn ?? (element?.isIndented == true ? element?.column : nil))
    cut()
    current.isSkipping = true
    current.endsInBrace = false
  }

  private mutating func record(
    _ text: UnsafeBytes, followsHole: Bool, precedesHole: Bool, _ position: Position
  ) {
    current.begun += 1
    found.lines.append(
      LineAssembler.Line(
        bytes: text.array, position: position, count: text.count, followsHole: followsHole,
        precedesHole: precedesHole))
  }

  /// Rejects bytes that are not a record, once a line. The bytes after them belong to them.
  private mutating func reportError(_ position: Position) {
    leftover = Leftover(column: indentedColumn)
    if current.hasError { return }
    current.hasError = true
    if current.first == nil, current.begun == 0 {
      current.beginsWithError = true
      return
    }
    current.begun += 1
    found.lines.append(LineAssembler.Line(bytes: [], position: position, count: 0, error: .page))
  }
}

/// Cuts records out of JSON that is spread over several lines: pages (arrays of objects) and objects, pretty-printed or not.
///
/// It is given, in their order, all lines of a file that are not whole by themselves (``LineCompleteness``), and is told where those
/// that are stood. What becomes of a line depends on the lines before it only, never on how the file was cut for reading.
///
/// A line that opens a page (`UnsafeBytes.opensPage`) or is in one is gone through byte by byte: objects become records, white
/// space, commas and the page's brackets are passed over, the rest is rejected. Other lines are records as they are.
///
/// Damage costs itself: JSON's strings hold no newline, so a string that a line leaves open is damaged; a line that is whole by
/// itself, an object where none may stand, and in indented text whatever begins at the column of the open object or before it,
/// end that object, which is rejected as cut. What is left of a damaged object is no record: it is passed over until something
/// begins.
///
/// Keeps the open object, up to `recordBytesMax`. Costs a step a byte.
struct PageParser {
  /// What was found, for whoever scans it.
  struct SplitRecords {
    var lines: [LineAssembler.Line] = []
    /// Lines that are not blank, on which no record begins.
    var linesWithoutRecord = 0
    /// Records that begin on a line on which another has begun.
    var recordsBeyondLines = 0
  }

  private enum Enclosure {
    case none, array
    /// The bracket may have been lost: in a hole, or as an object with a comma behind it stood where there was none.
    case unknown
  }

  /// An object that has begun.
  private struct Element {
    var text: [UInt8]
    var position: Position
    /// All bytes, also those beyond the limit that were not kept.
    var count: Int
    /// Of the first byte of the line on which it begins, if that is known.
    var column: Int?
    /// Whether the line behind that one begins further right.
    var isIndented: Bool?
  }

  /// What follows damage.
  private struct Leftover {
    /// Whatever begins further right belongs to what was damaged; nil if nothing is known.
    var column: Int?
  }

  /// The line in hand.
  private struct Current {
    var begun = 0
    /// Where its first byte stands that is not white space; nil in a line that comes in pieces.
    var first: Int?
    /// Whether what is left of the line is damaged.
    var isSkipping = false
    var endsInBrace = false
    var hasFault = false
    /// The line's beginning is no record; it is too long to be judged before its end is seen.
    var beginsWithFault = false
  }

  private let recordBytesMax: Int
  private var enclosure = Enclosure.none
  /// Of the bracket that opened the page, if one did.
  private var pagePosition: Position?
  private var element: Element?
  private var nesting = JSONNesting()
  private var leftover: Leftover?
  /// Of the last object in this page that was indented and ended at its own column.
  private var indentedColumn: Int?
  private var current = Current()
  private var found = SplitRecords()
  /// Records found, up to the last ``take()``.
  private var takenCount = 0
  /// Records sampled at the beginning of a file, and of the others one of so many: text may consist of millions.
  private static let sampledFirst = 1024
  private static let sampledOneOf = 64

  init(recordBytesMax: Int) { self.recordBytesMax = recordBytesMax }

  /// Records found since ``take()``.
  var foundCount: Int { found.lines.count }

  /// What was found since this was asked last.
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

  /// A whole line stood here, and was scanned.
  mutating func wholeLine() {
    cut()
    leftover = nil
  }

  /// Bytes here could not be used, within a line or not.
  mutating func hole() {
    cut()
    leftover = Leftover(column: nil)
    indentedColumn = nil
    pagePosition = nil
    if enclosure == .none { enclosure = .unknown }
  }

  /// There is nothing more. A page that has not ended may have held more: that is one record rejected.
  mutating func end() {
    cut()
    guard let position = pagePosition else { return }
    pagePosition = nil
    found.recordsBeyondLines += 1
    found.lines.append(LineAssembler.Line(bytes: [], position: position, count: 0, fault: .openPage))
  }

  /// A line of any shape but blank, without its newline, within the limit.
  ///
  /// - Parameter followsWholeLine: whether a line before it, of the same range, was whole, and so one has been sampled.
  mutating func line(
    _ text: UnsafeBytes, followsHole: Bool = false, precedesHole: Bool = false,
    followsWholeLine: Bool = false,
    position: (Int) -> Position
  ) {
    current = Current()
    current.first = text.firstContent()
    let isWhole = if case .whole = LineCompleteness(text) { true } else { false }
    if isWhole || followsHole {
      if isWhole { wholeLine() }
      record(text, followsHole: followsHole, precedesHole: precedesHole, position(0))
      if isWhole { found.lines[found.lines.count - 1].sampling = followsWholeLine ? .skips : .fallsBack }
    } else if isInPage(text, precedesHole: precedesHole, position: position) {
      lookAtIndentation(text)
      goThrough(text, position: position)
    }
    endLine()
  }

  /// Whether a line is to be gone through byte by byte; if not, it has been dealt with.
  private mutating func isInPage(_ text: UnsafeBytes, precedesHole: Bool, position: (Int) -> Position) -> Bool
  {
    if element != nil { return true }
    guard let first = text.firstContent() else { return false }
    if let leftover, isLeftover(text) {
      // A line that ends what was damaged may begin something.
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
    case UInt8(ascii: "}"), UInt8(ascii: "]"): fault(position(first))
    default: record(text, followsHole: false, precedesHole: precedesHole, position(0))
    }
    return false
  }

  /// Whether a line belongs to what was damaged.
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

  /// Whether a line ends the open object by where it begins.
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

  /// Begins a line that is too long to be a record. Its records are cut out as it comes, in pieces.
  mutating func beginLong(followsHole: Bool) {
    current = Current()
    guard followsHole else { return }
    current.beginsWithFault = true
    current.isSkipping = true
  }

  mutating func long(_ piece: UnsafeBytes, position: (Int) -> Position) {
    goThrough(piece, position: position)
  }

  /// - Parameters:
  ///   - position: of the line.
  ///   - count: all its bytes.
  mutating func endLong(isBlank: Bool, position: Position, count: Int) {
    if isBlank { return }
    if current.beginsWithFault {
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

  /// In an object.
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

  /// Between objects.
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
      fault(position(at))
      current.isSkipping = true
    }
  }

  /// In what is left of a damaged line: two braces that meet, or with a comma between, are where something may begin.
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
    // One byte more than allowed is kept, as the text's own count says then that it is too long. There is an element, as
    // it has just been asked.
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
      LineAssembler.Line(bytes: [], position: open.position, count: open.count, fault: .cut))
    element = nil
  }

  /// Rejects the open object; what follows, on this line and behind it, belongs to it.
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

  /// Rejects what is no record, once a line; what follows belongs to it.
  private mutating func fault(_ position: Position) {
    leftover = Leftover(column: indentedColumn)
    if current.hasFault { return }
    current.hasFault = true
    if current.first == nil, current.begun == 0 {
      current.beginsWithFault = true
      return
    }
    current.begun += 1
    found.lines.append(LineAssembler.Line(bytes: [], position: position, count: 0, fault: .page))
  }
}

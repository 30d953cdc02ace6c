/// Classification of objects: an event and its shape, or a wrapper and the place of its records. See ``ShapeRule``
/// for the table.
extension RecordReader {
  /// Returns the record for the object just walked, or nil if it is a wrapper. The wrapper's records come next.
  mutating func record(in scope: Scope, _ range: Range<Int>) -> Record? {
    ownText = scope.line[range]
    if isRawEvent(scope.line) {
      text = scope.line.bytes
      isElastic = false
      return .event(scope.shape ?? .raw)
    }
    return unusualRecord(in: scope, range)
  }

  /// Returns whether the object just walked is a raw event without any marker of another shape.
  func isRawEvent(_ line: JSONCursor) -> Bool {
    let present = walker.view.present
    return present & eventBits != 0 && present >> UInt64(FieldTable.fieldSlots) == 0
      && ShapeRule.hasEventType(walker.view, line)
  }

  @inline(never)
  private mutating func unusualRecord(in scope: Scope, _ range: Range<Int>) -> Record? {
    let line = scope.line
    for row in ShapeRule.all where row.fits(walker.view, line) {
      var inner = scope
      inner.shape = scope.shape ?? row.shape
      inner.wrappers += 1
      inner.depth += 1
      inner.wrapper = nil
      switch row.events {
      case .here(let table):
        if table == .lowercase {
          _ = try? lowercase.walkObject(of: line, at: range.lowerBound)
          walker.adopt(lowercase)
        }
        text = line.bytes
        isElastic = false
        return .event(scope.shape ?? row.shape)
      case .elasticDocument:
        return elasticRecord(in: scope, range)
      case .object(let mark):
        guard let value = walker.view[slot: mark.rawValue] else { continue }
        inner.kind = .innerObject
        inner.at = Int(value.start)
        inner.wrapper = scope.wrapper ?? line[range]
      case .elements(let mark):
        guard let value = walker.view[slot: mark.rawValue] else { continue }
        inner.kind = .innerElement
        inner.at = line.skipSpace(Int(value.start) + 1)
        if line.has(UInt8(ascii: "]"), inner.at) { return nil }
      case .text(let mark):
        guard let json = json(walker.view[slot: mark.rawValue], in: scope) else { continue }
        inner.line = json
        inner.kind = .text
        inner.depth = 0
        inner.strings += 1
      }
      if inner.wrappers > ShapeRule.wrappersMax {
        var parseError = JSONWalker.ParseError(.wrappers, range.lowerBound)
        parseError.isInText = scope.strings > 0
        return .error(parseError)
      }
      push(inner)
      return nil
    }
    return strange(in: scope, range)
  }

  private mutating func strange(in scope: Scope, _ range: Range<Int>) -> Record {
    unrecognisedText = scope.wrapper ?? scope.line[range]
    return .unknown
  }

  /// Returns the record of an Elastic document. The document may contain the raw event as text. That is the whole
  /// event, so it is preferred.
  private mutating func elasticRecord(in scope: Scope, _ range: Range<Int>) -> Record {
    _ = try? elastic.walkObject(of: scope.line, at: range.lowerBound)
    if let original = json(elastic.view[slot: FieldTable.originalSlot], in: scope), isOneEvent(original) {
      text = original.bytes
      ownText = text
      isElastic = false
      return .event(scope.shape ?? .elasticDocument)
    }
    guard elastic.view[.eventType]?.isString == true, elastic.view.present & FieldTable.oktaBits != 0 else {
      return strange(in: scope, range)
    }
    walker.adopt(elastic)
    text = scope.line.bytes
    isElastic = true
    return .event(scope.shape ?? .elasticDocument)
  }

  /// Returns whether a text is one raw event. If so, the walker has walked it.
  private mutating func isOneEvent(_ line: JSONCursor) -> Bool {
    let start = line.skipSpace(0)
    guard line.has(UInt8(ascii: "{"), start), let end = try? walker.walkObject(of: line, at: start) else {
      return false
    }
    return line.skipSpace(end) == line.count && ShapeRule.isEvent(walker.view, line)
  }

  /// Returns the unescaped text of a string value, if it begins like a JSON object or array.
  private mutating func json(_ value: EventView.Entry?, in scope: Scope) -> JSONCursor? {
    guard let string = value, string.isString else { return nil }
    while unescaped.count <= scope.strings { unescaped.append(UnescapedJSON()) }
    let text = unescaped[scope.strings]
    text.spell(scope.line[string.range])
    return text.beginsLikeJSON ? text.line(simdTarget) : nil
  }
}

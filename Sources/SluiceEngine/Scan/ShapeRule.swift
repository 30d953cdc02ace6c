/// One row a shape: how an object of it is recognised, and where its events lie. The first row that fits counts.
///
/// Pages and concatenated events have none, as they are no objects. An object that no row fits is of no known shape.
struct ShapeRule {
  /// What must be so of the object.
  enum Requirement {
    case isPresent(ShapeMarker)
    case isString(ShapeMarker)
    case isObject(ShapeMarker)
    /// The value at the mark is an array, and the object calls itself an event hook.
    case isHook(ShapeMarker)
    /// `eventType` is a string by which the object does not call itself an event hook, and it has an event's other fields.
    case isEvent
    /// The object has one of the fields that every event has; one key alone would be anybody's.
    case hasEventFields
  }

  enum Events {
    /// The object is the event.
    case here(FieldTable)
    /// It is the event, or holds a copy of the raw one.
    case elasticDocument
    /// An object, looked at like a line; it may be a wrapper itself. So are the others.
    case object(ShapeMarker)
    case elements(ShapeMarker)
    /// JSON in a string: one text, several, or a page. The row does not fit if the string begins like no JSON object or array.
    case text(ShapeMarker)
  }

  var shape: Shape
  var requirements: [Requirement]
  var events: Events

  init(_ shape: Shape, _ requirements: [Requirement], _ events: Events) {
    self.shape = shape
    self.requirements = requirements
    self.events = events
  }

  /// What an event hook has for `eventType`.
  static let hookType: StaticString = "com.okta.event_hook"

  static let all: [ShapeRule] = [
    ShapeRule(.eventHook, [.isHook(.hookEvents)], .elements(.hookEvents)),
    ShapeRule(.panther, [.isEvent, .isPresent(.panther)], .here(.raw)),
    ShapeRule(.raw, [.isEvent], .here(.raw)),
    ShapeRule(.pantherLowercase, [.isString(.lowercaseEventType), .hasEventFields], .here(.lowercase)),
    ShapeRule(.elasticDocument, [.isPresent(.elasticNested)], .elasticDocument),
    ShapeRule(.elasticDocument, [.isPresent(.elasticDotted)], .elasticDocument),
    ShapeRule(.elasticDocument, [.isObject(.source)], .object(.source)),
    ShapeRule(.eventBridge, [.isObject(.detail)], .object(.detail)),
    ShapeRule(.splunkHEC, [.isObject(.event), .isPresent(.eventEventType)], .object(.event)),
    ShapeRule(.splunkHEC, [], .text(.event)),
    ShapeRule(.cribl, [], .text(.raw)),
    ShapeRule(.datadog, [.isObject(.attributes), .isPresent(.attributesEventType)], .object(.attributes)),
    ShapeRule(.datadog, [.isObject(.attributes)], .text(.message)),
    ShapeRule(.elasticInput, [], .text(.message)),
    // Objects that may be wrappers themselves, or of no known shape.
    ShapeRule(.splunkHEC, [.isObject(.event)], .object(.event)),
    ShapeRule(.datadog, [.isObject(.attributes)], .object(.attributes)),
  ]

  /// How many wrappers may lie around an event.
  static let wrappersMax = 4

  /// Whether an object that has been walked is of this shape.
  func fits(_ view: borrowing EventView, _ line: JSONCursor) -> Bool {
    for requirement in requirements {
      let isMet =
        switch requirement {
        case .isPresent(let mark): view[slot: mark.rawValue] != nil
        case .isString(let mark): view[slot: mark.rawValue]?.isString == true
        case .isObject(let mark): view[slot: mark.rawValue]?.type == .object
        case .isHook(let mark): view[slot: mark.rawValue]?.type == .array && Self.isHook(view, line)
        case .isEvent: Self.isEvent(view, line)
        case .hasEventFields: Self.hasEventFields(view)
        }
      if !isMet { return false }
    }
    return true
  }

  /// Whether an object is an event with Okta's names.
  static func isEvent(_ view: borrowing EventView, _ line: JSONCursor) -> Bool {
    hasEventFields(view) && hasEventType(view, line)
  }

  /// An event that was flattened keeps its outer fields, and the rules would find none of the inner ones.
  private static func hasEventFields(_ view: borrowing EventView) -> Bool {
    view.present & FieldTable.innerEventBits != 0
      || view.present & FieldTable.eventBits != 0 && view.present & ShapeMarker.flattened.bit == 0
  }

  /// Whether `eventType` is a string, and not a hook's.
  static func hasEventType(_ view: borrowing EventView, _ line: JSONCursor) -> Bool {
    view[.eventType]?.isString == true && !isHook(view, line)
  }

  /// Whether an object calls itself an event hook.
  static func isHook(_ view: borrowing EventView, _ line: JSONCursor) -> Bool {
    guard let type = view[.eventType] else { return false }
    switch type.type {
    case .string: return line[type.range].elementsEqual(hookType)
    case .escapedString:
      // As many bytes, and each the right one.
      var count = 0
      var isSame = true
      unescape(line[type.range]) { byte in
        isSame =
          isSame && count < hookType.utf8CodeUnitCount && hookType.utf8Start[count] == byte
        count += 1
      }
      return isSame && count == hookType.utf8CodeUnitCount
    default: return false
    }
  }
}

/// A row of the table of shapes: how an object of the shape is recognised, and where its events are. The first row
/// that fits counts.
///
/// Pages and concatenated events have no row, because they are not objects. An object that no row fits has no known
/// shape.
struct ShapeRule {
  /// A condition on the object.
  enum Requirement {
    case isPresent(ShapeMarker)
    case isString(ShapeMarker)
    case isObject(ShapeMarker)
    /// The value at the marker is an array, and the object names itself an event hook.
    case isHook(ShapeMarker)
    /// `eventType` is a string that does not name an event hook, and the object has an event's other fields.
    case isEvent
    /// The object has one of the fields that every event has. One key alone could belong to anything.
    case hasEventFields
  }

  enum Events {
    /// The object is the event.
    case here(FieldTable)
    /// The object is the event, or contains a copy of the raw event.
    case elasticDocument
    /// The event is an object that is examined like a line and may itself be a wrapper. The same is true of the cases
    /// below.
    case object(ShapeMarker)
    case elements(ShapeMarker)
    /// The event is JSON in a string: one text, several, or a page. The row does not fit if the string does not begin
    /// like a JSON object or array.
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

  /// The `eventType` of an event hook.
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
    // These objects may themselves be wrappers, or have no known shape.
    ShapeRule(.splunkHEC, [.isObject(.event)], .object(.event)),
    ShapeRule(.datadog, [.isObject(.attributes)], .object(.attributes)),
  ]

  /// Maximum number of wrappers around an event.
  static let wrappersMax = 4

  /// Returns whether a walked object has this shape.
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

  /// Returns whether an object is an event with Okta's field names.
  static func isEvent(_ view: borrowing EventView, _ line: JSONCursor) -> Bool {
    hasEventFields(view) && hasEventType(view, line)
  }

  /// Returns whether an object has fields of an event. A flattened event keeps its outer fields, but rules would find
  /// none of the inner ones.
  private static func hasEventFields(_ view: borrowing EventView) -> Bool {
    view.present & FieldTable.innerEventBits != 0
      || view.present & FieldTable.eventBits != 0 && view.present & ShapeMarker.flattened.bit == 0
  }

  /// Returns whether `eventType` is a string that does not name a hook.
  static func hasEventType(_ view: borrowing EventView, _ line: JSONCursor) -> Bool {
    view[.eventType]?.isString == true && !isHook(view, line)
  }

  /// Returns whether an object names itself an event hook.
  static func isHook(_ view: borrowing EventView, _ line: JSONCursor) -> Bool {
    guard let type = view[.eventType] else { return false }
    switch type.type {
    case .string: return line[type.range].elementsEqual(hookType)
    case .escapedString:
      // The string must have as many bytes, and each must be the same.
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

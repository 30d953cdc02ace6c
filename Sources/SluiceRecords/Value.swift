/// One value of a detection's column.
public enum Value: Hashable, Sendable {
  case null
  case bool(Bool)
  case integer(Int)
  case double(Double)
  case text(LogText)
  case time(EventTime)
  case address(IPAddress)
  /// A list of values, sorted and without repetition. The caller replaces an empty list by `null`.
  case list([Value])
}

extension Value {
  /// Orders values in lists: false before true, numbers ascending, strings by UTF-8 bytes.
  ///
  /// A list has values of one kind; different kinds are ordered as the cases are.
  public static func inOrder(_ a: Value, _ b: Value) -> Bool {
    switch (a, b) {
    case (.bool(let a), .bool(let b)): !a && b
    case (.integer(let a), .integer(let b)): a < b
    case (.double(let a), .double(let b)): a < b
    case (.text(let a), .text(let b)): a < b
    case (.time(let a), .time(let b)): a < b
    case (.address(let a), .address(let b)): a < b
    default: a.rank < b.rank
    }
  }

  private var rank: Int {
    switch self {
    case .null: 0
    case .bool: 1
    case .integer: 2
    case .double: 3
    case .text: 4
    case .time: 5
    case .address: 6
    case .list: 7
    }
  }
}

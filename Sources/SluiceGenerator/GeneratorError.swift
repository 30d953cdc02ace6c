import SluiceSystem

/// Why no archive was made. The description is fit for a person at a terminal.
public enum GeneratorError: Error, CustomStringConvertible, Equatable {
  case outputNotEmpty(String)
  case invalid(String)
  case system(String, SystemError)

  public var description: String {
    switch self {
    case .outputNotEmpty(let path): "the output directory is not empty: \(path)"
    case .invalid(let message): message
    case .system(let what, let error): "\(what): \(error)"
    }
  }
}

import SluiceSystem

/// The reason why no archive was generated. The description is for people at a terminal.
package enum GeneratorError: Error, CustomStringConvertible, Equatable {
  case outputNotEmpty(String)
  case invalid(String)
  case system(String, SystemError)

  package var description: String {
    switch self {
    case .outputNotEmpty(let path): "the output directory is not empty: \(path)"
    case .invalid(let message): message
    case .system(let what, let error): "\(what): \(error)"
    }
  }
}

import Foundation

/// A folder that is removed with its content when the value goes out of use.
public final class TemporaryFolder: Sendable {
  public let path: String

  public init() {
    path = NSTemporaryDirectory() + "sluice-test-" + UUID().uuidString
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      fatalError("cannot make \(path): \(error)")
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file below the folder and returns its path.
  @discardableResult
  public func write(_ name: String, _ bytes: [UInt8]) -> String {
    let file = path + "/" + name
    do {
      try FileManager.default.createDirectory(
        atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
      try Data(bytes).write(to: URL(fileURLWithPath: file))
    } catch {
      fatalError("cannot write \(file): \(error)")
    }
    return file
  }
}

extension [[UInt8]] {
  /// Returns the lines as a file's content.
  public func joinedLines(_ separator: String = "\n", endsWithSeparator: Bool = true) -> [UInt8] {
    let separator = [UInt8](separator.utf8)
    return [UInt8](joined(separator: separator)) + (endsWithSeparator && !isEmpty ? separator : [])
  }
}

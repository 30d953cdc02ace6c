import Glibc

/// Why a result could not be written.
public struct OutputError: Error, CustomStringConvertible {
  public var path: String
  public var action: String
  var cause: SystemError

  public var description: String { "cannot \(action) \(path): \(cause)" }
}

/// Results on their way to their places: each is written beside its place, and all are renamed into them at the end.
///
/// At any moment there is the old file or the new one, and after a failure only old ones. That a place cannot be written
/// to is found when it is opened, before the work. Files are readable by their owner only, as log content is. A place
/// that is a device or a pipe is written to as it is.
public struct OutputFiles: ~Copyable {
  private struct Place {
    var path: String
    var descriptor: CInt
    /// nil if the place itself is written to.
    var temporary: String?
  }

  private var places: [Place] = []

  public init() {}

  deinit {
    for place in places {
      if let temporary = place.temporary { unlink(temporary) }
      if place.descriptor != STDOUT_FILENO { close(place.descriptor) }
    }
  }

  /// - Parameter path: nil for standard output.
  /// - Returns: the number by which ``write(_:to:)`` knows the place.
  public mutating func open(_ path: String?) throws(OutputError) -> Int {
    guard let path else {
      places.append(Place(path: "standard output", descriptor: STDOUT_FILENO))
      return places.count - 1
    }
    var status = stat()
    let isPlain = stat(path, &status) != 0 || status.st_mode & S_IFMT == S_IFREG
    let temporary = isPlain ? "\(path).\(getpid()).part" : nil
    if let temporary { unlink(temporary) }
    let descriptor =
      temporary.map { Glibc.open($0, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600) }
      ?? Glibc.open(path, O_WRONLY | O_CLOEXEC)
    if descriptor < 0 { throw OutputError(path: path, action: "create", cause: .last) }
    places.append(Place(path: path, descriptor: descriptor, temporary: temporary))
    return places.count - 1
  }

  /// Writes a file's whole content. What goes to standard output, a device or a pipe should be written last.
  public func write(_ bytes: [UInt8], to place: Int) throws(OutputError) {
    let place = places[place]
    do throws(SystemError) {
      try writeAll(place.descriptor, bytes)
      if place.temporary != nil, fsync(place.descriptor) != 0 { throw .last }
    } catch {
      throw OutputError(path: place.path, action: "write", cause: error)
    }
  }

  /// Puts everything into its place.
  public mutating func commit() throws(OutputError) {
    for index in places.indices {
      guard let temporary = places[index].temporary else { continue }
      if rename(temporary, places[index].path) != 0 {
        throw OutputError(path: places[index].path, action: "replace", cause: .last)
      }
      places[index].temporary = nil
    }
  }
}

private func writeAll(_ descriptor: CInt, _ bytes: [UInt8]) throws(SystemError) {
  var rest = bytes[...]
  while !rest.isEmpty {
    let written = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    if written >= 0 {
      rest = rest.dropFirst(written)
    } else if errno != EINTR {
      throw .last
    }
  }
}

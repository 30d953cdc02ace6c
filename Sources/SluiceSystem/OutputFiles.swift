import Glibc

/// Results on their way to their places: each is written beside its place, and all are renamed into them at the end.
///
/// At any moment there is the old file or the new one, whole, and after a failure only old ones, unless the second of two
/// files cannot be renamed after the first: the error says so. What cannot be written to is found, as far as the system
/// tells, when it is opened, before the work. Files are readable by their owner only, as log content is. Only
/// a process that is killed while it writes leaves something behind, `sluice-….part` beside the place.
public struct OutputFiles: ~Copyable {
  private struct File {
    var place: OutputTarget
    /// What is to be written to, until it has been.
    var stream: CInt?
    /// What is to be renamed, from its first byte on and until it has been.
    var temporary: String?
  }

  private var files: [File] = []

  public init() {}

  deinit {
    for file in files {
      if let temporary = file.temporary { _ = try? retried { unlink(temporary.cPath) } }
      if let stream = file.stream { close(stream) }
    }
  }

  /// - Parameter path: nil and `-` for standard output.
  /// - Returns: the number by which ``write(_:to:)`` knows the place. Files are renamed in the order of these.
  public mutating func open(_ path: String?) throws(OutputError) -> Int {
    let place = try OutputTarget(path)
    let same = files.first { $0.place.isSame(as: place) }
    var file = File(place: place)
    if case .stream(let descriptor) = place.kind { file.stream = descriptor }
    files.append(file)
    if let same {
      throw OutputError(
        path: place.path, action: "write to", reason: "it is the same file as \(same.place.path)",
        isWrongUsage: true)
    }
    return files.count - 1
  }

  /// - Parameters:
  ///   - inputs: files that are to be read.
  ///   - folders: in which all files are read.
  /// - Throws: if a file that is to be read would be replaced, or one would be written that the next run
  ///   would read.
  public func check(notAmong inputs: Set<FileIdentity>, notIn folders: Set<FileIdentity>) throws(OutputError)
  {
    for file in files {
      // Devices and terminals may be both.
      guard case .entry(_, let folder, _) = file.place.kind else { continue }
      let isInput = file.place.existing.map(inputs.contains) == true
      guard isInput || folders.contains(folder) else { continue }
      throw OutputError(
        path: file.place.path, action: "write to",
        reason: isInput
          ? "it is one of the files to be read"
          : "it would lie in a folder that is read, so that the next run would read it; write it elsewhere",
        isWrongUsage: true)
    }
  }

  /// Writes a place's whole content, once. What goes to standard output, a device or a pipe should be written last.
  public mutating func write(_ bytes: [UInt8], to index: Int) throws(OutputError) {
    do {
      try write(to: index) { descriptor in try writeToReader(descriptor, bytes[...]) }
    } catch let error as OutputError {
      throw error
    } catch {
      throw OutputError(path: files[index].place.path, action: "write", reason: "\(error)")
    }
  }

  /// The same; `body` writes to a descriptor. Errors of the system's become ``OutputError``s.
  public mutating func write<Result>(to index: Int, _ body: (CInt) throws -> Result) throws -> Result {
    do {
      switch files[index].place.kind {
      case .entry(let directory, _, _): return try write(beside: directory, index, body)
      case .stream(let descriptor):
        let result = try body(descriptor)
        files[index].stream = nil
        try closeWritten(descriptor)
        return result
      }
    } catch let error as SystemError {
      throw OutputError(path: files[index].place.path, action: "write", reason: error.description)
    }
  }

  private mutating func write<Result>(
    beside directory: String, _ index: Int, _ body: (CInt) throws -> Result
  ) throws -> Result {
    let temporary = directory + temporaryName("part")
    let descriptor = try retried {
      Glibc.open(temporary.cPath, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    }
    files[index].temporary = temporary
    let result: Result
    do {
      // Whatever the process's mask is.
      try retried { fchmod(descriptor, 0o600) }
      result = try body(descriptor)
      try retried { fsync(descriptor) }
    } catch {
      close(descriptor)
      throw error
    }
    try closeWritten(descriptor)
    return result
  }

  /// Puts everything into its place, where it outlives a power failure too.
  public mutating func commit() throws(OutputError) {
    var replaced: [OutputTarget] = []
    func step(_ action: String, _ place: OutputTarget, _ call: () throws(SystemError) -> Void)
      throws(OutputError)
    {
      do throws(SystemError) {
        try call()
      } catch {
        throw OutputError(
          path: place.path, action: action, reason: error.description, replaced: replaced.map(\.path))
      }
    }
    for index in files.indices {
      guard let temporary = files[index].temporary else { continue }
      let place = files[index].place
      try step("replace", place) { () throws(SystemError) in
        try retried { rename(temporary.cPath, place.path.cPath) }
      }
      files[index].temporary = nil
      replaced.append(place)
    }
    var synced: [FileIdentity] = []
    for place in replaced {
      guard case .entry(let directory, let identity, _) = place.kind, !synced.contains(identity) else {
        continue
      }
      synced.append(identity)
      try step("sync the directory of", place) { () throws(SystemError) in try syncDirectory(directory) }
    }
  }
}

import Glibc

/// Results that are written to temporary files beside their targets and all renamed at the end.
///
/// At any moment a target is either the old file or the complete new one. After an error all are old, unless the second
/// of two files cannot be renamed after the first; the error then says so. Targets are checked when they are opened,
/// before the work, as far as the system can tell. Files are readable only by their owner, because they contain log
/// content. Only a process that is killed while it writes leaves a temporary file, `sluice-….part` beside the target.
package struct OutputFiles: ~Copyable {
  private struct File {
    var target: OutputTarget
    /// The descriptor to write to; nil after the write.
    var stream: CInt?
    /// The temporary file, from its first byte until it is renamed; else nil.
    var temporary: String?
  }

  private var files: [File] = []

  package init() {}

  deinit {
    for file in files {
      if let temporary = file.temporary { _ = try? retried { unlink(temporary.cPath) } }
      if let stream = file.stream { close(stream) }
    }
  }

  /// Opens a target.
  ///
  /// - Parameter path: the target; nil and `-` for standard output.
  /// - Returns: the index of the target for ``write(_:to:)``. Files are renamed in index order.
  package mutating func open(_ path: String?) throws(OutputError) -> Int {
    let target = try OutputTarget(path)
    let same = files.first { $0.target.isSame(as: target) }
    var file = File(target: target)
    if case .stream(let descriptor) = target.kind { file.stream = descriptor }
    files.append(file)
    if let same {
      throw OutputError(
        path: target.path, action: "write to", reason: "it is the same file as \(same.target.path)",
        isWrongUsage: true)
    }
    return files.count - 1
  }

  /// Checks that no target is an input.
  ///
  /// - Parameters:
  ///   - inputs: files that will be read.
  ///   - folders: directories of which all files are read.
  /// - Throws: if a result would replace an input, or would be an input of the next run.
  package func check(notAmong inputs: Set<FileIdentity>, notIn folders: Set<FileIdentity>) throws(OutputError)
  {
    for file in files {
      // Devices and terminals may be both.
      guard case .entry(_, let folder, _) = file.target.kind else { continue }
      let isInput = file.target.existing.map(inputs.contains) == true
      guard isInput || folders.contains(folder) else { continue }
      throw OutputError(
        path: file.target.path, action: "write to",
        reason: isInput
          ? "it is one of the files to be read"
          : "it would lie in a folder that is read, so that the next run would read it; write it elsewhere",
        isWrongUsage: true)
    }
  }

  /// Writes the whole content of a target, once. Standard output, devices and pipes should be written last.
  package mutating func write(_ bytes: [UInt8], to index: Int) throws(OutputError) {
    do {
      try write(to: index) { descriptor in try writeToReader(descriptor, bytes[...]) }
    } catch let error as OutputError {
      throw error
    } catch {
      throw OutputError(path: files[index].target.path, action: "write", reason: "\(error)")
    }
  }

  /// Lets `body` write the whole content of a target to a descriptor. System errors become ``OutputError``s.
  package mutating func write<Result>(to index: Int, _ body: (CInt) throws -> Result) throws -> Result {
    do {
      switch files[index].target.kind {
      case .entry(let directory, _, _): return try write(beside: directory, index, body)
      case .stream(let descriptor):
        let result = try body(descriptor)
        files[index].stream = nil
        try closeWritten(descriptor)
        return result
      }
    } catch let error as SystemError {
      throw OutputError(path: files[index].target.path, action: "write", reason: error.description)
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
      // Set the mode regardless of the process's umask.
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

  /// Renames all files to their targets and syncs the directories, so that the results survive a power failure.
  package mutating func commit() throws(OutputError) {
    var replaced: [OutputTarget] = []
    func step(_ action: String, _ target: OutputTarget, _ call: () throws(SystemError) -> Void)
      throws(OutputError)
    {
      do throws(SystemError) {
        try call()
      } catch {
        throw OutputError(
          path: target.path, action: action, reason: error.description, replaced: replaced.map(\.path))
      }
    }
    for index in files.indices {
      guard let temporary = files[index].temporary else { continue }
      let target = files[index].target
      try step("replace", target) { () throws(SystemError) in
        try retried { rename(temporary.cPath, target.path.cPath) }
      }
      files[index].temporary = nil
      replaced.append(target)
    }
    var synced: [FileIdentity] = []
    for target in replaced {
      guard case .entry(let directory, let identity, _) = target.kind, !synced.contains(identity) else {
        continue
      }
      synced.append(identity)
      try step("sync the directory of", target) { () throws(SystemError) in try syncDirectory(directory) }
    }
  }
}

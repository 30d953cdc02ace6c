/// The position of a line: the block that contains its first byte, and the offset of that byte among the decoded
/// bytes.
///
/// In plain files the block is the line itself. Positions are the same for any number of threads and any range size.
struct Position: Hashable, Comparable, Sendable {
  /// Offset of the block's first byte in its file. In LZ4 it is the first byte of the block's size field.
  var fileOffset: Int
  var offsetInBlock: Int

  static func < (a: Self, b: Self) -> Bool {
    (a.fileOffset, a.offsetInBlock) < (b.fileOffset, b.offsetInBlock)
  }
}

/// A part of the input that could not be used properly, with its file and offset.
public struct Problem: Hashable, Sendable {
  public var file: String
  /// Offset in the file, as it is on disk, where the frame, block or plain line starts.
  public var offset: Int
  public var reason: String
  public var message: String

  static let unreadable = "unreadable"
  /// A partial that could not be used. It has been made anew, so nothing is lost.
  public static let partialReason = "partial"
  static let noFiles = "no-files"

  /// Whether the problem concerns a whole path, which may be a folder, and not a byte of it.
  public var isOfWholePath: Bool { offset == 0 && [Self.unreadable, Self.noFiles].contains(reason) }
}

/// The problems of one worker. For each file and reason, the first ``keptMax`` are kept and all are counted, so that
/// a hostile archive cannot fill memory. The choice of the kept ones does not depend on the workers.
struct ProblemLog {
  static let keptMax = 100

  struct Key: Hashable {
    var file: Int
    var reason: String
  }
  struct Entries {
    var count = 0
    var kept: [(position: Position, message: String)] = []
  }

  private(set) var entries: [Key: Entries] = [:]

  mutating func add(file: Int, _ position: Position, reason: String, _ message: @autoclosure () -> String) {
    entries[Key(file: file, reason: reason), default: Entries()].add(position, message)
  }

  mutating func merge(_ other: ProblemLog) {
    for (key, more) in other.entries { merge(key, more) }
  }

  mutating func merge(_ key: Key, _ more: Entries) {
    var merged = entries[key] ?? Entries()
    for (position, message) in more.kept { merged.add(position) { message } }
    merged.count += more.count - more.kept.count
    entries[key] = merged
  }

  /// Returns the problems with certain reasons under another reason. It omits those of files that have the same
  /// reason in an earlier log.
  func renamed(_ reasons: Set<String>, to name: String, unlessIn earlier: ProblemLog, _ prefix: String)
    -> ProblemLog
  {
    var log = ProblemLog()
    for (key, found) in entries where reasons.contains(key.reason) && earlier.entries[key] == nil {
      for (position, message) in found.kept {
        log.add(file: key.file, position, reason: name, "\(prefix): \(message)")
      }
    }
    return log
  }

  /// Returns all problems, ordered by file, reason and position. If more were found than kept, a last one says how
  /// many.
  func problems(files: [String]) -> [Problem] {
    let keys = entries.keys.sorted { ($0.file, $0.reason) < ($1.file, $1.reason) }
    return keys.flatMap { key -> [Problem] in
      let entry = entries[key]!  // The key is from the same dictionary.
      var found = entry.kept.map {
        Problem(
          file: files[key.file], offset: $0.position.fileOffset, reason: key.reason, message: $0.message)
      }
      if entry.count > found.count, let last = entry.kept.last {
        found.append(
          Problem(
            file: files[key.file], offset: last.position.fileOffset, reason: key.reason,
            message: "and \(entry.count - found.count) more after this place"))
      }
      return found
    }
  }
}

extension ProblemLog.Entries {
  mutating func add(_ position: Position, _ message: () -> String) {
    count += 1
    if kept.count == ProblemLog.keptMax {
      guard let last = kept.last, position < last.position else { return }
      kept.removeLast()
    }
    let index = kept.firstIndex { position < $0.position } ?? kept.count
    kept.insert((position, message()), at: index)
  }
}

/// The reason why input was not used, or why a result is incomplete. Output names it by a fixed word.
///
/// `sluice.docc/Problems.md` lists the reasons, with what to do about each.
public enum Reason: String, CaseIterable, CustomStringConvertible, Sendable {
  // Rejected records.
  case cut
  case depth
  case json
  case lineLength = "line-length"
  case notAnObject = "not-an-object"
  case page
  case shape
  case time
  case trailing
  case unrecognised
  case utf8

  // Problems of files.
  case blockChecksum = "block-checksum"
  case blockDamaged = "block-damaged"
  case blockLinked = "block-linked"
  case blockPacking = "block-packing"
  case blockSize = "block-size"
  case changed
  case codec
  case contentChecksum = "content-checksum"
  case contentSize = "content-size"
  case dictionary
  case garbage
  case gzipDamaged = "gzip-damaged"
  case headerChecksum = "header-checksum"
  case missing
  case noFiles = "no-files"
  /// A cached partial could not be used. It was made again, so nothing is lost.
  case partial
  case reserved
  case triage
  case truncated
  case unreadable
  case version
  case window
  case zeros
  case zstdDamaged = "zstd-damaged"
  /// A file cannot be split. The run ends without a result, so no output has this word.
  case range

  // Unmet expectations of the whole run.
  case minFiles = "min-files"
  case newest
  case noEvents = "no-events"
  case noRecords = "no-records"
  case triageFrom = "triage-from"

  public var description: String { rawValue }

  package var word: Word { Word(rawValue) }

  /// The word of a reason, as counts and problems hold it.
  ///
  /// A partial that another version wrote may hold a word of no ``Reason``, which is handed on.
  public struct Word: Hashable, Comparable, CustomStringConvertible, Sendable {
    public let text: String

    package init(_ text: String) { self.text = text }

    public var description: String { text }

    public static func < (a: Self, b: Self) -> Bool { a.text < b.text }
    public static func == (word: Self, reason: Reason) -> Bool { word.text == reason.rawValue }
    public static func != (word: Self, reason: Reason) -> Bool { !(word == reason) }

    package func isOne(of reasons: [Reason]) -> Bool { reasons.contains { self == $0 } }
  }
}

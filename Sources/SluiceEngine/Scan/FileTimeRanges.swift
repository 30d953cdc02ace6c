import SluiceRecords

/// From when to when the events of each file of an archive are, and of each part of it, as far as they were looked at
/// (``TimeSampler``).
///
/// What is merged from several workers depends on all they saw only, not on who saw what. Costs 16 bytes a part.
struct FileTimeRanges: Sendable {
  /// Some blocks that were scanned together, or one in which a line begins that ends in another.
  struct Zone {
    /// Of a block, in its file.
    var offset: Int
    private var first: Int32
    private var last: Int32

    init(offset: Int, _ span: HourRange?) {
      self.offset = offset
      // Years have four digits, so that hours fit.
      first = Int32(span?.first ?? 1)
      last = Int32(span?.last ?? 0)
    }

    var span: HourRange? { first <= last ? HourRange(first: Int(first), last: Int(last)) : nil }
  }

  struct File {
    /// nil if no event with a time was seen.
    var span: HourRange?
    /// In any order; empty if some event is spread over several lines, so that no part can be understood by itself.
    private(set) var parts: [Zone] = []
    private(set) var isInLines = true

    init(_ span: HourRange? = nil) { self.span = span }

    init(_ span: HourRange?, parts: [Zone], isInLines: Bool) {
      self.span = span
      self.parts = isInLines ? parts : []
      self.isInLines = isInLines
    }

    mutating func add(_ other: HourRange?, at offset: Int) {
      add(other)
      if isInLines { parts.append(Zone(offset: offset, other)) }
    }

    private mutating func add(_ other: HourRange?) {
      guard let other else { return }
      span = HourRange(
        first: min(span?.first ?? other.first, other.first), last: max(span?.last ?? other.last, other.last))
    }

    /// Says that not each line of the file is an event by itself.
    mutating func noteMultilineEvents() {
      isInLines = false
      parts = []
    }

    fileprivate mutating func merge(_ other: File) {
      add(other.span)
      parts += other.parts
      if !isInLines || !other.isInLines { noteMultilineEvents() }
    }
  }

  /// By number; files of which no line was scanned are not in it.
  private(set) var files: [Int: File]

  init(files: [Int: File] = [:]) { self.files = files }

  mutating func merge(_ times: File, of file: Int) { files[file, default: File()].merge(times) }

  mutating func merge(_ other: FileTimeRanges) {
    for (file, times) in other.files { merge(times, of: file) }
  }
}

import SluiceRecords

/// The time ranges of the events of each file of an archive, and of each zone of it, as far as they were examined
/// (``TimeSampler``).
///
/// The merged ranges of several workers depend only on all events seen, not on which worker saw which. They cost 16
/// bytes per zone.
struct FileTimeRanges: Sendable {
  /// The time range of some blocks that were scanned together, or of one block in which a line begins that ends in
  /// another.
  struct Zone {
    /// Offset of a block in its file.
    var offset: Int
    private var first: Int32
    private var last: Int32

    init(offset: Int, _ span: HourRange?) {
      self.offset = offset
      // Years have four digits, so the hours fit.
      first = Int32(span?.first ?? 1)
      last = Int32(span?.last ?? 0)
    }

    var span: HourRange? { first <= last ? HourRange(first: Int(first), last: Int(last)) : nil }
  }

  struct File {
    /// The range of all times; nil if no event with a time was seen.
    var span: HourRange?
    /// The zones in any order. There are none if an event is spread over several lines, because no zone can then be
    /// read alone.
    private(set) var zones: [Zone] = []
    private(set) var isInLines = true

    init(_ span: HourRange? = nil) { self.span = span }

    init(_ span: HourRange?, zones: [Zone], isInLines: Bool) {
      self.span = span
      self.zones = isInLines ? zones : []
      self.isInLines = isInLines
    }

    mutating func add(_ other: HourRange?, at offset: Int) {
      add(other)
      if isInLines { zones.append(Zone(offset: offset, other)) }
    }

    private mutating func add(_ other: HourRange?) {
      guard let other else { return }
      span = HourRange(
        first: min(span?.first ?? other.first, other.first), last: max(span?.last ?? other.last, other.last))
    }

    /// Notes that not every line of the file is an event by itself.
    mutating func noteMultilineEvents() {
      isInLines = false
      zones = []
    }

    fileprivate mutating func merge(_ other: File) {
      add(other.span)
      zones += other.zones
      if !isInLines || !other.isInLines { noteMultilineEvents() }
    }
  }

  /// Files by number. Those without a scanned line are omitted.
  private(set) var files: [Int: File]

  init(files: [Int: File] = [:]) { self.files = files }

  mutating func merge(_ times: File, of file: Int) { files[file, default: File()].merge(times) }

  mutating func merge(_ other: FileTimeRanges) {
    for (file, times) in other.files { merge(times, of: file) }
  }
}

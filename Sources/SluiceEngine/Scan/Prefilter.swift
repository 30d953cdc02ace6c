import CKernels
import SluiceRecords

/// A search for the lines in decoded text that some rule may match: those that contain one of its literals.
///
/// This is sound. A rule's filter can only match if the line contains one of its literals, either as it is or with
/// letters in the form `\u00XX`. Lines with `\u00` are always found. The same is true for JSON in strings of JSON.
/// Each outer string writes a letter as it is or as `\u00XX`. It writes the backslash of an escape as `\\`, which
/// leaves `\u00` in the line, or as `\u005c`, which adds it.
///
/// A C kernel (see `kernels.h`) does the work. It compares 64 bytes at a time with two neighbouring bytes of each
/// literal.
final class Prefilter: Sendable {
  private let tables: OpaqueTables
  private let simdTarget: SIMDTarget
  /// Whether every line must be parsed, because no literals are known or the literals do not fit.
  let takesEveryLine: Bool

  /// The kernels' tables. They are written once, here, and released with the prefilter.
  private struct OpaqueTables: @unchecked Sendable { let pointer: OpaquePointer }

  /// Number of bytes of text that suffice as a sample.
  static let sampleBytesMax = 128 << 10

  /// - Parameters:
  ///   - literals: nil if every line must be taken.
  ///   - sample: some of the text to be scanned. It affects only the speed.
  init(literals: [[UInt8]]?, sample: UnsafeBytes, simdTarget: SIMDTarget = .best) {
    precondition(simdTarget.isSupported, "this machine cannot run the kernel \(simdTarget)")
    let tables = OpaqueTables(pointer: sluice_prefilter_create())
    let all = (literals ?? []) + [Array("\\u00".utf8)]
    let fits = zip(all, Self.pairOffsets(all, sample: sample)).allSatisfy { literal, offset in
      sluice_prefilter_add(tables.pointer, literal, literal.count, offset) == 0
    }
    self.tables = tables
    self.simdTarget = simdTarget
    self.takesEveryLine = literals == nil || !fits
  }

  /// Creates a search for lines that contain one of some addresses as text, in any spelling, between two quotes.
  /// Lines with `\u00` are found too, for the same reason as above.
  init(addresses: some Sequence<IPAddress>, simdTarget: SIMDTarget = .best) {
    precondition(simdTarget.isSupported, "this machine cannot run the kernel \(simdTarget)")
    let sorted = Set(addresses).sorted()
    let bytes = sorted.flatMap { address in
      [address.high, address.low].flatMap { half in
        stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: half >> UInt64($0)) }
      }
    }
    guard let pointer = sluice_prefilter_create_for_addresses(bytes, sorted.count) else {
      preconditionFailure("out of memory")
    }
    tables = OpaqueTables(pointer: pointer)
    self.simdTarget = simdTarget
    takesEveryLine = false
  }

  deinit { sluice_prefilter_destroy(tables.pointer) }

  /// Returns the verdict of a scan for a text that it was not given. - Precondition: this prefilter searches for
  /// addresses.
  func findsAddress(in text: UnsafeBytes) -> Bool {
    sluice_holds_address(tables.pointer, text.base, text.count) != 0
  }

  /// Scans whole lines of `data` from `from` on. The list then contains the lines that were found.
  ///
  /// - Returns: the offset at which to continue, which is `data.count` at the end.
  /// - Precondition: a line starts at `from` and the last byte is a newline.
  func scan(
    _ data: UnsafeBytes, from: Int, lineBytesMax: Int, into found: inout LineList
  ) -> Int {
    precondition(from <= data.count && (from == data.count || data[data.count - 1] == UInt8(ascii: "\n")))
    found.count = 0
    let run =
      simdTarget == .avx512
      ? sluice_scan_avx512 : simdTarget == .avx2 ? sluice_scan_avx2 : sluice_scan_portable
    var lines = sluice_lines()
    let next = run(
      tables.pointer, data.base, data.count, from, lineBytesMax, found.entries, LineList.capacity, &lines)
    found.count = lines.found
    found.newlines = lines.lines
    found.blank = lines.blank
    return next
  }

  /// The lines that a scan found, in memory of one worker.
  struct LineList: ~Copyable {
    static let capacity = 1024
    fileprivate let entries = UnsafeMutablePointer<sluice_line>.allocate(capacity: capacity)
    fileprivate(set) var count = 0
    /// Number of newlines passed; `blank` is the number of blank lines among them.
    fileprivate(set) var newlines = 0
    fileprivate(set) var blank = 0

    deinit { entries.deallocate() }

    subscript(index: Int) -> Range<Int> {
      precondition(index >= 0 && index < count)
      return entries[index].start..<entries[index].start + entries[index].count
    }
  }
}

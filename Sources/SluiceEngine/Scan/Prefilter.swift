import CKernels
import SluiceRecords

/// Finds, in decoded text, the lines that some rule may match: those that hold one of its literals.
///
/// Sound because a rule's filter can only hold if one of its literals stands in the line as it is, or has letters of it
/// spelled as `\u00XX`: lines with `\u00` are always found. That holds for JSON in strings of JSON too: each string around writes
/// a letter as it is or as `\u00XX`, and the backslash of an escape as `\\`, which leaves `\u00` in the line, or as `\u005c`, which
/// puts it there. The work is done by a kernel in C (see `kernels.h`) that
/// compares 64 bytes at a time with two neighbouring bytes of each literal.
final class Prefilter: Sendable {
  private let tables: OpaqueTables
  private let simdTarget: SIMDTarget
  /// Whether every line has to be walked, as no literals are known or none may be relied on.
  let takesEveryLine: Bool

  /// The kernels' tables: written once, here, and released with the prefilter.
  private struct OpaqueTables: @unchecked Sendable { let pointer: OpaquePointer }

  /// Bytes of text that are enough of a sample.
  static let sampleBytesMax = 128 << 10

  /// - Parameters:
  ///   - literals: nil if every line must be taken.
  ///   - sample: some of the text to be scanned; it changes the speed only.
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

  /// Finds the lines that hold one of some addresses as text, right behind a quote and up to one, in any spelling; and those
  /// with `\u00`, for the same reason.
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

  /// What a scan says of a line, said of a text that it was not given. - Precondition: this one finds addresses.
  func findsAddress(in text: UnsafeBytes) -> Bool {
    sluice_holds_address(tables.pointer, text.base, text.count) != 0
  }

  /// Looks at whole lines of `data` from `from` on: the list then holds what was found.
  ///
  /// - Returns: where to go on, `data.count` at the end.
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

  /// What a scan found; memory of one worker.
  struct LineList: ~Copyable {
    static let capacity = 1024
    fileprivate let entries = UnsafeMutablePointer<sluice_line>.allocate(capacity: capacity)
    fileprivate(set) var count = 0
    /// Newlines passed, and blank lines among them.
    fileprivate(set) var newlines = 0
    fileprivate(set) var blank = 0

    deinit { entries.deallocate() }

    subscript(index: Int) -> Range<Int> {
      precondition(index >= 0 && index < count)
      return entries[index].start..<entries[index].start + entries[index].count
    }
  }
}

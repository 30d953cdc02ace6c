import Foundation
import SluiceReport
import SluiceSystem
import SluiceTestSupport
import Testing

@testable import SluiceEngine

/// Writes the partial of some paths, or of a range of one, to a file.
///
/// - Returns: The statistics of these paths.
@discardableResult
func writePartial(
  of paths: [String], range: Range<Int>? = nil, to path: String, framesPerShard: Bool = false,
  _ options: ScanOptions? = nil,
  _ change: (inout ScanOptions) -> Void = { _ in }
) throws -> RunStats {
  var options = options ?? ScanOptions(paths: [])
  options.paths = paths
  if paths.isEmpty { options.threads = 1 }
  change(&options)
  let descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
  try #require(descriptor >= 0)
  defer { close(descriptor) }
  return try Scan(options).writePartial(
    of: ArchiveListing(paths: paths), range: range, to: descriptor, framesPerShard: framesPerShard)
}

func contents(of path: String) throws -> [UInt8] { try Array(Data(contentsOf: URL(fileURLWithPath: path))) }

extension RunStats {
  /// The statistics without values that differ from run to run or count the work done.
  var lasting: [UInt8] {
    var stats = self
    stats.run = Resources(threads: 0, shards: 0, wallSeconds: 0, cpuSeconds: 0, peakRSSBytes: 0)
    // Triage's statistics count the work done, which depends on how blocks were joined.
    stats.triage = nil
    (stats.cacheUse.filesRead, stats.cacheUse.filesReused, stats.cacheUse.bytesRead) = (0, 0, 0)
    return stats.json
  }
}

/// Returns the records and lasting statistics of a result as text, so that failures are readable.
func written(_ result: ScanResult) -> [String] {
  (result.detections.map(\.ndjson) + [result.stats.lasting]).map { String(decoding: $0, as: UTF8.self) }
}

extension PartialFolder {
  /// Returns a cache whose clock is this many seconds ahead of the files' times.
  func later(by seconds: Double) -> PartialFolder {
    var folder = self
    let now = now
    folder.now = { now() + Int64(seconds * 1e9) }
    return folder
  }
}

/// Returns the first difference of two results in the form of ``written(_:)``; nil if there is none.
func difference(_ found: [String], _ expected: [String]) -> String? {
  for (a, b) in zip(found, expected) where a != b {
    let (a, b) = (Array(a.utf8), Array(b.utf8))
    let at = max(0, zip(a, b).prefix { $0 == $1 }.count - 60)
    func part(_ text: [UInt8]) -> String { String(decoding: text.dropFirst(at).prefix(160), as: UTF8.self) }
    return "found \(part(a)), expected \(part(b))"
  }
  return found.count == expected.count ? nil : "found \(found.count) lines, expected \(expected.count)"
}

import Foundation
import SluiceSystem
import SluiceTestSupport
import Testing

@testable import SluiceEngine

/// Writes the partial of some paths to a file. - Returns: its path, and the figures of these paths.
@discardableResult
func writePartial(
  of paths: [String], to path: String, framesPerShard: Bool = false, _ options: ScanOptions? = nil,
  _ change: (inout ScanOptions) -> Void = { _ in }
) throws -> Figures {
  var options = options ?? ScanOptions(paths: [])
  options.paths = paths
  if paths.isEmpty { options.threads = 1 }
  change(&options)
  let descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
  try #require(descriptor >= 0)
  defer { close(descriptor) }
  return try makePartial(
    options, ArchiveListing(paths: paths), to: descriptor, framesPerShard: framesPerShard)
}

func contents(of path: String) throws -> [UInt8] { try Array(Data(contentsOf: URL(fileURLWithPath: path))) }

extension Figures {
  /// Without what differs from run to run, or says how much was read.
  var lasting: [UInt8] {
    var figures = self
    figures.run = Run(threads: 0, shards: 0, wallSeconds: 0, cpuSeconds: 0, peakRSSBytes: 0)
    figures.triage?.seconds = 0
    (figures.filesRead, figures.filesReused, figures.bytesRead) = (0, 0, 0)
    return figures.json
  }
}

/// Records and lasting figures of a result, as they are written; for comparison and for whoever reads the failure.
func written(_ result: ScanResult) -> [String] {
  (result.detections.map(\.ndjson) + [result.figures.lasting]).map { String(decoding: $0, as: UTF8.self) }
}

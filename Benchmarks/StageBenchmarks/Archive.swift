import Foundation
@testable import SluiceGenerator

/// The engine's stages over an archive that is the same in every run: 48,000 events in 24 files, with planted attacks.
///
/// The archive is generated when a benchmark first needs it; nothing of it remains on disk.
enum Archive {
  static let stages: Stages = {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("sluice-benchmarks-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    do {
      let summary = try generate(GeneratorOptions(events: 48_000, seed: 1, output: folder))
      return Stages(archive: summary.archivePath)
    } catch {
      fatalError("the archive could not be made: \(error)")
    }
  }()
}

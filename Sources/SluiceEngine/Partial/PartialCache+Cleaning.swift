import Glibc
import SluiceRecords
import SluiceSystem

/// What a run leaves in the folder, and what it removes from it.
extension PartialCache {
  struct ManifestEntry {
    var name: String
    /// Of the file of which it is; nil for a rollup.
    var path: String?
  }

  /// Says, for whoever looks into the folder, which partials the last run used, and of which files they are.
  func writeManifest(_ kept: [ManifestEntry]) throws(SystemError) {
    var bytes: [UInt8] = []
    for entry in kept {
      var json = JSONWriter()
      json.object { json in
        json.member("partial", entry.name)
        json.member("file", entry.path)
      }
      bytes += json.bytes + [UInt8(ascii: "\n")]
    }
    let place = try AtomicFile("manifest.ndjson", in: folder.path)
    try writeAll(place.descriptor, bytes[...])
    try place.commit()
  }

  /// Removes partials of files that are gone or have changed, and what runs that were killed left behind.
  ///
  /// - Parameter paths: of this run's files.
  func clean(_ kept: Set<String>, _ paths: Set<ArchiveListing.Path>) throws(SystemError) {
    for name in try names() where !kept.contains(name) {
      let path = "\(folder.path)/\(name)"
      if name.hasPrefix("sluice-"), name.hasSuffix(".part") {
        unlink(path.cPath)
      } else if name.hasSuffix(Self.ending), isOutlived(path, paths) {
        unlink(path.cPath)
      }
    }
  }

  /// Whether a file of which a partial is, is not there any more as it was; or all of what a rollup is of has another now.
  func isOutlived(_ path: String, _ paths: Set<ArchiveListing.Path>) -> Bool {
    guard let sections = try? PartialSection.all(in: path), sections.count == 1 else { return true }
    let sources = sections[0].sources
    if sources.contains(where: { isGone($0, paths) }) { return true }
    return sources.count > 1 && sources.allSatisfy { paths.contains($0.path) }
  }

  func isGone(_ source: PartialSource, _ paths: Set<ArchiveListing.Path>) -> Bool {
    // Versions that knew files by relative paths made it, and no run finds it any more.
    guard source.path.isAbsolute else { return true }
    if paths.contains(source.path) { return source.path.status != source.status }
    if let status = source.path.status { return status != source.status }
    // What lies on a file system that is not mounted now may be there again tomorrow.
    guard let slash = source.path.bytes.lastIndex(of: UInt8(ascii: "/")), slash > 0 else { return false }
    var directory = stat()
    return ArchiveListing.Path(bytes: Array(source.path.bytes[..<slash])).withCString { stat($0, &directory) }
      == 0
  }
}

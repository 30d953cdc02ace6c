import Glibc
import SluiceRecords
import SluiceSystem

/// Manifest and cleaning of the folder.
extension PartialCache {
  struct ManifestEntry {
    var name: String
    /// Path of the partial's file; nil for a rollup.
    var path: String?
  }

  /// Writes which partials the last run used and which files they belong to, for people who look into the folder.
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
    let atomicFile = try AtomicFile("manifest.ndjson", in: folder.path)
    try writeAll(atomicFile.descriptor, bytes[...])
    try atomicFile.commit()
  }

  /// Removes obsolete partials, and temporary files of killed runs.
  ///
  /// A partial is obsolete if it is unreadable, if one of its files was deleted or has changed, or if it is a rollup that
  /// this run did not keep although it had all its files.
  ///
  /// - Parameters:
  ///   - kept: names of the partials that this run uses. They are not examined.
  ///   - paths: paths of this run's files.
  func clean(_ kept: Set<String>, _ paths: Set<ArchiveListing.Path>) throws(SystemError) {
    for name in try names() where !kept.contains(name) {
      let path = "\(folder.path)/\(name)"
      if name.hasPrefix("sluice-"), name.hasSuffix(".part") {
        unlink(path.cPath)
      } else if name.hasSuffix(Self.ending), isObsolete(path, paths) {
        unlink(path.cPath)
      }
    }
  }

  /// Returns whether a partial that this run did not keep is obsolete, see ``clean(_:_:)``.
  func isObsolete(_ path: String, _ paths: Set<ArchiveListing.Path>) -> Bool {
    guard let sections = try? PartialSection.all(in: path), sections.count == 1 else { return true }
    let sources = sections[0].sources
    if sources.contains(where: { isGone($0, paths) }) { return true }
    return sources.count > 1 && sources.allSatisfy { paths.contains($0.path) }
  }

  func isGone(_ source: PartialSource, _ paths: Set<ArchiveListing.Path>) -> Bool {
    // Older versions that identified files by relative paths made this partial. No run finds it any more.
    guard source.path.isAbsolute else { return true }
    if paths.contains(source.path) { return source.path.status != source.status }
    if let status = source.path.status { return status != source.status }
    // A file system that is not mounted now may be mounted again tomorrow, and its files with it.
    guard let slash = source.path.bytes.lastIndex(of: UInt8(ascii: "/")), slash > 0 else { return false }
    var directory = stat()
    return ArchiveListing.Path(bytes: Array(source.path.bytes[..<slash])).withCString { stat($0, &directory) }
      == 0
  }
}

import SluiceEngine
import SluiceSystem

extension OutputFiles {
  /// - Throws: if a result would replace a file of the archive or become one.
  func check(against archive: ArchiveListing) throws(OutputError) {
    try check(notAmong: Set(archive.files.compactMap(\.identity)), notIn: archive.folders)
  }
}

import SluiceRecords
import SluiceSystem

/// Finds the files of a detection record among the given files.
struct EvidenceFiles {
  private let listing: ArchiveListing
  private let paths: [ArchiveListing.Path]

  init(_ listing: ArchiveListing, paths: [String]) {
    self.listing = listing
    self.paths = paths.map { ArchiveListing.Path($0) }
  }

  /// Returns the file with the same path. If there is none, paths below the given directories are compared with the end
  /// of the record's path, and the longest match is returned.
  func file(_ path: LogText) throws(ShowError) -> ArchiveListing.File {
    if let same = listing.files.first(where: { $0.path.utf8.elementsEqual(path.bytes) }) { return same }
    var best: (count: Int, files: [ArchiveListing.File]) = (0, [])
    for file in listing.files {
      let count = commonEnd(file, path.bytes)
      if count == 0 || count < best.count { continue }
      best = (count, count == best.count ? best.files + [file] : [file])
    }
    guard let file = best.files.first else {
      throw ShowError(
        "'\(path)', which holds events of this detection, is not among the paths that are given")
    }
    guard best.files.count == 1 else {
      throw ShowError(
        "'\(path)' may be '\(file.path)' or '\(best.files[1].path)'; give the directory that was scanned alone"
      )
    }
    return file
  }

  /// Returns how many bytes at the end of the record's path match the file; 0 for none. The file's path below a given
  /// directory is compared, or its name if the file itself was given.
  private func commonEnd(_ file: ArchiveListing.File, _ path: [UInt8]) -> Int {
    let bytes = file.location.bytes
    let slash = UInt8(ascii: "/")
    var longest = 0
    for given in paths {
      var start = given.bytes.count
      if given == file.location {
        start = bytes.lastIndex(of: slash).map { $0 + 1 } ?? 0
      } else {
        guard bytes.starts(with: given.bytes) else { continue }
        if given.bytes.last != slash {
          guard start < bytes.count, bytes[start] == slash else { continue }
          start += 1
        }
      }
      // The path as the record spells it.
      let end = Array(String(path: Array(bytes[start...])).utf8)
      guard path.count >= end.count, path.suffix(end.count).elementsEqual(end) else { continue }
      if path.count == end.count || path[path.count - end.count - 1] == slash {
        longest = max(longest, end.count)
      }
    }
    return longest
  }
}

/// Files and bytes that were read, and files that the partial cache replaced.
package struct CacheUse: Sendable {
  package var filesRead = 0
  package var filesReused = 0
  /// Compressed bytes, as on disk.
  package var bytesRead = 0
  /// Number of partials made again because rules need more than they held, and the reason of the first one.
  package var outdated: (count: Int, why: String)?
}

/// Result of reading an archive, before any rule is evaluated.
struct ObservationSet {
  var listing: ArchiveListing
  /// Versions of the files when they were read, by file number.
  var versions: [Int: FileVersion]
  var observed: Storage
  var totals: ScanStats
  /// Use of the partial cache; nil if nothing could be reused.
  var cacheUse: CacheUse?
  /// Lock that keeps other runs from removing the files of `observed`.
  var folderLock: FolderLock?

  enum Storage: Sendable {
    /// Observations of each worker, in memory.
    case held([WorkerShards])
    /// Observations in files.
    case written([SortedRun])
  }
}

import SluiceRecords

/// Evidence of detections: the event locations of a shard's observations.
extension MergedShard {
  /// - Parameter files: paths by file number.
  func evidence(of rows: some Sequence<Observation>, files: [LogText]) -> [DetectionEvidence.File]? {
    locations(of: rows).map { DetectionEvidence.files($0, paths: files) }
  }
}

extension DetectionEvidence {
  /// - Parameter paths: paths by file number, sorted by their bytes.
  static func files(_ locations: Set<EventLocation>, paths: [LogText]) -> [File] {
    Dictionary(grouping: locations, by: \.file).sorted { $0.key < $1.key }.map { file, locations in
      let offsets = locations.compactMap(\.offset).sorted()
      return File(path: paths[file], offsets: offsets.count == locations.count ? offsets : nil)
    }
  }
}

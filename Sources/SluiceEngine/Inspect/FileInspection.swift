import SluiceRecords

/// Compression and events of one file, or of several files together.
package struct FileInspection: Sendable {
  /// Path of the file; nil for several files together.
  package var path: String?
  package var sizeBytes = 0
  package var archive = InputStats()
  package var counts = RecordStats()
  package var found: FileInspector.Findings

  init(gapMilliseconds: Int64) {
    found = FileInspector.Findings(times: IntervalSet(gapMilliseconds: gapMilliseconds))
  }

  mutating func add(_ output: ScanWorker<FileInspector>.Output, sizeBytes: Int) {
    self.sizeBytes += sizeBytes
    archive.add(output.archive)
    counts.add(output.counts)
    found.add(output.findings)
  }

  /// Ends the inspection after the last file. Every run checks here that every record is accounted for.
  mutating func finish() {
    found.times.finish()
    precondition(
      counts.records == counts.events + counts.rejected.values.reduce(0, +), "records went missing")
    precondition(
      counts.records
        == counts.lines - counts.blankLines - counts.linesWithoutRecord + counts.recordsBeyondLines,
      "lines went missing")
  }

  // MARK: Properties

  /// Codec of the file, or the format of a file that is not read (`unknown` if it cannot be recognised).
  ///
  /// The value is `mixed` for several codecs, and `none` for a file that is empty or could not be opened.
  package var codec: String {
    let codecs = archive.forms.codecs
    return codecs.count > 1 ? "mixed" : codecs.first ?? "none"
  }

  /// Ratio of decompressed to compressed bytes; nil for an empty file.
  package var ratio: Double? {
    archive.bytesCompressed > 0 ? Double(archive.bytesDecompressed) / Double(archive.bytesCompressed) : nil
  }

  package var lines: Int { counts.lines }
  package var blankLines: Int { counts.blankLines }
  package var records: Int { counts.records }
  package var events: Int { counts.events }
  package var duplicates: Int { found.duplicates }
  package var untimedEvents: Int { found.untimedEvents }
  package var firstTime: EventTime? { found.times.firstTime }
  package var lastTime: EventTime? { found.times.lastTime }

  /// Rejected records by reason.
  package var rejected: [(reason: Reason.Word, count: Int)] {
    counts.rejected.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// Events by shape, without shapes that do not occur.
  package var shapes: [(name: String, count: Int)] {
    zip(Shape.allCases.map(\.name), counts.shapes).filter { $0.1 > 0 }.map { (name: $0.0, count: $0.1) }
  }

  /// Event types, the most frequent first. Equally frequent types are in order of their bytes.
  package var eventTypes: [(type: LogText, count: Int)] {
    found.types.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { ($0.key, $0.value) }
  }

  /// Gaps; nil if there are too many to keep.
  package var gaps: [IntervalSet.Gap]? { found.times.gaps }

  /// Numbers of zstd frames by window size, rounded up to a power of two. Sizes that do not occur are left out.
  package var windows: [(bytes: Int, frames: Int)] {
    archive.forms.byWindowLog.enumerated().filter { $0.element > 0 }.map {
      (bytes: $0.offset < 63 ? 1 << $0.offset : .max, frames: $0.element)
    }
  }

  /// Numbers of frames by maximum block size. Sizes that do not occur are left out.
  package var blockSizes: [(bytes: Int, frames: Int)] {
    zip(CodecStats.blockSizes, archive.forms.byBlockSize).filter { $0.1 > 0 }.map {
      (bytes: $0.0, frames: $0.1)
    }
  }
}

extension FileInspection {
  func write(to json: inout JSONWriter) {
    json.object { json in
      if let path { json.member("file", path) } else { json.member("files", archive.files) }
      writeForm(to: &json)
      writeCounts(to: &json)
      writeEvents(to: &json)
    }
  }

  private func writeForm(to json: inout JSONWriter) {
    let forms = archive.forms
    json.member("size", sizeBytes)
    json.member("codec", codec)
    json.key("frames")
    json.object { json in
      json.member("lz4", forms.lz4)
      json.member("lz4-legacy", forms.legacy)
      json.member("gzip", forms.gzip)
      json.member("zstd", forms.zstd)
      json.member("skippable", forms.skippable)
    }
    json.key("lz4")
    json.object { json in
      json.key("block_sizes")
      json.object { json in for (bytes, frames) in blockSizes { json.member(String(bytes), frames) } }
      json.member("blocks", forms.blocks)
      json.member("independent", forms.lz4 - forms.linked)
      json.member("linked", forms.linked)
      json.member("block_checksums", forms.withBlockChecksums)
      json.member("content_checksums", forms.withContentChecksum)
      json.member("content_sizes", forms.withContentSize)
    }
    json.key("gzip")
    json.object { json in
      json.member("members", forms.gzip)
      // Each member has a checksum.
      json.member("checksums", forms.gzip)
    }
    json.key("zstd")
    json.object { json in
      json.key("windows")
      json.object { json in for (bytes, frames) in windows { json.member(String(bytes), frames) } }
      json.member("checksums", forms.zstdWithChecksum)
      json.member("content_sizes", forms.zstdWithContentSize)
      json.member("content_bytes", forms.zstdContentBytes)
      json.member("dictionaries", forms.zstdWithDictionary)
    }
    json.member("frames_verified", archive.framesVerified)
    json.member("frames_unverifiable", archive.framesUnverifiable)
    json.member("frames_corrupt", archive.framesCorrupt)
    json.member("bytes_compressed", archive.bytesCompressed)
    json.member("bytes_decompressed", archive.bytesDecompressed)
    json.member("ratio", ratio.map { .double($0) } ?? .null)
  }

  private func writeCounts(to json: inout JSONWriter) {
    json.member("lines", lines)
    json.member("blank_lines", blankLines)
    json.member("records", records)
    json.member("events", events)
    json.key("rejected")
    json.object { json in for (reason, count) in rejected { json.member(reason.text, count) } }
    json.key("shapes")
    json.object { json in for (name, count) in shapes { json.member(name, count) } }
  }

  private func writeEvents(to json: inout JSONWriter) {
    json.member("first", firstTime.map { .time($0) } ?? .null)
    json.member("last", lastTime.map { .time($0) } ?? .null)
    json.member("events_without_time", untimedEvents)
    json.key("event_types")
    json.array { json in
      for (type, count) in eventTypes {
        json.object { json in
          json.member("type", .text(type))
          json.member("count", count)
        }
      }
    }
    json.member("events_of_other_types", found.otherTypeEvents)
    json.member("events_without_type", found.untypedEvents)
    json.member("duplicates", duplicates)
    guard let gaps else { return json.member("gaps", Value.null) }
    json.key("gaps")
    json.array { json in
      for gap in gaps {
        json.object { json in
          json.member("from", .time(gap.from))
          json.member("to", .time(gap.to))
          json.member("milliseconds", Int(gap.milliseconds))
        }
      }
    }
  }
}

import SluiceEngine
import SluiceRecords

extension Inspection {
  /// One line of JSON, without the newline.
  package var json: [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.member("schema", "sluice.inspect/1")
      json.member("gap_milliseconds", Int(gapMilliseconds))
      json.key("files")
      json.array { json in for file in files { file.write(to: &json) } }
      json.key("total")
      total.write(to: &json)
      json.write(problems, shortfalls, skipped)
      json.member("complete", .bool(isComplete))
    }
    return json.bytes
  }
}

extension FileInspection {
  fileprivate func write(to json: inout JSONWriter) {
    json.object { json in
      if let path { json.member("file", path) } else { json.members(input, \.files) }
      json.member("size", sizeBytes)
      json.member("codec", input.codecs.name)
      input.codecs.write(to: &json)
      json.members(
        input, \.framesVerified, \.framesUnverifiable, \.framesCorrupt, \.bytesCompressed, \.bytesDecompressed
      )
      json.member("ratio", input.ratio.map { .double($0) } ?? .null)
      json.members(records, \.lines, \.blankLines, \.count, \.events)
      json.member("rejected", records.rejectedByReason)
      json.member("shapes", records.shapes)
      findings.write(to: &json)
    }
  }
}

extension CodecStats {
  fileprivate func write(to json: inout JSONWriter) {
    json.key("frames")
    json.object { $0.members(self, \.lz4, \.legacy, \.gzip, \.zstd, \.skippable) }
    json.key("lz4")
    json.object { json in
      json.member("block_sizes", blockSizes.map { (String($0.bytes), $0.frames) })
      json.members(self, \.blocks)
      json.member("independent", lz4 - linked)
      json.members(self, \.linked, \.withBlockChecksums, \.withContentChecksum, \.withContentSize)
    }
    json.key("gzip")
    json.object { json in
      json.member("members", gzip)
      // Each member has a checksum.
      json.member("checksums", gzip)
    }
    json.key("zstd")
    json.object { json in
      json.member("windows", windows.map { (String($0.bytes), $0.frames) })
      json.members(self, \.zstdWithChecksum, \.zstdWithContentSize)
      json.member("content_bytes", zstdContentBytes)
      json.members(self, \.zstdWithDictionary)
    }
  }
}

extension FileInspector.Findings {
  fileprivate func write(to json: inout JSONWriter) {
    json.member("first", times.firstTime.map { .time($0) } ?? .null)
    json.member("last", times.lastTime.map { .time($0) } ?? .null)
    json.members(self, \.untimedEvents)
    json.key("event_types")
    json.array { json in
      for (type, count) in eventTypes {
        json.object { json in
          json.member("type", .text(type))
          json.member("count", count)
        }
      }
    }
    json.members(self, \.otherTypeEvents, \.untypedEvents, \.duplicates)
    guard let gaps = times.gaps else { return json.member("gaps", Value.null) }
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

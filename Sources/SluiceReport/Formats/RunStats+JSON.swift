import SluiceEngine
import SluiceRecords

extension RunStats {
  /// One line of JSON, without the newline.
  package var json: [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.member("schema", "sluice.stats/1")
      json.members(input, \.files, \.frames, \.bytesCompressed, \.bytesDecompressed)
      json.members(records, \.lines, \.blankLines, \.count, \.events)
      json.member("rejected", records.rejectedByReason)
      json.key("unrecognised")
      json.object { json in
        json.member("files", unrecognised.files)
        json.member("records_sampled", unrecognised.recordsSampled)
      }
      json.member("candidates", candidates)
      json.member("observations", observations.map { ($0.rule, $0.count) })
      json.member("duplicates", duplicates)
      json.member("detections", detections.map { ($0.rule, $0.count) })
      if !exceptions.isEmpty { writeExceptions(to: &json) }
      json.members(input, \.framesVerified, \.framesUnverifiable, \.framesCorrupt)
      json.member("threads", run.threads)
      json.member("shards", run.shards)
      json.member("wall_seconds", .double(run.wallSeconds))
      json.member("cpu_seconds", .double(run.cpuSeconds))
      json.member("events_per_second", .double(perSecond(records.events)))
      json.member("bytes_per_second", .double(perSecond(input.bytesDecompressed)))
      json.member("peak_rss_bytes", run.peakRSSBytes)
      json.key("funnel")
      json.object { json in
        for (rule, steps) in funnel { json.member(rule, steps.map { ($0.name, $0.passed) }) }
      }
      json.key("coverage")
      coverage.write(to: &json)
      if let triage {
        json.key("triage")
        triage.write(to: &json)
      } else {
        json.member("triage", .null)
      }
      json.write(problems, shortfalls, skipped)
      json.member("files_read", cacheUse.filesRead)
      json.member("files_reused", cacheUse.filesReused)
      json.member("bytes_read", cacheUse.bytesRead)
      json.member("complete", .bool(isComplete))
    }
    return json.bytes
  }

  private func writeExceptions(to json: inout JSONWriter) {
    json.member("suppressed", suppressed.map { ($0.rule, $0.count) })
    json.key("exceptions")
    json.array { json in
      for (exception, use) in exceptions {
        json.object { json in
          json.member("id", exception.id)
          json.member("owner", exception.owner)
          json.member("reason", exception.reason)
          json.member("expires", exception.expires.map { .time($0) } ?? .null)
          json.member("hidden", use.hidden)
          json.member("expired", use.expired)
        }
      }
    }
  }
}

extension Coverage {
  fileprivate func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("from", from.map { .time($0) } ?? .null)
      json.member("to", to.map { .time($0) } ?? .null)
      json.member("hours", areTooMany ? nil : hourCount)
      json.member("empty_hours", areTooMany ? nil : emptyHourCount)
      json.key("empty")
      json.array { json in
        for (from, to) in empty {
          json.array { json in
            json.write(.time(from))
            json.write(.time(to))
          }
        }
      }
    }
  }
}

extension TriageStats {
  fileprivate func write(to json: inout JSONWriter) {
    json.object { json in
      json.member("files_read", input.files)
      json.member("files_skipped", filesSkipped)
      json.member("bytes_read", input.bytesCompressed)
      json.members(input, \.bytesDecompressed)
      json.members(records, \.lines)
      json.member("rejected", records.rejectedByReason)
      json.member("slack_seconds", Self.slackSeconds)
      json.member("seconds", .double(seconds))
    }
  }
}

extension JSONWriter {
  /// Writes counts under the names of their table.
  mutating func members<Stats: NamedCounts>(_ stats: Stats, _ counts: WritableKeyPath<Stats, Int>...) {
    for count in counts { member(Stats.name(of: count), stats[keyPath: count]) }
  }

  /// Writes an object of counts in the given order.
  mutating func member(_ name: String, _ counts: [NamedCount]) {
    key(name)
    object { json in for (name, count) in counts { json.member(name, count) } }
  }

  /// Writes the members about input that was not used, which a run and an inspection have in common.
  mutating func write(_ problems: [Problem], _ shortfalls: [Shortfall], _ skipped: ArchiveListing.Skipped) {
    key("problems")
    array { json in
      for problem in problems {
        json.object { json in
          json.member("file", problem.file)
          json.member("offset", problem.offset)
          json.member("reason", problem.reason.text)
          json.member("message", problem.message)
        }
      }
    }
    key("shortfalls")
    array { json in
      for shortfall in shortfalls {
        json.object { json in
          json.member("reason", shortfall.reason.rawValue)
          json.member("message", shortfall.message)
        }
      }
    }
    key("skipped")
    object { $0.members(skipped, \.symbolicLinks, \.specialFiles) }
  }
}

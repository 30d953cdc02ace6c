/// The location of a detection's events in the archive: the member `evidence` of its record.
public struct DetectionEvidence: Hashable, Sendable {
  /// Locations in one file.
  public struct File: Hashable, Sendable {
    /// The path as given, or as found in a given directory; invalid UTF-8 is repaired.
    public var path: LogText
    /// Offsets in the file, ascending; nil if the events may be anywhere in the file.
    ///
    /// For LZ4 they are the offsets of the blocks in which the lines start, and for plain text those of the lines. For
    /// gzip and zstd they are the offsets of whole members or frames.
    public var offsets: [Int]?

    public init(path: LogText, offsets: [Int]?) {
      self.path = path
      self.offsets = offsets
    }
  }

  /// The locations of the detection's own events, by path. Locations of dropped copies need not be included.
  public var events: [File]
  /// The locations of successful sign-ins that triage found; nil without triage.
  public var signIns: [File]?

  public init(events: [File], signIns: [File]? = nil) {
    self.events = events
    self.signIns = signIns
  }

  func write(to json: inout JSONWriter) {
    func write(_ files: [File], _ json: inout JSONWriter) {
      json.array { json in
        for file in files {
          json.object { json in
            json.member("file", .text(file.path))
            json.member("offsets", file.offsets.map { .list($0.map { .integer($0) }) } ?? .null)
          }
        }
      }
    }
    json.object { json in
      json.key("events")
      write(events, &json)
      if let signIns {
        json.key("sign_ins")
        write(signIns, &json)
      } else {
        json.member("sign_ins", .null)
      }
    }
  }
}

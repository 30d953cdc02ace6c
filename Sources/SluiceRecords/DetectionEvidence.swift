/// Where in the archive the events behind a detection lie: the member `evidence` of its record.
public struct DetectionEvidence: Hashable, Sendable {
  /// Places in one file.
  public struct File: Hashable, Sendable {
    /// As it was given, or found below a directory that was; what is no UTF-8 in it is repaired.
    public var path: LogText
    /// Offsets in the file, ascending: of the blocks of LZ4 in which the lines start, of the lines themselves in plain text, of whole
    /// members or frames of gzip and zstd. Nil if they are anywhere in the file.
    public var offsets: [Int]?

    public init(path: LogText, offsets: [Int]?) {
      self.path = path
      self.offsets = offsets
    }
  }

  /// Of the detection's own events, by path. Copies that were dropped need not lie there.
  public var events: [File]
  /// Of the successful sign-ins that triage found; nil without triage.
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

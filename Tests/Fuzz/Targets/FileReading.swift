@testable import SluiceEngine
@testable import SluiceReport

/// The result of reading and decoding a file without scanning it.
struct FileReading: Equatable {
  /// Decoded segments; nil stands for a hole.
  var pieces: [[UInt8]?] = []
  var problems: [Problem] = []
  /// The reason for each frame with a verdict; nil if the frame is sound.
  var frames: [String?] = []
  var frameCount = 0
  var framesCorrupt = 0
  var bytesUsed = 0
  var isLZ4 = false
  var hasLegacyFrame = false
  var hasStream = false
  var hasText = false

  var reasons: [String] { problems.map(\.reason) + frames.compactMap { $0 } }
  var isFaultless: Bool { reasons.isEmpty }

  init(_ file: InputFile, rangeBytesTarget: Int, verifies: Bool) throws(Finding) {
    guard
      let source = try? ByteSource(
        ArchiveListing.File(location: ArchiveListing.Path(file.path), sizeBytes: 0))
    else {
      throw Finding(description: "the file cannot be opened")
    }
    var reader = FrameReader(
      file: 0, path: "fuzz", source: source, verifies: verifies, blockBytesMax: Limits().blockBytesMax,
      rangeBytesTarget: rangeBytesTarget)
    let decoder = BlockDecoder(file: 0, verifies: verifies)
    var buffers = WorkerBuffers(rangeBytes: 0)
    var log = ProblemLog()
    var stats = InputStats()
    while let range = reader.next(&buffers, log: &log, stats: &stats) {
      try requireSame(range.sequence, reader.rangeCount - 1, "the range's number")
      var none: [UInt8]?
      hasStream = hasStream || range.decoded != nil
      let isLinked = range.frame?.descriptor.isLinked == true
      let decoded =
        range.decoded
        ?? (isLinked
          ? reader.decodeLinked(range, decoder, &buffers, log: &log)
          : decoder.decode(range, &buffers, history: &none, log: &log))
      if range.followsHole || decoded.startsWithHole { addHole() }
      for (index, segment) in decoded.segments.enumerated() {
        if index > 0, segment.memory == .output { addHole() }
        add(buffers.view(segment).array)
      }
      if range.precedesHole || decoded.endsWithHole { addHole() }
      guard let frame = range.frame else { continue }
      isLZ4 = true
      if frame.descriptor.isLegacy { hasLegacyFrame = true }
      let outcome = frame.add(
        index: range.indexInFrame, checksum: nil, segments: decoded.segments.map { buffers.view($0) },
        isDamaged: decoded.isDamaged || decoded.isDoubtful, end: range.end)
      judge(outcome)
    }
    if reader.endsInHole { addHole() }
    bytesUsed = stats.bytesCompressed
    hasText = stats.codecs.textBytes > 0
    frameCount = stats.frames
    framesCorrupt += stats.framesCorrupt
    problems = log.problems(files: ["fuzz"])
    try requireSame(
      frames.count + stats.framesVerified + stats.framesUnverifiable + stats.framesCorrupt, frameCount,
      "frames judged")
    let next = reader.next(&buffers, log: &log, stats: &stats)
    try require(next == nil && stats.bytesCompressed == bytesUsed, "something after the end")
  }

  private mutating func judge(_ outcome: Frame.Outcome?) {
    switch outcome {
    case nil: break
    case .verified, .unverifiable: frames.append(nil)
    case .corrupt(let problem): frames.append(problem?.reason ?? "corrupt")
    }
  }

  private mutating func add(_ bytes: [UInt8]) {
    if bytes.isEmpty { return }
    if let last = pieces.last, let piece = last {
      pieces[pieces.count - 1] = piece + bytes
    } else {
      pieces.append(bytes)
    }
  }

  private mutating func addHole() {
    if pieces.last != .some(nil) { pieces.append(nil) }
  }
}

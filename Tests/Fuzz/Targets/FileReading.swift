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

  var reasons: [String] { problems.map(\.reason.text) + frames.compactMap { $0 } }
  var isIntact: Bool { reasons.isEmpty }

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
    var context = ReadContext(rangeBytes: 0)
    while var range = reader.next(&context) {
      try requireSame(range.sequence, reader.rangeCount - 1, "the range's number")
      hasStream = hasStream || range.decoded != nil
      let decoded =
        reader.decodeInOrder(&range, decoder, &context) ?? decoder.decode(range, &context)
      if range.followsHole || decoded.startsWithHole { addHole() }
      for (index, segment) in decoded.segments.enumerated() {
        if index > 0, segment.memory == .output { addHole() }
        add(context.buffers.view(segment).array)
      }
      if range.precedesHole || decoded.endsWithHole { addHole() }
      guard let frame = range.frame else { continue }
      isLZ4 = true
      if frame.descriptor.isLegacy { hasLegacyFrame = true }
      let outcome = frame.checksumChain.add(
        index: range.indexInFrame, checksum: nil, segments: decoded.segments.map { context.buffers.view($0) },
        isDamaged: decoded.isDamaged || decoded.hasUncertainPacking, end: range.end)
      judge(outcome)
    }
    if reader.endsInHole { addHole() }
    bytesUsed = context.stats.bytesCompressed
    hasText = context.stats.codecs.textBytes > 0
    frameCount = context.stats.frames
    framesCorrupt += context.stats.framesCorrupt
    problems = context.log.problems(files: ["fuzz"])
    try requireSame(
      frames.count + context.stats.framesVerified + context.stats.framesUnverifiable
        + context.stats.framesCorrupt, frameCount,
      "frames judged")
    let next = reader.next(&context)
    try require(next == nil && context.stats.bytesCompressed == bytesUsed, "something after the end")
  }

  private mutating func judge(_ outcome: Frame.Outcome?) {
    switch outcome {
    case nil: break
    case .verified, .unverifiable: frames.append(nil)
    case .corrupt(let problem): frames.append(problem?.reason.rawValue ?? "corrupt")
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

import SluiceTestSupport

@testable import SluiceEngine

/// Reads the bytes as a file, without scanning what they decode to.
///
/// Every byte is accounted for; the size of ranges does not matter; and what is read without complaint is what liblz4's own
/// frame functions decode.
func fuzzFrame(_ bytes: [UInt8]) throws(Finding) {
  inputFile.write(bytes)
  let whole = try FileReading(rangeBytesTarget: 1 << 20, verifies: true)
  try requireSame(whole.bytesUsed, bytes.count, "bytes accounted for")
  for rangeBytesTarget in [1, 3000] {
    let cut = try FileReading(rangeBytesTarget: rangeBytesTarget, verifies: true)
    try require(cut == whole, "ranges of \(rangeBytesTarget) bytes: \(cut), expected \(whole)")
  }
  let unverified = try FileReading(rangeBytesTarget: 1 << 20, verifies: false)
  try require(
    !whole.isFaultless || unverified.pieces == whole.pieces, "other bytes without looking at checksums")

  // liblz4's frame functions know no legacy frames, do without a dictionary that the frame asks for, and take a stated
  // content size of 0 for none.
  // A block whose size field says another packing than it has is no fault to them; nor is it what is packed, of which that is not
  // read which is text in another encoding, or a format.
  guard whole.isLZ4, !whole.hasStream, !whole.hasLegacyFrame,
    !["block-packing", "dictionary", "codec"].contains(where: whole.reasons.contains)
  else { return }
  if let plain = LZ4Forms.decompressed(bytes) {
    try require(
      whole.reasons.allSatisfy { $0 == "content-size" },
      "liblz4 takes what is refused: \(whole.reasons)")
    try require(whole.pieces == (plain.isEmpty ? [] : [plain]), "liblz4 decodes it differently")
  } else {
    try require(!whole.isFaultless, "liblz4 refuses what is taken")
  }
}

/// What came of a file.
private struct FileReading: Equatable {
  /// Decoded bytes, between the holes; a hole is nil.
  var pieces: [[UInt8]?] = []
  var problems: [Problem] = []
  /// Of each frame that was judged, what was wrong with it; nil if nothing.
  var frames: [String?] = []
  var frameCount = 0
  var framesCorrupt = 0
  var bytesUsed = 0
  var isLZ4 = false
  var hasLegacyFrame = false
  var hasStream = false

  var reasons: [String] { problems.map(\.reason) + frames.compactMap { $0 } }
  var isFaultless: Bool { reasons.isEmpty }

  init(rangeBytesTarget: Int, verifies: Bool) throws(Finding) {
    guard
      let source = try? ByteSource(
        ArchiveListing.File(location: ArchiveListing.Path(inputFile.path), sizeBytes: 0))
    else {
      throw Finding(description: "the file cannot be opened")
    }
    var reader = FrameReader(
      file: 0, path: "fuzz", source: source, verifies: verifies, blockBytesMax: Limits().blockBytesMax,
      rangeBytesTarget: rangeBytesTarget)
    let decoder = BlockDecoder(file: 0, verifies: verifies)
    var buffers = WorkerBuffers(rangeBytes: 0)
    var log = ProblemLog()
    var figures = ArchiveFigures()
    while let range = reader.next(&buffers, log: &log, figures: &figures) {
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
      for (index, run) in decoded.runs.enumerated() {
        if index > 0, run.memory == .output { addHole() }
        add(buffers.view(run).array)
      }
      if range.precedesHole || decoded.endsWithHole { addHole() }
      guard let frame = range.frame else { continue }
      isLZ4 = true
      if frame.descriptor.isLegacy { hasLegacyFrame = true }
      let outcome = frame.take(
        index: range.indexInFrame, checksum: nil, runs: decoded.runs.map { buffers.view($0) },
        isDamaged: decoded.isDamaged, end: range.end)
      judge(outcome)
    }
    if reader.endsInHole { addHole() }
    bytesUsed = figures.bytesCompressed
    frameCount = figures.frames
    framesCorrupt += figures.framesCorrupt
    problems = log.problems(files: ["fuzz"])
    try requireSame(
      frames.count + figures.framesVerified + figures.framesUnverifiable + figures.framesCorrupt, frameCount,
      "frames judged")
    let next = reader.next(&buffers, log: &log, figures: &figures)
    try require(next == nil && figures.bytesCompressed == bytesUsed, "something behind the end")
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

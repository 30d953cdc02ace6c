/// The use of a ``BlockSelection``, if only a part of a file is decoded.
extension FrameReader {
  /// The selection, if it is a split.
  var split: FileSplit? { selection?.split }

  /// Whether a line beside bytes that are left out may be cut. A split begins and ends at newlines.
  var leavesHoles: Bool { split == nil }

  /// Returns the first offset, from here on, of something to decode; nil if there is no more.
  var nextSelected: Int? {
    guard let selection else { return input.position }
    return selection.next(from: input.position)
  }

  /// Decodes a range if the next one cannot be cut, or not be decoded, before that: a range of linked blocks, or one
  /// whose bytes decide about the next block. The bytes of streams have been decoded already.
  ///
  /// The range is empty afterwards if it is not selected.
  ///
  /// - Returns: nil if any worker may decode the range, whenever it wants.
  mutating func decodeInOrder(
    _ range: inout BlockRange, _ decoder: BlockDecoder, _ context: inout ReadContext
  ) -> BlockDecoder.Decoded? {
    if let decoded = range.decoded {
      noteDecoded(decoded, &range, context)
      return decoded
    }
    let isLinked = range.frame?.descriptor.isLinked == true
    guard isLinked || range.decidesNext else {
      if selection?.includes(range) == false { range.leaveOut() }
      return nil
    }
    let decoded = decoder.decode(range, &context, history: &history)
    if isLinked, decoded.endsWithHole { fate = .lostWithLinked }
    noteDecoded(decoded, &range, context)
    return decoded
  }

  /// Notes the end of the decoded bytes, in which a line may continue or end.
  private mutating func noteDecoded(
    _ decoded: BlockDecoder.Decoded, _ range: inout BlockRange, _ context: borrowing ReadContext
  ) {
    guard selection != nil else { return }
    if let segment = decoded.segments.last {
      selection?.noteDecoded(context.buffers.view(segment), of: segment)
    }
    if decoded.endsWithHole { selection?.noteDamage() }
    if phase == .blocks, nextSelected == nil {
      endSelection(&range)
      frame = nil
    }
  }

  /// Ends a range after which nothing of the file is selected.
  mutating func endSelection(_ range: inout BlockRange) {
    phase = .rest
    range.end = .mark(contentChecksum: nil)
    if leavesHoles { range.precedesHole = true }
  }

  /// Skips the rest of the file.
  mutating func skipRest(_ context: inout ReadContext) {
    _ = input.drop(&context.buffers)
    phase = .end
    if leavesHoles { holeIsPending = true }
  }
}

import SluiceRecords

/// Recognition of a file's codec and of its compressed content.
extension FrameReader {
  mutating func recognise(_ context: inout ReadContext) {
    _ = input.need(Codec.sampleBytes, &context.buffers, readAheadMax: rangeBytesTarget)
    let sample = input.peek(0..<min(Codec.sampleBytes, input.available(context.buffers)), context.buffers)
    switch Codec(sample: sample, isNamedLZ4: path.hasSuffix(".lz4")) {
    case .empty: phase = .end
    case .frames: phase = .frames
    case .text: phase = .text
    case .refused(let name, let what): refuse(name, what, &context)
    case .unknown(let what): refuse("unknown", what, &context)
    }
  }

  private mutating func refuse(_ name: String, _ what: String, _ context: inout ReadContext) {
    guard input.failure == nil else { return loseUnread(&context) }
    context.stats.codecs.refused[name, default: 0] += 1
    phase = .end
    report(
      .codec, "\(what); not used: \(NumberFormat.count(input.drop(&context.buffers), "byte"))", &context,
      at: 0)
  }

  /// Ends a file whose compressed content is of a kind that is not read.
  mutating func refuseContent(_ what: String, _ context: inout ReadContext) {
    _ = input.drop(&context.buffers)
    phase = .end
    report(.codec, "of what is packed nothing is used: \(what)", &context, at: 0)
  }

  /// Returns why the frames' content is not read; nil if it is read. The block is the first that contains anything. A
  /// damaged block proves nothing, and the blocks after it do not show how the content begins.
  ///
  /// The caller asks before blocks are handed out, so that the answer does not depend on which worker decodes which
  /// block first.
  mutating func refusal(of block: BlockRange.Block, _ context: inout ReadContext) -> String? {
    let source = context.buffers.input.view(block.payload)
    if verifies, let stated = block.checksum, RunningXXH32.digest(source) != stated {
      knowsContent = true
      return nil
    }
    var sample = source
    if !block.isStored {
      context.buffers.output.reserve(block.decodedBytesMax, keeping: 0)
      var packed = UnsafeLZ4Block(
        source, into: &context.buffers.output, at: 0, decodedBytesMax: block.decodedBytesMax, windowStart: 0)
      let step = packed.decode(atLeast: Codec.sampleBytes)
      sample = context.buffers.output.view(0..<(step.state == .damaged ? 0 : step.count))
      knowsContent = step.state == .damaged
    }
    if sample.isEmpty { return nil }
    knowsContent = true
    return Codec.refusal(ofContent: sample[0..<min(Codec.sampleBytes, sample.count)])
  }
}

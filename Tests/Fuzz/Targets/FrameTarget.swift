@testable import SluiceTestSupport

@testable import SluiceEngine

/// Reads the bytes as a file without scanning the decoded content.
///
/// Every byte must be accounted for. The size of ranges must not matter. Content that is read without a problem must
/// equal what liblz4's own frame functions decode.
func fuzzFrame(_ bytes: [UInt8]) throws(Finding) {
  inputFile.write(bytes)
  let whole = try FileReading(inputFile, rangeBytesTarget: 1 << 20, verifies: true)
  try requireSame(whole.bytesUsed, bytes.count, "bytes accounted for")
  for rangeBytesTarget in [1, 3000] {
    let cut = try FileReading(inputFile, rangeBytesTarget: rangeBytesTarget, verifies: true)
    try require(cut == whole, "ranges of \(rangeBytesTarget) bytes: \(cut), expected \(whole)")
  }
  let unverified = try FileReading(inputFile, rangeBytesTarget: 1 << 20, verifies: false)
  try require(
    !whole.isIntact || unverified.pieces == whole.pieces, "other bytes without looking at checksums")

  // liblz4's frame functions know neither legacy frames nor plain text before a frame. They ignore the dictionary
  // that a frame names, and they take a stated content size of 0 for none. They read archives within archives, and
  // text in other encodings, like any content.
  guard whole.isLZ4, !whole.hasStream, !whole.hasLegacyFrame, !whole.hasText,
    !["dictionary", "codec"].contains(where: whole.reasons.contains)
  else { return }
  let plain = LZ4Forms.decompressed(bytes)
  if let plain {
    try require(
      unverified.pieces == (plain.isEmpty ? [] : [plain]), "unverified, it is not what liblz4 decodes")
  }
  // They trust the stored/compressed flag of a block, which may be wrong.
  if whole.reasons.contains("block-packing") { return }
  if let plain {
    try require(
      whole.reasons.allSatisfy { $0 == "content-size" },
      "liblz4 takes what is refused: \(whole.reasons)")
    try require(whole.pieces == (plain.isEmpty ? [] : [plain]), "liblz4 decodes it differently")
  } else {
    try require(!whole.isIntact, "liblz4 refuses what is taken")
  }
}

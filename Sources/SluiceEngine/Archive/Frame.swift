import SluiceRecords

/// An LZ4 frame that is being read.
final class Frame: Sendable {
  let offset: Int
  let descriptor: FrameDescriptor
  /// Verification of the frame's content, range by range.
  let checksumChain: FrameChecksumChain

  enum Outcome {
    case verified
    case unverifiable
    case corrupt(Problem?)

    struct Problem {
      var reason: Reason
      var message: String
    }
  }

  /// - Parameter readsOnlySomeBlocks: whether only some of its blocks may be read. The content checksum then proves
  ///   nothing.
  init(offset: Int, descriptor: FrameDescriptor, verifies: Bool, readsOnlySomeBlocks: Bool = false) {
    self.offset = offset
    self.descriptor = descriptor
    checksumChain = FrameChecksumChain(
      descriptor, verifies: verifies, readsOnlySomeBlocks: readsOnlySomeBlocks)
  }
}

/// The end of a frame: its end mark, with the checksum after it if any, or a cut in the middle.
enum FrameEnd: Equatable {
  case mark(contentChecksum: UInt32?)
  case cut
}

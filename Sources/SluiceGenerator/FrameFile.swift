import CLZ4
import Glibc

/// One LZ4 frame in one file, written under a temporary name and renamed when it is whole.
///
/// The header is written last, because with a content size it states a length that is known only
/// then: the body is the same with and without it. Dropped before `finish`, it removes what it wrote.
struct FrameFile: ~Copyable {
  private let path: String
  private let form: LZ4Form
  private let context: OpaquePointer
  private var descriptor: Int32
  private var out: [UInt8]
  private var contentSize = 0
  private var fileSize: Int
  private var finished = false

  private var temporaryPath: String { path + ".partial" }

  init(path: String, form: LZ4Form) throws {
    self.path = path
    self.form = form
    var context: OpaquePointer?
    let status = LZ4F_createCompressionContext(&context, UInt32(LZ4F_VERSION))
    guard LZ4F_isError(status) == 0, let context else { fatalError("out of memory for an LZ4 context") }
    self.context = context
    descriptor = open(path + ".partial", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    out = [UInt8](repeating: 0, count: 1 << 16)
    fileSize = form.contentSize ? 15 : 7
    guard descriptor >= 0 else {
      let failure = GeneratorError.system("cannot create \(temporaryPath)", errno)
      LZ4F_freeCompressionContext(context)
      finished = true
      throw failure
    }
    // The header goes to `out` and is forgotten; `finish` writes the one that is kept.
    var preferences = Self.preferences(form, contentSize: 0)
    let size = LZ4F_compressBegin(context, &out, out.count, &preferences)
    precondition(LZ4F_isError(size) == 0, "liblz4 refused a frame header")
  }

  deinit {
    guard !finished else { return }
    LZ4F_freeCompressionContext(context)
    close(descriptor)
    unlink(temporaryPath)
  }

  mutating func write(_ source: UnsafePointer<UInt8>, count: Int) throws {
    var preferences = Self.preferences(form, contentSize: 0)
    let bound = LZ4F_compressBound(count, &preferences)
    if out.count < bound { out = [UInt8](repeating: 0, count: bound) }
    let size = LZ4F_compressUpdate(context, &out, out.count, source, count, nil)
    precondition(LZ4F_isError(size) == 0, "liblz4 refused a block")
    try append(size)
    contentSize += count
  }

  /// Ends the frame and gives the file its name.
  ///
  /// - Returns: the size of the file in bytes.
  consuming func finish() throws -> Int {
    var preferences = Self.preferences(form, contentSize: 0)
    let bound = LZ4F_compressBound(0, &preferences)
    if out.count < bound { out = [UInt8](repeating: 0, count: bound) }
    let size = LZ4F_compressEnd(context, &out, out.count, nil)
    precondition(LZ4F_isError(size) == 0, "liblz4 refused the end of a frame")
    try append(size)

    preferences = Self.preferences(form, contentSize: contentSize)
    let header = LZ4F_compressBegin(context, &out, out.count, &preferences)
    // An empty content has no size field: liblz4 takes a size of 0 for an unknown one.
    precondition(header == (form.contentSize && contentSize > 0 ? 15 : 7))
    if header == 7, form.contentSize {
      // End mark and checksum move forward over the room that was left for the size.
      var tail = [UInt8](repeating: 0, count: fileSize - 15)
      try check(pread(descriptor, &tail, tail.count, 15) == tail.count)
      try check(pwrite(descriptor, tail, tail.count, 7) == tail.count)
      try check(ftruncate(descriptor, 7 + tail.count) == 0)
      fileSize -= 8
    }
    try check(pwrite(descriptor, out, header, 0) == header)
    try check(rename(temporaryPath, path) == 0)
    LZ4F_freeCompressionContext(context)
    close(descriptor)
    finished = true
    return fileSize
  }

  private mutating func append(_ size: Int) throws {
    var done = 0
    while done < size {
      let written = out.withUnsafeBytes {
        // It holds `size` bytes, which is more than none.
        pwrite(descriptor, $0.baseAddress! + done, size - done, off_t(fileSize + done))
      }
      if written < 0, errno == EINTR { continue }
      try check(written > 0)
      done += written
    }
    fileSize += size
  }

  private func check(_ ok: Bool) throws {
    guard ok else { throw GeneratorError.system("cannot write \(path)", errno) }
  }

  private static func preferences(_ form: LZ4Form, contentSize: Int) -> LZ4F_preferences_t {
    var preferences = LZ4F_preferences_t()
    preferences.frameInfo.blockSizeID =
      switch form.blockSize {
      case .kilobytes64: LZ4F_max64KB
      case .kilobytes256: LZ4F_max256KB
      case .megabyte1: LZ4F_max1MB
      case .megabytes4: LZ4F_max4MB
      }
    preferences.frameInfo.blockMode = form.linked ? LZ4F_blockLinked : LZ4F_blockIndependent
    preferences.frameInfo.contentChecksumFlag =
      form.contentChecksum ? LZ4F_contentChecksumEnabled : LZ4F_noContentChecksum
    preferences.frameInfo.blockChecksumFlag =
      form.blockChecksum ? LZ4F_blockChecksumEnabled : LZ4F_noBlockChecksum
    preferences.frameInfo.contentSize = form.contentSize ? UInt64(contentSize) : 0
    preferences.compressionLevel = Int32(form.level)
    return preferences
  }
}

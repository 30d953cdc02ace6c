import CLZ4
import Glibc
import SluiceSystem

/// One LZ4 frame in a new file.
///
/// The header is written last, because a content size in it is known only then; the body does not depend on it. If the
/// value is dropped before `finish`, it deletes the file.
struct FrameFile: ~Copyable {
  private let path: String
  private let form: FrameOptions
  private let context: OpaquePointer
  /// The descriptor; nil after it is closed.
  private var descriptor: CInt?
  private var out: [UInt8]
  private var contentSize = 0
  private var fileSize: Int

  init(path: String, form: FrameOptions) throws {
    self.path = path
    self.form = form
    var context: OpaquePointer?
    let status = LZ4F_createCompressionContext(&context, UInt32(LZ4F_VERSION))
    guard LZ4F_isError(status) == 0, let context else { fatalError("out of memory for an LZ4 context") }
    self.context = context
    out = [UInt8](repeating: 0, count: 1 << 16)
    fileSize = Self.headerBytes(hasContentSize: form.contentSize)
    do throws(SystemError) {
      descriptor = try retried {
        open(path.cPath, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
      }
    } catch {
      throw GeneratorError.system("cannot create \(path)", error)
    }
    // The header in `out` is discarded; `finish` writes the final one.
    var preferences = Self.preferences(form, contentSize: 0)
    let size = LZ4F_compressBegin(context, &out, out.count, &preferences)
    precondition(LZ4F_isError(size) == 0, "liblz4 refused a frame header")
  }

  deinit {
    LZ4F_freeCompressionContext(context)
    guard let descriptor else { return }
    close(descriptor)
    unlink(path.cPath)
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

  /// Ends the frame and closes the file.
  ///
  /// - Returns: the size of the file in bytes.
  consuming func finish() throws -> Int {
    // Empty content has no size field, because liblz4 takes a size of 0 for unknown. Nothing has been written in this
    // case.
    let headerBytes = Self.headerBytes(hasContentSize: form.contentSize && contentSize > 0)
    if contentSize == 0 { fileSize = headerBytes }
    var preferences = Self.preferences(form, contentSize: 0)
    let bound = LZ4F_compressBound(0, &preferences)
    if out.count < bound { out = [UInt8](repeating: 0, count: bound) }
    let size = LZ4F_compressEnd(context, &out, out.count, nil)
    precondition(LZ4F_isError(size) == 0, "liblz4 refused the end of a frame")
    try append(size)

    preferences = Self.preferences(form, contentSize: contentSize)
    let header = LZ4F_compressBegin(context, &out, out.count, &preferences)
    precondition(header == headerBytes)
    try write(header, at: 0)
    try checked { descriptor throws(SystemError) in try closeWritten(descriptor) }
    descriptor = nil
    return fileSize
  }

  private mutating func append(_ size: Int) throws {
    try write(size, at: fileSize)
    fileSize += size
  }

  /// Writes the first bytes of `out`.
  private func write(_ size: Int, at offset: Int) throws {
    try checked { descriptor throws(SystemError) in try writeAll(descriptor, out[..<size], at: offset) }
  }

  private func checked(_ call: (CInt) throws(SystemError) -> Void) throws {
    guard let descriptor else { preconditionFailure("the file is closed") }
    do throws(SystemError) {
      try call(descriptor)
    } catch {
      throw GeneratorError.system("cannot write \(path)", error)
    }
  }

  private static func headerBytes(hasContentSize: Bool) -> Int { hasContentSize ? 15 : 7 }

  private static func preferences(_ form: FrameOptions, contentSize: Int) -> LZ4F_preferences_t {
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

import CLZ4
import Foundation
import SluiceGenerator

/// An archive generated into its own folder, which is removed with this value.
final class ArchiveFolder {
  let folder: URL
  let summary: GeneratorSummary

  init(_ change: (inout GeneratorOptions) -> Void = { _ in }) throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "sluice-generator-\(UUID().uuidString)")
    var options = GeneratorOptions(events: 3000, seed: 11, output: folder.path)
    change(&options)
    summary = try generate(options)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  /// Returns the content of every output file by its relative path.
  func contents() throws -> [String: [UInt8]] {
    var contents: [String: [UInt8]] = [:]
    for case let path as String in FileManager.default.enumerator(atPath: folder.path)! {
      let url = folder.appending(path: path)
      if try url.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile! {
        contents[path] = try Array(Data(contentsOf: url))
      }
    }
    return contents
  }

  /// Returns the archive's files in order of time.
  func archiveFiles() throws -> [[UInt8]] {
    try contents().filter { $0.key.hasPrefix("archive/") }.sorted { $0.key < $1.key }.map(\.value)
  }

  func lines() throws -> [[UInt8]] {
    try archiveFiles().flatMap { try decoded($0).split(separator: UInt8(ascii: "\n")).map(Array.init) }
  }
}

struct DecodingFailure: Error { var message: String }

/// Decodes a whole file with liblz4's own frame decoder, which verifies checksums.
///
/// That decoder does not accept legacy frames. They are decoded block by block, up to a size that is another frame's
/// magic number.
func decoded(_ file: [UInt8]) throws -> [UInt8] {
  var plain: [UInt8] = []
  var rest = file[...]
  while rest.starts(with: [0x02, 0x21, 0x4C, 0x18]) {
    rest = rest.dropFirst(4)
    while rest.count >= 4 {
      let size = rest.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
      guard size < 0x184C_2102 else { break }
      var block = [UInt8](repeating: 0, count: 8 << 20)
      let length = Array(rest.dropFirst(4).prefix(size)).withUnsafeBytes { from in
        block.withUnsafeMutableBytes {
          LZ4_decompress_safe(
            from.baseAddress?.assumingMemoryBound(to: CChar.self),
            $0.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(size), Int32($0.count))
        }
      }
      guard length >= 0 else { throw DecodingFailure(message: "legacy block") }
      plain += block[..<Int(length)]
      rest = rest.dropFirst(4 + size)
    }
  }
  return try plain + decodedFrames(Array(rest))
}

private func decodedFrames(_ file: [UInt8]) throws -> [UInt8] {
  var context: OpaquePointer?
  guard LZ4F_isError(LZ4F_createDecompressionContext(&context, UInt32(LZ4F_VERSION))) == 0 else {
    throw DecodingFailure(message: "context")
  }
  defer { LZ4F_freeDecompressionContext(context) }
  var plain: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 1 << 20)
  var position = 0
  var wanted = 0
  while position < file.count {
    var taken = file.count - position
    var made = buffer.count
    wanted = file.withUnsafeBytes {
      LZ4F_decompress(context, &buffer, &made, $0.baseAddress! + position, &taken, nil)
    }
    guard LZ4F_isError(wanted) == 0 else {
      throw DecodingFailure(message: String(cString: LZ4F_getErrorName(wanted)))
    }
    plain += buffer[..<made]
    position += taken
  }
  guard wanted == 0 else { throw DecodingFailure(message: "the last frame is cut") }
  return plain
}

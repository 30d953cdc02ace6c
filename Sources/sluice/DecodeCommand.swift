import ArgumentParser
import SluiceEngine
import SluiceRecords

/// `sluice decode-alone`: decodes and does nothing else; benchmarks divide by its time.
struct DecodeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "decode-alone", abstract: "Measure LZ4_decompress_safe alone over an archive.",
    shouldDisplay: false)

  @Argument(help: "Files and directories of well-formed LZ4 frames.")
  var paths: [String]

  @Option(help: "Threads, from 1 to 256.")
  var threads: Int = availableProcessors()

  func run() throws {
    let (seconds, bytes) = try DecodeAlone(paths: paths).run(threads: threads)
    var json = JSONWriter()
    json.object { json in
      json.member("wall_seconds", .double(seconds))
      json.member("bytes_decompressed", bytes)
      json.member("threads", threads)
    }
    print(String(decoding: json.bytes, as: UTF8.self))
  }
}

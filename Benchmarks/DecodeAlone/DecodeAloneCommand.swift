import ArgumentParser

/// Decodes an archive and does nothing else. Benchmarks divide by its time.
@main
struct DecodeAloneCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "decode-alone", abstract: "Measure LZ4_decompress_safe alone over an archive.")

  @Argument(help: "Files and directories of well-formed LZ4 frames.")
  var paths: [String]

  @Option(help: "Threads, from 1 to 256.")
  var threads: Int

  func validate() throws {
    guard (1...256).contains(threads) else { throw ValidationError("--threads is 1 to 256") }
  }

  func run() throws {
    let (seconds, bytes) = try DecodeAlone(paths: paths).run(threads: threads)
    print(#"{"wall_seconds":\#(seconds),"bytes_decompressed":\#(bytes),"threads":\#(threads)}"#)
  }
}

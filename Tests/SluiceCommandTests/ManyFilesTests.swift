import Foundation
import SluiceTestSupport
import Testing

/// An archive may have more files than a process may have open.
@Suite struct ManyFilesTests {
  /// Whoever finds no room waits for another file to be closed.
  @Test(arguments: [1, 2, 64]) func moreFilesThanDescriptors(threads: Int) throws {
    guard let executable = Command.executable else { throw CocoaError(.fileNoSuchFile) }
    let folder = TemporaryFolder()
    let line = Array("{\"eventType\":\"policy.evaluate_sign_on\",\"uuid\":\"u\"}\n".utf8)
    for number in 0..<300 { folder.write("archive/\(number).json", line) }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = [
      "-c",
      "ulimit -n 12; exec \"$0\" scan \"$1/archive\" --threads \(threads) --stats \"$1/stats.json\" --output \"$1/out\"",
      executable.path, folder.path,
    ]
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    #expect(try json(file(folder.path + "/stats.json"))["events"] as? Int == 300)
  }
}

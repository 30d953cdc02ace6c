import Foundation
import SluiceTestSupport
import Testing

/// Standard input that arrives in pieces, as from `lz4 -dc … | sluice scan -`.
@Suite struct PipeTests {
  @Test(arguments: [1, 100, 5000]) func aPipeMayDeliverPiecesOfAnySize(count: Int) throws {
    guard let executable = Command.executable else { throw CocoaError(.fileNoSuchFile) }
    let folder = TemporaryFolder()
    let expected = try Command("scan", "--no-triage", "--no-evidence", folder.write("a.json", firingText))
      .output
    let process = Process()
    process.executableURL = executable
    process.arguments = ["scan", "-", "--output", folder.path + "/out"]
    let pipe = Pipe()
    process.standardInput = pipe
    try process.run()
    var rest = FrameBuilder(blocks: [firingText]).bytes[...]
    while !rest.isEmpty {
      try pipe.fileHandleForWriting.write(contentsOf: Data(rest.prefix(count)))
      rest = rest.dropFirst(count)
    }
    try pipe.fileHandleForWriting.close()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    #expect(try file(folder.path + "/out") == expected)
  }
}

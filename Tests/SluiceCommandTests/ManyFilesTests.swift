import Foundation
import SluiceTestSupport
import Testing

/// Archives with more files than a process may open at a time.
@Suite struct ManyFilesTests {
  private let folder = TemporaryFolder()

  /// Runs `sluice` under a limit of file descriptors and returns its statistics.
  private func stats(_ arguments: String, threads: Int, descriptors: Int) throws -> [String: Any] {
    let run = try Command(
      script: """
        cd "$1"; ulimit -n \(descriptors)
        exec "$0" scan archive \(arguments) --threads \(threads) --stats stats.json --output out --quiet
        """, [folder.path])
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.errors.isEmpty, "\(run.errors)")
    return try json(file(folder.path + "/stats.json"))
  }

  private func writeFiles(_ count: Int) {
    for number in 0..<count {
      var event = EventBuilder(eventType: "user.account.lock", at: EventTimes.base)
      event.uuid = .string("uuid-\(number)")
      folder.write("archive/\(number).json", [event.line].joinedLines())
    }
  }

  /// A thread without a free descriptor waits until another file is closed.
  @Test(arguments: [1, 2, 64]) func moreFilesThanDescriptorsAreAllRead(threads: Int) throws {
    writeFiles(300)
    #expect(try stats("", threads: threads, descriptors: 12)["events"] as? Int == 300)
  }

  /// Partials are files too: recently written archive files are read, partials are written, and then partials are
  /// read.
  @Test(arguments: [1, 2, 64]) func partialsOfMoreFilesThanDescriptorsAreAllUsed(threads: Int) throws {
    writeFiles(200)
    #expect(try stats("--partials p", threads: threads, descriptors: 10)["events"] as? Int == 200)
    usleep(2_100_000)
    try FileManager.default.removeItem(atPath: folder.path + "/p")
    for (read, options) in [(200, ""), (0, ""), (200, "--paranoid"), (0, "--paranoid")] {
      let stats = try stats("--partials p \(options)", threads: threads, descriptors: 10)
      #expect(stats["events"] as? Int == 200)
      #expect(stats["files_read"] as? Int == read, "\(options)")
    }
  }

  /// Spills may outnumber the descriptors, however often memory runs short.
  @Test(arguments: ["", "--partials p"])
  func moreSpillsThanDescriptorsLoseNoEvent(partials: String) throws {
    let text = (0..<30_000).map { number in
      Array(
        #"""
        {"eventType":"user.account.lock","published":"2026-01-05T10:00:00Z","uuid":"\#(number)",\#
        "client":{"ipAddress":"192.0.2.\#(number % 250)"}}
        """#
        .utf8)
    }.joinedLines()
    for number in 0..<4 { folder.write("archive/\(number).json", text) }
    let stats = try stats("--memory 64M --no-triage \(partials)", threads: 2, descriptors: 10)
    #expect(stats["events"] as? Int == 120_000)
  }
}

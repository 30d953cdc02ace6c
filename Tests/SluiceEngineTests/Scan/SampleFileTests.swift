import SluiceEngine
import SluiceTestSupport
import Testing

/// The number of events in the public samples, with and without `--strict`.
@Suite struct SampleFileTests {
  @Test(arguments: SharedData.samples.map(\.name), [false, true])
  func everyLineOfASampleIsAnEvent(name: String, isStrict: Bool) throws {
    let expected = try #require(SharedData.samples.first { $0.name == name }).lines
    let folder = TemporaryFolder()
    let path = folder.write(name, try SharedData.bytes(name))
    var options = ScanOptions(paths: [path])
    options.isStrict = isStrict
    let stats = scanned(options).stats
    #expect(stats.records.lines == expected)
    #expect(stats.records.events == expected)
    #expect(stats.records.rejected.isEmpty)
    #expect(stats.problems.isEmpty)
    #expect(stats.isComplete)
  }
}

import Foundation
import SluiceTestSupport
import Testing

@testable import SluiceEngine

/// Partials of ranges. They stand for a file only if they come from one version of it and cover all its bytes.
@Suite struct PartialRangeTests {
  /// A file of two frames of independent blocks, none of which ends at the end of a line.
  private struct Fixture {
    let folder = TemporaryFolder()
    var options = ScanOptions(paths: [])
    let path: String
    let bytes: [UInt8]

    init() {
      options.triages = false
      options.threads = 1
      bytes = Self.archive(1000..<1400)
      path = folder.write("a.json.lz4", bytes)
    }

    static func archive(_ numbers: Range<Int>) -> [UInt8] {
      let text = shortText(numbers)
      let blocks = stride(from: 0, to: text.count, by: 3001).map {
        Array(text[$0..<min(text.count, $0 + 3001)])
      }
      let half = blocks.count / 2
      return [blocks[..<half], blocks[half...]].flatMap { blocks in
        var frame = FrameBuilder(blocks: Array(blocks))
        frame.hasContentChecksum = false
        return frame.bytes
      }
    }

    /// Makes the partial of a range and returns its path.
    func partial(_ range: Range<Int>, of path: String? = nil) throws -> String {
      let partial = folder.path + "/\(range.lowerBound).partial"
      try writePartial(of: [path ?? self.path], range: range, to: partial, options)
      return partial
    }

    /// Returns the reason why partials are refused; nil if they are not.
    func error(_ partials: [String]) throws -> PartialError? {
      do {
        _ = try Scan(options).merging(partials)
        return nil
      } catch ScanError.partial(let error) {
        return error
      }
    }
  }

  @Test(arguments: 1..<9) func rangesOfAWholeFileAreThatFile(count: Int) throws {
    let scene = Fixture()
    let bounds = (0...count).map { scene.bytes.count * $0 / count }
    let partials = try zip(bounds, bounds.dropFirst()).map { try scene.partial($0..<$1) }
    let merged = try Scan(scene.options).merging(partials.reversed(), expected: count)
    var options = scene.options
    options.paths = [scene.path]
    #expect(difference(written(merged), written(scanned(options))) == nil)
  }

  /// Ranges in which no block begins also count their own bytes, and only those.
  @Test func bytesAndFramesOfRangesAreThoseOfTheFile() throws {
    let scene = Fixture()
    let bounds = [0, 3, 7, 4000, 4001, scene.bytes.count / 2, scene.bytes.count - 2, scene.bytes.count]
    let partials = try zip(bounds, bounds.dropFirst()).map { try scene.partial($0..<$1) }
    let stats = try Scan(scene.options).merging(partials).stats
    #expect(stats.input.bytesCompressed == scene.bytes.count)
    #expect(stats.input.frames == 2)
    #expect(stats.input.framesVerified == 2)
    #expect(stats.isComplete)
  }

  @Test func missingRangesAreNamed() throws {
    let scene = Fixture()
    let size = scene.bytes.count
    let ranges = [0..<5000, 5000..<9000, 9000..<size]
    let partials = try ranges.map { try scene.partial($0) }
    for (index, missing) in ranges.enumerated() {
      let others = partials.indices.filter { $0 != index }.map { partials[$0] }
      let stats = try Scan(scene.options).merging(others).stats
      #expect(!stats.isComplete)
      #expect(stats.reasons == ["missing"])
      #expect(stats.problems.map(\.file) == [scene.path])
      #expect(stats.problems.map(\.offset) == [missing.lowerBound])
      #expect(
        stats.problems.first?.message.contains("\(missing.lowerBound) to \(missing.upperBound)") == true)
    }
    let ends = try Scan(scene.options).merging([partials[1]]).stats
    #expect(ends.problems.map(\.offset) == [0, 9000])
  }

  /// A range that was planned when the file was longer still covers it.
  @Test func rangesMayEndBehindTheFile() throws {
    let scene = Fixture()
    let partials = try [0..<5000, 5000..<1 << 40].map { try scene.partial($0) }
    #expect(try Scan(scene.options).merging(partials).stats.isComplete)
  }

  @Test(arguments: [
    ("written to", 1400..<1800), ("grew", 1000..<1500), ("shrank", 1000..<1300),
  ]) func rangesOfTwoStatesOfAFileAreRefused(what: String, numbers: Range<Int>) throws {
    let scene = Fixture()
    let first = try scene.partial(0..<5000)
    scene.folder.write("a.json.lz4", Fixture.archive(numbers))
    let second = try scene.partial(5000..<scene.bytes.count)
    let error = try #require(try scene.error([second, first]), "\(what)")
    #expect(error.file == second)
    #expect(error.message.contains(first))
    #expect(error.message.contains(scene.path))
  }

  /// The other file has the same size and time of modification.
  @Test func aFileThatTookItsPlaceIsAnotherState() throws {
    let scene = Fixture()
    let other = scene.folder.write("b.json.lz4", Fixture.archive(1400..<1800))
    #expect(try contents(of: other).count == scene.bytes.count)
    for path in [scene.path, other] { try setTimes(of: path) }
    let first = try scene.partial(0..<5000)
    #expect(rename(other, scene.path) == 0)
    let second = try scene.partial(5000..<scene.bytes.count)
    #expect(try scene.error([first, second])?.file == second)
  }

  /// A file whose mode changes is still the same version.
  @Test func aFileOfAnotherModeIsInTheSameState() throws {
    let scene = Fixture()
    let first = try scene.partial(0..<5000)
    #expect(chmod(scene.path, 0o400) == 0)
    let second = try scene.partial(5000..<scene.bytes.count)
    #expect(try Scan(scene.options).merging([first, second]).stats.isComplete)
  }

  /// Each machine numbers the devices of a shared file system in the order of its mounts.
  @Test func aDeviceMayHaveAnotherNumberOnAnotherMachine() throws {
    let scene = Fixture()
    let first = try scene.partial(0..<5000)
    let second = try scene.partial(5000..<scene.bytes.count)
    func edited(_ change: (inout FileVersion) -> Void) throws -> String {
      let bytes = try editedPartial(contents(of: second)) { kind, payload in
        guard kind == 1, let section = try? PartialSection.all(in: second).first else { return }
        var bytes = ByteWriter()
        section.sources[0].write(to: &bytes)
        var source = section.sources[0]
        if var status = source.status {
          change(&status)
          source.status = status
        }
        var others = ByteWriter()
        source.write(to: &others)
        payload.replaceSubrange(payload.count - bytes.count..<payload.count, with: others.bytes)
      }
      return scene.folder.write("edited.partial", bytes)
    }
    let mounted = try edited { $0.device += 1 }
    #expect(try Scan(scene.options).merging([first, mounted]).stats.isComplete)
    let other = try edited {
      $0.device += 1
      $0.changed += 1
    }
    #expect(try scene.error([first, other])?.file == other)
  }

  // MARK: Names

  /// Two paths to one file are refused, because it would be counted twice.
  @Test func aFileByTwoNamesIsRefused() throws {
    let scene = Fixture()
    let link = scene.folder.path + "/link"
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: scene.folder.path)
    let other = link + "/a.json.lz4"
    let partials = try [scene.path, other].enumerated().map { number, path in
      let partial = scene.folder.path + "/\(number).partial"
      try writePartial(of: [path], to: partial, scene.options)
      return partial
    }
    let error = try #require(try scene.error(partials))
    #expect(error.file == partials[1])
    #expect(error.message.contains(partials[0]))
    #expect(error.message.contains(scene.path))
    #expect(error.message.contains(other))
    // This also holds if one of the two is present as ranges.
    #expect(try scene.error([scene.partial(0..<5000), partials[1]]) != nil)
  }

  /// Hard links are separate files, as in a scan.
  @Test func hardLinksAreFilesOfTheirOwn() throws {
    let scene = Fixture()
    let link = scene.folder.path + "/b.json.lz4"
    try FileManager.default.linkItem(atPath: scene.path, toPath: link)
    let partials = try [scene.path, link].enumerated().map { number, path in
      let partial = scene.folder.path + "/\(number).partial"
      try writePartial(of: [path], to: partial, scene.options)
      return partial
    }
    var options = scene.options
    options.paths = [scene.path, link]
    let merged = try Scan(scene.options).merging(partials, expected: 2)
    #expect(difference(written(merged), written(scanned(options))) == nil)
    // A third name of the two links is refused, because it is one of theirs.
    let folder = scene.folder.path + "/link"
    try FileManager.default.createSymbolicLink(atPath: folder, withDestinationPath: scene.folder.path)
    let third = scene.folder.path + "/third.partial"
    try writePartial(of: [folder + "/b.json.lz4"], to: third, scene.options)
    #expect(try scene.error(partials + [third]) != nil)
  }

  private func setTimes(of path: String) throws {
    var times = [timespec(tv_sec: 1_700_000_000, tv_nsec: 5), timespec(tv_sec: 1_700_000_000, tv_nsec: 5)]
    try #require(utimensat(AT_FDCWD, path, &times, 0) == 0)
  }
}

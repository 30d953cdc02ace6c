import Foundation
import SluiceRecords
import SluiceReport
import SluiceTestSupport
import Testing

@testable import SluiceEngine

/// `inspect` against naive counts of the events that were written into the files.
@Suite struct InspectTests {
  private static let gap: Int64 = 60_000

  private func inspected(
    _ folder: TemporaryFolder, _ change: (inout InspectOptions) -> Void = { _ in }
  ) throws -> Inspection {
    var options = InspectOptions(paths: [folder.path])
    options.gapMilliseconds = Self.gap
    options.threads = 1
    change(&options)
    return try Inspection(options)
  }

  private func inspected(_ bytes: [UInt8], _ change: (inout InspectOptions) -> Void = { _ in }) throws
    -> Inspection
  {
    let folder = TemporaryFolder()
    folder.write("a", bytes)
    return try inspected(folder, change)
  }

  private func expect(_ file: FileInspection, _ naive: InspectionOracle, _ comment: Comment) {
    #expect(
      Dictionary(uniqueKeysWithValues: file.findings.eventTypes.map { ($0.type, $0.count) }) == naive.types,
      comment)
    #expect(file.findings.untypedEvents == naive.untyped, comment)
    #expect(file.findings.otherTypeEvents == 0, comment)
    #expect(file.findings.untimedEvents == naive.untimed, comment)
    #expect(file.findings.duplicates == naive.duplicates, comment)
    #expect(file.findings.times.firstTime == naive.times.first, comment)
    #expect(file.findings.times.lastTime == naive.times.last, comment)
    let gaps = naive.gaps(longerThan: Self.gap)
    #expect(file.findings.times.gaps?.map(\.from) == gaps.map(\.0), comment)
    #expect(file.findings.times.gaps?.map(\.to) == gaps.map(\.1), comment)
  }

  private func corpus(_ seed: UInt64) -> [EventBuilder] {
    // The type of an event is needed to recognise its shape.
    RandomCorpus(seed: seed).events.filter { event in
      if case .string? = event.eventType { true } else { false }
    }
  }

  @Test(arguments: ShipperFormat.allCases) func everyEventFormIsCountedLikeTheNaiveFile(form: ShipperFormat)
    throws
  {
    for seed in TestScale.seeds(6) {
      var rng = SplitMix64(seed: seed)
      let events = corpus(seed)
      let lines = form.lines(events.map(\.tree), using: &rng)
      let text = lines.joinedLines()
      let inspection = try inspected(text) { $0.tuning.rangeBytesTarget = 5000 }
      let file = try #require(inspection.files.first)
      expect(file, InspectionOracle(events), "seed \(seed)")
      #expect(file.records.events == events.count)
      #expect(file.records.count == events.count)
      #expect(file.records.lines == lines.count)
      #expect(file.records.shapes.map(\.count).reduce(0, +) == events.count)
      #expect(file.input.codecs.name == (text.isEmpty ? "none" : "text"))
      #expect(inspection.isComplete == !text.isEmpty)
      #expect(file.sizeBytes == text.count)
      #expect(file.input.bytesDecompressed == text.count)
    }
  }

  @Test(arguments: archiveForms.map(\.name))
  func everyCodecIsNamedAndCountedLikeTheNaiveFile(name: String) throws {
    let form = try #require(archiveForms.first { $0.name == name })
    let events = corpus(3)
    let text = events.map(\.line).joinedLines()
    let bytes = form.encode(text)
    let file = try #require(try inspected(bytes).files.first)
    expect(file, InspectionOracle(events), "\(name)")
    #expect(file.records.shapes.map(\.name) == ["raw"])
    #expect(file.records.events == events.count)
    #expect(file.input.bytesDecompressed == text.count)
    #expect(file.sizeBytes == bytes.count)
    let codecs = file.input.codecs
    #expect(codecs.lz4 + codecs.legacy + codecs.gzip + codecs.zstd == file.input.frames)
    #expect(file.input.codecs.blockSizes.reduce(0) { $0 + $1.frames } == codecs.lz4)
    let isMixed = name.contains("LZ4") || name == "legacy frame, then a modern one"
    let codec =
      isMixed
      ? "mixed"
      : name.hasPrefix("gzip")
        ? "gzip" : name.hasPrefix("zstd") ? "zstd" : name == "legacy frame" ? "lz4-legacy" : "lz4"
    #expect(file.input.codecs.name == codec)
    #expect((codecs.skippable > 0) == name.contains("skippable"))
  }

  /// The names of the codecs state liblz4's settings.
  @Test(arguments: LZ4Forms.all.prefix(16).map(\.name))
  func settingsOfLZ4FramesAreCounted(name: String) throws {
    let form = try #require(LZ4Forms.all.first { $0.name == name })
    let parts = name.components(separatedBy: ", ")
    let blockBytes = try #require(
      ["64K": 64 << 10, "256K": 256 << 10, "1M": 1 << 20, "4M": 4 << 20][parts[0]])
    // For content smaller than a block, liblz4 chooses a smaller block size and does not link blocks.
    let long = Array("{\"a\":\"\(String(repeating: "x", count: 39_989))\"}\n".utf8)
    let text = shortText(0..<9) + Array(repeating: long, count: blockBytes / long.count + 1).joined()
    let frame = form.encode(text)
    let file = try #require(try inspected(frame + frame).files.first)
    let codecs = file.input.codecs
    #expect(codecs.lz4 == 2)
    #expect(file.input.codecs.blockSizes.map(\.bytes) == [blockBytes])
    #expect(file.input.codecs.blockSizes.map(\.frames) == [2])
    #expect(codecs.blocks == 4)
    #expect(codecs.linked == (parts[1] == "linked" ? 2 : 0))
    #expect(codecs.withBlockChecksums == (parts.contains("block checksum") ? 2 : 0))
    #expect(codecs.withContentChecksum == (parts.contains("content checksum") ? 2 : 0))
    #expect(codecs.withContentSize == (parts.contains("content size") ? 2 : 0))
    let isVerified = codecs.withBlockChecksums + codecs.withContentChecksum > 0
    #expect(file.input.framesVerified == (isVerified ? 2 : 0))
    #expect(file.input.framesUnverifiable == (isVerified ? 0 : 2))
    #expect(file.findings.eventTypes.reduce(0) { $0 + $1.count } == 18)
    #expect(file.findings.duplicates == 9)
  }

  /// Each of several files is described by itself, and the total has only the gaps that no file fills.
  @Test func severalFilesAddUpToTheTotal() throws {
    let folder = TemporaryFolder()
    let files = (1...9).map { corpus(UInt64($0)) }
    for (number, events) in files.enumerated() {
      let text = events.map(\.line).joinedLines()
      folder.write("\(number).json", number % 2 == 0 ? text : LZ4Forms.all[number].encode(text))
    }
    let inspection = try inspected(folder)
    #expect(inspection.files.map { $0.path?.hasSuffix(".json") } == files.map { _ in true })
    for (file, events) in zip(inspection.files, files) {
      expect(file, InspectionOracle(events), "\(file.path ?? "")")
    }
    var all = InspectionOracle(files.flatMap(\.self))
    all.duplicates = files.reduce(0) { $0 + InspectionOracle($1).duplicates }
    expect(inspection.total, all, "all")
    #expect(inspection.total.records.events == files.reduce(0) { $0 + $1.count })
    #expect(inspection.total.sizeBytes == inspection.files.reduce(0) { $0 + $1.sizeBytes })
  }

  @Test func inspectionDoesNotDependOnThreadsOrRanges() throws {
    let folder = TemporaryFolder()
    for number in 0..<12 {
      let text = RandomCorpus(seed: UInt64(number)).lines.joinedLines()
      folder.write("\(number).json", number % 3 == 0 ? text : archiveForms[number].encode(text))
    }
    var found: Set<[UInt8]> = []
    for (threads, range) in [(1, 1 << 20), (2, 100), (3, 5000), (16, 1 << 20)] {
      let inspection = try inspected(folder) {
        $0.threads = threads
        $0.tuning.rangeBytesTarget = range
        $0.tuning.hashSeed = UInt64(threads)
      }
      found.insert(inspection.json)
    }
    #expect(found.count == 1)
  }

  // MARK: What is damaged or odd

  @Test func damageIsNamedAsByAScan() throws {
    let texts = [shortText(0..<3), shortText(3..<5), shortText(5..<9)]
    var built = FrameBuilder(blocks: texts).built
    built.bytes[built.blockOffsets[1] + 10] ^= 1
    let bytes = built.bytes + Array("{\"eventType\":".utf8)
    let inspection = try inspected(bytes)
    let stats = scanned(bytes, named: "a") { $0.isStrict = true }.stats
    #expect(!inspection.isComplete)
    #expect(inspection.problems.map(\.reason) == stats.problems.map(\.reason))
    #expect(inspection.problems.map(\.offset) == stats.problems.map(\.offset))
    #expect(inspection.problems.map(\.message) == stats.problems.map(\.message))
    #expect(inspection.total.input.framesCorrupt == 1)
    #expect(inspection.total.records.events == 7)
  }

  @Test func rejectedBlankAndUnrecognisedLinesAreCounted() throws {
    let text = Array("{\"a\":1}\n\n  \n{\"eventType\":\n[1]\n{\"data\":{}}\n".utf8) + shortText(0..<2)
    let file = try #require(try inspected(text).files.first)
    #expect(file.records.lines == 8)
    #expect(file.records.blankLines == 2)
    #expect(file.records.count == 6)
    #expect(file.records.events == 2)
    #expect(file.records.rejectedCount == 4)
    #expect(file.records.rejected["unrecognised"] == 2)
    #expect(file.records.shapes.map(\.name) == ["raw"])
    #expect(file.records.shapes.map(\.count) == [2])
  }

  @Test func emptyAndRefusedFilesHaveACodec() throws {
    let folder = TemporaryFolder()
    folder.write("a.empty", [])
    folder.write("b.zip", [0x50, 0x4B, 0x03, 0x04, 0, 0])
    let inspection = try inspected(folder)
    #expect(inspection.files.map(\.input.codecs.name) == ["none", "zip"])
    #expect(inspection.total.input.codecs.name == "zip")
    #expect(inspection.problems.map(\.reason) == ["codec"])
    #expect(!inspection.isComplete)
    #expect(inspection.files.map(\.input.ratio) == [nil, 0])
  }

  /// The first bytes decide, as the formats' descriptions define them, whatever the file's name is.
  @Test(
    arguments: [
      ("bzip2", Array("BZh91AY&SY".utf8)), ("xz", [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00, 0, 4]),
      ("7z", [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C, 0, 4]), ("zip", Array("PK\u{3}\u{4}".utf8)),
      ("snappy", [0xFF, 6, 0, 0] + Array("sNaPpY".utf8)), ("parquet", Array("PAR1".utf8)),
      ("avro", Array("Obj\u{1}".utf8)), ("orc", Array("ORC".utf8)),
      (
        "tar",
        [UInt8](repeating: 0, count: 257) + Array("ustar\u{0}00".utf8) + [UInt8](repeating: 0, count: 248)
      ),
      ("unknown", [0, 1, 2, 0xFE]), ("lz4", [0x04, 0x22, 0x4D]),
      // LZ4 frames with a wrong version and with a truncated header.
      ("lz4", LZ4Forms.unknownVersionFrame(Array("{}".utf8))), ("lz4", [0x04, 0x22, 0x4D, 0x18, 0x60]),
      ("lz4", LZ4Forms.dictionaryFrame(Array("{}".utf8))),
    ] as [(String, [UInt8])])
  func refusedFilesAreNamedByTheirFirstBytes(codec: String, bytes: [UInt8]) throws {
    let folder = TemporaryFolder()
    folder.write("a.lz4", bytes)
    let inspection = try inspected(folder)
    #expect(inspection.files.map(\.input.codecs.name) == [codec])
    #expect(!inspection.isComplete)
    folder.write("b", shortText(0..<3))
    #expect(try inspected(folder).total.input.codecs.name == "mixed")
  }

  // MARK: What streams state

  /// Headers as described in RFC 8878, 3.1.1.1, written field by field.
  @Test(
    arguments: [
      // Flags, window, dictionary, content size; then window, content size, checksum, dictionary.
      ([0x00, 0x00], 1 << 10, nil, false, false), ([0x04, 0x58], 2 << 20, nil, true, false),
      ([0x00, 0x0F], (2 << 10) * 15 / 8, nil, false, false), ([0x20, 7], 7, 7, false, false),
      ([0x24, 0], 0, 0, true, false), ([0x60, 0, 1], 512, 512, false, false),
      ([0x40, 0x58, 1, 0], 2 << 20, 257, false, false),
      ([0x81, 0x58, 9, 1, 2, 0, 0], 2 << 20, 513, false, true),
      ([0xA3, 1, 0, 0, 0, 0, 0, 1, 0], 1 << 16, 1 << 16, false, true),
      ([0xA3, 0, 0, 0, 0, 0, 0, 1, 0], 1 << 16, 1 << 16, false, false),
      ([0xC2, 0xFF, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0], (1 << 41) * 15 / 8, 1 << 32, false, true),
      ([0xE0] + [UInt8](repeating: 0xFF, count: 8), Int.max, Int.max, false, false),
    ] as [([UInt8], Int, Int?, Bool, Bool)])
  func zstdHeadersAreReadAsDescribed(
    bytes: [UInt8], window: Int, content: Int?, hasChecksum: Bool, hasDictionary: Bool
  ) throws {
    let all = [0x28, 0xB5, 0x2F, 0xFD] + bytes
    for count in 0..<all.count { #expect(ZstdHeader(Array(all[..<count])) == nil) }
    let header = try #require(ZstdHeader(all + [1, 2, 3]))
    #expect(header.windowBytes == window)
    #expect(header.contentBytes == content)
    #expect(header.hasChecksum == hasChecksum)
    #expect(header.hasDictionary == hasDictionary)
    // No stated number overflows a counter, however often it is added.
    var codecs = CodecStats()
    codecs.note(header)
    codecs.note(header)
    codecs += codecs
    #expect(codecs.byWindowLog.reduce(0, +) == 4)
    #expect(codecs.zstdWithContentSize == (content == nil ? 0 : 4))
  }

  /// The settings that libzstd and zlib were given, however much is decoded at a time.
  @Test(arguments: [1, 7, 1 << 20]) func settingsOfStreamsAreCounted(rangeBytes: Int) throws {
    let text = Array(repeating: shortText(0..<9), count: 300).flatMap(\.self)
    let bytes =
      StreamForms.frame(text) + StreamForms.frame(text, hasChecksum: false, level: 19)
      + StreamForms.member(text)
      + StreamForms.frame([]) + StreamForms.member([])
    let file = try #require(
      try inspected(bytes) { $0.tuning.rangeBytesTarget = rangeBytes }.files.first)
    let codecs = file.input.codecs
    #expect(codecs.zstd == 3)
    #expect(codecs.zstdWithChecksum == 2)
    #expect(codecs.gzip == 2)
    #expect(codecs.zstdWithDictionary == 0)
    #expect(codecs.zstdWithContentSize == 3)
    #expect(codecs.zstdContentBytes == 2 * text.count)
    // Each frame is one segment, as long as its content.
    let least = (0..<40).first { 1 << $0 >= text.count } ?? 0
    #expect(file.input.codecs.windows.map(\.bytes) == [1, 1 << least])
    #expect(file.input.codecs.windows.map(\.frames) == [1, 2])
    #expect(file.input.framesVerified == 4)
    #expect(file.input.framesUnverifiable == 1)
  }

  @Test func moreThanTheTotalLimitIsRefused() {
    let folder = TemporaryFolder()
    folder.write("a", shortText(0..<9))
    #expect(throws: ScanError.self) { try inspected(folder) { $0.limits.totalBytesMax = 100 } }
  }

  /// An attacker who writes into the log chooses the types.
  @Test func eventTypesBeyondTheLimitsAreCountedTogether() throws {
    let count = FileInspector.typeCountMax
    let types = (0..<count + 5).map { "type\($0)" } + ["type1", "type\(count + 1)"]
    let long = String(repeating: "x", count: FileInspector.typeBytesMax)
    let text = (types + [long, long + "x"]).map { Array("{\"eventType\":\"\($0)\",\"published\":0}".utf8) }
    let file = try #require(try inspected(text.joinedLines()).files.first)
    #expect(file.findings.eventTypes.count == count)
    #expect(file.findings.eventTypes.first.map { $0.type == "type1" && $0.count == 2 } == true)
    // Five types are too many and one of them comes twice; of the two long ones, one comes too late and one is too
    // long.
    #expect(file.findings.otherTypeEvents == 8)
    #expect(file.records.events == count + 9)
    #expect(file.findings.untimedEvents == count + 9)
    let single = try #require(try inspected(text.suffix(2).map { $0 }.joinedLines()).files.first)
    #expect(single.findings.eventTypes.map(\.count) == [1])
    #expect(single.findings.otherTypeEvents == 1)
  }
}

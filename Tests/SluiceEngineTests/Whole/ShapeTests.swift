import SluiceEngine
import SluiceRecords
import SluiceReference
@testable import SluiceRules
import SluiceTestSupport
import Testing

/// Shapes. The same event gives the same observation in every shape. The corpora and the published cases are written
/// in each, and compared with the raw events and the reference implementation.
@Suite struct ShapeTests {
  private static let seeds: [UInt64] = [1, 2, 3]

  private func texts(_ detections: [Detection]) -> [String] {
    detections.map { String(decoding: $0.withoutFiles.ndjson, as: UTF8.self) }
  }

  /// Scans lines with and without `--strict`. Both must find the reference implementation's detections, and the
  /// strict scan counts every record.
  private func scannedAsTheReference(_ lines: [[UInt8]], _ comment: Comment) -> ScanResult {
    let expected = referenceDetections(lines: lines, options: ReferenceOptions())
    let text = lines.joinedLines()
    let quick = scanned(text, named: "a.json") { $0.tuning.rangeBytesTarget = 5000 }
    let strict = scanned(text, named: "a.json") { $0.isStrict = true }
    #expect(texts(quick.detections) == texts(expected.detections), comment)
    #expect(texts(strict.detections) == texts(expected.detections), comment)
    let reason = "unrecognised"
    #expect(
      quick.stats.records.rejected.byText.filter { $0.key != reason }
        == expected.rejected.filter { $0.key != reason },
      comment)
    #expect(strict.stats.records.rejected.byText == expected.rejected, comment)
    #expect(strict.stats.records.count == expected.records, comment)
    #expect(strict.stats.records.events == expected.events, comment)
    #expect(strict.stats.duplicates == expected.duplicates, comment)
    return strict
  }

  private func corpus(_ seed: UInt64) -> [EventBuilder] { Array(RandomCorpus(seed: seed).events.prefix(100)) }

  @Test(arguments: ShipperFormat.allCases) func everyEventFormGivesTheDetectionsOfRawLines(
    form: ShipperFormat
  ) {
    for seed in Self.seeds.prefix(TestScale.count(3)) {
      let events = corpus(seed)
      var rng = SplitMix64(seed: seed)
      let raw = scanned(events.map(\.line).joinedLines(), named: "a.json")
      let lines = form.lines(events.map(\.tree), using: &rng)
      let shaped = scannedAsTheReference(lines, "seed \(seed)")
      #expect(texts(shaped.detections) == texts(raw.detections), "seed \(seed)")
      #expect(shaped.stats.records.count == events.count, "seed \(seed)")
      #expect(shaped.stats.records.lines == lines.count, "seed \(seed)")
    }
  }

  @Test(arguments: ElasticDocument.Spelling.allCases) func elasticDocumentsGiveTheDetectionsOfRawLines(
    spelling: ElasticDocument.Spelling
  ) {
    for seed in Self.seeds {
      var rng = SplitMix64(seed: seed)
      let documents = corpus(seed).enumerated().map {
        ElasticDocument($0.element, number: $0.offset, spelling, using: &rng)
      }
      let raw = scanned(documents.map(\.raw.plain).joinedLines(), named: "a.json")
      let freedom = SpellingFreedom()
      let lines = documents.map {
        rng.oneIn(2) ? $0.document.plain : $0.document.spelled(freedom, using: &rng)
      }
      let shaped = scannedAsTheReference(lines, "seed \(seed)")
      #expect(texts(shaped.detections) == texts(raw.detections), "seed \(seed)")
    }
  }

  /// Some tables store events with dotted keys. That is no known shape, and rules would not find their fields. Each
  /// such event that contains a rule's literal is rejected, and the other events count.
  @Test func partlyFlattenedEventsAreRejectedAsShape() {
    var rejectedCount = 0
    for seed in Self.seeds {
      let events = corpus(seed).map(\.tree)
      let lines = events.enumerated().map {
        $0.offset % 2 == 0 ? $0.element.plain : flattened($0.element).plain
      }
      let mixed = scannedAsTheReference(lines, "seed \(seed)")
      let others = events.enumerated().filter { $0.offset % 2 == 0 }.map(\.element.plain)
      #expect(
        texts(mixed.detections) == texts(scanned(others.joinedLines(), named: "a.json").detections),
        "seed \(seed)")
      rejectedCount += mixed.stats.records.rejected["shape", default: 0]
    }
    #expect(rejectedCount > 50)
  }

  private func flattened(_ tree: JSONTree) -> JSONTree {
    func members(_ tree: JSONTree, _ path: String) -> [JSONTree.Member] {
      guard case .object(let inner) = tree, !inner.isEmpty else { return [.init(path, tree)] }
      return inner.flatMap { members($0.value, path.isEmpty ? $0.key : "\(path).\($0.key)") }
    }
    return .object(members(tree, ""))
  }

  /// Each line has its own shape.
  @Test func aMixtureOfFormsGivesTheDetectionsOfRawLines() {
    for seed in Self.seeds {
      var rng = SplitMix64(seed: seed)
      let events = corpus(seed)
      let lines = events.flatMap { rng.pick(ShipperFormat.allCases).lines([$0.tree], using: &rng) }
      let raw = scanned(events.map(\.line).joinedLines(), named: "a.json")
      let mixed = scannedAsTheReference(lines, "seed \(seed)")
      #expect(texts(mixed.detections) == texts(raw.detections), "seed \(seed)")
    }
  }

  @Test func theCorporaFireEveryRule() {
    let detections = Self.seeds.flatMap {
      referenceDetections(lines: corpus($0).map(\.line), options: ReferenceOptions()).detections
    }
    for rule in Rule.builtIn { #expect(detections.contains { $0.rule.id == rule.id }) }
  }

  @Test(arguments: publishedCases.filter { !$0.events.isEmpty })
  func publishedCasesFireInEveryForm(_ row: PublishedCase) {
    // Every form meets many cases, and every case some forms.
    let number = publishedCases.firstIndex { $0.name == row.name } ?? 0
    for form in forms(for: number) {
      var rng = SplitMix64(seed: 1)
      let lines = form.lines(row.events.map(\.tree), using: &rng)
      let detections = scanned(lines.joinedLines(), named: "a.json").detections
      #expect(detections.count { $0.rule.id == row.rule } == row.expectedDetections, "\(form)")
      if let complaint = row.check(detections) { Issue.record("\(form): \(complaint)") }
    }
  }

  private func forms(for number: Int) -> [ShipperFormat] {
    ShipperFormat.allCases.enumerated().filter { $0.offset % 4 == number % 4 }.map(\.element)
  }

  @Test func mostPublishedCasesAreEvents() {
    #expect(publishedCases.count { !$0.events.isEmpty } > publishedCases.count * 3 / 4)
  }

  /// Each event of a line is one record, and each line is counted.
  @Test func shapesAreCounted() {
    let events = (0..<5).map {
      EventBuilder(eventType: "user.account.lock", at: EventTime(milliseconds: Int64($0))).tree
    }
    let names: [ShipperFormat: String] = [
      .raw: "raw", .page: "page", .pages: "page", .eventBridge: "eventbridge", .concatenated: "concatenated",
      .eventHook: "event-hook", .hecObject: "splunk-hec", .hecText: "splunk-hec", .cribl: "cribl",
      .elasticInput: "elastic-input", .joinedMessage: "elastic-input", .elasticOriginal: "elastic-document",
      .elasticSource: "elastic-document", .datadogAttributes: "datadog", .datadogMessage: "datadog",
      .panther: "panther", .pantherLowercase: "panther-lowercase", .bridgeInCribl: "cribl",
      .pageInHEC: "splunk-hec", .hookInMessage: "elastic-input", .criblInPage: "page",
      .fourWrappers: "elastic-input",
    ]
    // The first shape found gives the line its shape.
    for form in ShipperFormat.allCases where form != .pagesAmongEvents {
      var rng = SplitMix64(seed: 2)
      let isOne = [.page, .pages, .concatenated, .eventHook, .joinedMessage].contains(form)
      let lines = isOne ? [form.line(events, using: &rng)] : form.lines(events, using: &rng)
      let stats = scanned(lines.joinedLines(), named: "a.json").stats
      #expect(stats.records.shapes.map { "\($0.name) \($0.count)" } == ["\(names[form] ?? "") 5"], "\(form)")
      #expect(stats.records.events == 5)
      #expect(stats.candidates == lines.count)
      #expect(stats.records.recordsBeyondLines == 5 - lines.count)
      #expect(stats.records.linesWithoutRecord == 0)
    }
  }
}

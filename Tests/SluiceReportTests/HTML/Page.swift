import Foundation
import FoundationXML
import SluiceEngine
import SluiceRecords
@testable import SluiceReport
@testable import SluiceRules
import SluiceTestSupport
import Testing

/// A page as another program reads it: its elements, attributes and text. The page is also valid XML.
final class Page: NSObject, XMLParserDelegate {
  private(set) var elements: [(name: String, attributes: [String: String])] = []
  private(set) var text = ""
  private var isStyle = false

  init(_ html: [UInt8]) throws {
    super.init()
    let parser = XMLParser(data: Data(html))
    parser.delegate = self
    let isWellFormed = parser.parse()
    try #require(isWellFormed, "line \(parser.lineNumber): \(String(describing: parser.parserError))")
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String]
  ) {
    elements.append((name, attributes))
    isStyle = name == "style"
    text += " "
  }

  func parser(
    _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
  ) {
    isStyle = false
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) { if !isStyle { text += string } }

  func says(_ words: String) -> Bool { text.contains(words) }

  func all(_ name: String) -> [[String: String]] { elements.filter { $0.name == name }.map(\.attributes) }

  /// Counts the elements of a class.
  func count(_ name: String, _ style: String) -> Int {
    all(name).count { ($0["class"] ?? "").split(separator: " ").contains { $0 == style } }
  }
}

/// An archive and the options of its scan.
struct ReportFixture: Sendable {
  static let base = EventTime(milliseconds: 1_767_607_200_000)  // 2026-01-05T10:00:00Z

  static func time(_ seconds: Int) -> EventTime {
    EventTime(milliseconds: base.milliseconds + Int64(seconds) * 1000)
  }

  var events: [EventBuilder] = []
  var tail: [UInt8] = []
  var rules = "rules: []"
  var change: @Sendable (inout ScanOptions) -> Void = { _ in }

  /// Adds 25 failed sign-ins of 25 users, one every half minute; the rule needs 25.
  mutating func addAttack(_ ip: String = "203.0.113.7", from seconds: Int = 0, text: String? = nil) {
    for number in 0..<25 {
      var event = EventBuilder(eventType: "user.session.start", at: Self.time(seconds + 30 * number))
      event.ip = .string(ip)
      event.uuid = .string("\(ip)-\(seconds)-\(number)")
      event.user = .string("user\(number)\(text ?? "@example.org")")
      event.reason = "INVALID_CREDENTIALS"
      if let text {
        for field in [\EventBuilder.userAgent, \.device, \.country, \.city, \.asOrg, \.isp, \.domain] {
          event[keyPath: field] = .string(text)
        }
      }
      events.append(event)
    }
  }

  mutating func addSuccess(_ user: String, _ ip: String = "203.0.113.7", at seconds: Int) {
    var event = EventBuilder(eventType: "user.session.start", at: Self.time(seconds))
    event.ip = .string(ip)
    event.user = .string(user)
    event.result = "SUCCESS"
    events.append(event)
  }

  func result(threads: Int = 2) throws -> (result: ScanResult, book: Rulebook) {
    let folder = TemporaryFolder()
    let path = folder.write("a.json", events.flatMap { $0.line + [UInt8(ascii: "\n")] } + tail)
    let (book, faults) = Rulebook.reading(Array(rules.utf8), file: "rules.yaml")
    let rulebook = try #require(book, "\(faults)")
    var options = ScanOptions(paths: [path])
    options.rules = rulebook.activeRules()
    options.exceptions = rulebook.exceptions
    options.threads = threads
    change(&options)
    return (try Scan(options).run(), rulebook)
  }

  func html(threads: Int = 2) throws -> [UInt8] {
    let (result, book) = try result(threads: threads)
    return Report(result, book).html
  }

  func page() throws -> Page { try Page(html()) }
}

import Foundation
import SluiceEngine
@testable import SluiceRecords
@testable import SluiceReport
import SluiceTestSupport
import Testing

/// Values in HTML. Whatever a value contains, it is text.
@Suite struct SafeHTMLTests {
  private static let markup: Set<Unicode.Scalar> = ["<", ">", "\"", "'"]

  /// After some letters, or before a combining mark, a scalar is part of another character; browsers ignore that.
  private static let clusters = "<>&\"'".flatMap { sign in
    ["\u{D4E}\(sign)", "\(sign)\u{301}", "\u{111C2}\(sign)\u{FE0F}", "\(sign)\u{20E3}"]
  }

  @Test func noScalarOfMarkupIsLeft() {
    for text in HostileText.all + Self.clusters {
      let html = SafeHTML().escapeText(text)
      #expect(!html.unicodeScalars.contains { Self.markup.contains($0) }, "\(text.debugDescription)")
      // Each ampersand begins one of five references.
      for part in html.unicodeScalars.split(separator: "&", omittingEmptySubsequences: false).dropFirst() {
        let reference = String(String.UnicodeScalarView(part.prefix { $0 != ";" }))
        #expect(["lt", "gt", "amp", "quot", "#39"].contains(reference), "\(html)")
      }
    }
  }

  @Test func readsBackAsSafeText() {
    for text in HostileText.all + Self.clusters {
      var read = SafeHTML().escapeText(text)
      for (reference, sign) in [
        ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&"),
      ] {
        read = read.replacingOccurrences(of: reference, with: sign, options: .literal)
      }
      #expect(Array(read.utf8) == Array(SafeText(text).description.utf8), "\(text.debugDescription)")
    }
  }

  @Test func markupAndInvisibleCharactersAreEscaped() {
    #expect(SafeHTML().escapeText("a & b") == "a &amp; b")
    #expect(SafeHTML().escapeText("\u{202E}<\n") == "\\u{202e}&lt;\\u{a}")
  }
}

/// The templates cannot write a value in any other way.
@Suite struct ReportTemplatesTests {
  @Test(arguments: ReportTemplates.files.map(\.name))
  func templatesInsertEscapedValuesOnly(name: String) throws {
    let bytes = try #require(ReportTemplates.files.first { $0.name == name }?.bytes)
    let text = String(decoding: bytes, as: UTF8.self)
    // The style contains no values.
    if name == "style" {
      #expect(!text.contains("{{"))
      return
    }
    #expect(text.hasPrefix("{{% CONTENT_TYPE:SAFE_HTML}}\n"))
    #expect(text.components(separatedBy: "{{%").count == 2)
    #expect(!text.contains("{{{"))
    #expect(!text.contains("{{&"))
    #expect(!text.contains("={{"), "an attribute without quotation marks")
    for part in text.components(separatedBy: "{{>").dropFirst() {
      let partial = String(part.prefix { $0 != "}" })
      #expect(ReportTemplates.files.contains { $0.name == partial }, "there is no template \(partial)")
    }
  }
}

import Foundation
import SluiceEngine
import SluiceRecords
@testable import SluiceReport
@testable import SluiceRules
import SluiceTestSupport
import Testing

/// The report of a scan: its content, and elements that it can never contain.
@Suite struct ReportTests {
  private static let elementNames: Set = [
    "html", "head", "meta", "title", "style", "body", "header", "main", "nav", "section", "article", "footer",
    "h1", "h2", "h3", "h4", "p", "a", "b", "strong", "span", "code", "ul", "ol", "li", "dl", "dt", "dd",
    "div",
    "table", "thead", "tbody", "tr", "th", "td", "figure", "figcaption", "svg", "path", "desc",
  ]

  /// Expects that a page of any scan is inert.
  private func expectInert(_ page: Page) {
    let foreign = Set(page.elements.map(\.name)).subtracting(Self.elementNames)
    #expect(foreign.isEmpty)
    for (name, attributes) in page.elements {
      for (key, value) in attributes {
        #expect(!key.hasPrefix("on"))
        #expect(!["style", "src", "srcset", "xlink:href"].contains(key))
        guard key == "href" else { continue }
        #expect(name == "a")
        if value.hasPrefix("#") { continue }
        let vendors = Set(Rulebook.builtIn.entries.compactMap(\.source))
        #expect(vendors.contains(value), "\(value)")
        #expect(attributes["rel"] == "noreferrer noopener", "\(value)")
      }
    }
    let ids = page.elements.compactMap { $0.attributes["id"] }
    #expect(Set(ids).count == ids.count, "an id stands twice")
    let policy = page.all("meta").first { $0["http-equiv"] == "Content-Security-Policy" }?["content"]
    #expect(
      policy == "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'")
  }

  /// Expects a page that is accessible to people who cannot see it.
  private func expectAccessible(_ page: Page) {
    #expect(page.all("html")[0]["lang"] == "en")
    #expect(page.all("main").count == 1)
    #expect(page.all("h1").count == 1)
    #expect(page.all("th").allSatisfy { $0["scope"] != nil })
    #expect(page.all("svg").allSatisfy { $0["role"] == "img" && $0["aria-labelledby"] != nil })
    let levels = page.elements.compactMap { element -> Int? in
      element.name.first == "h" ? Int(element.name.dropFirst()) : nil
    }
    #expect(zip(levels, levels.dropFirst()).allSatisfy { $1 <= $0 + 1 })
    let ids = Set(page.elements.compactMap { $0.attributes["id"] })
    for (_, attributes) in page.elements {
      for name in (attributes["aria-labelledby"] ?? "").split(separator: " ") {
        #expect(ids.contains(String(name)), "nothing is \(name)")
      }
      if let href = attributes["href"], href.hasPrefix("#") {
        #expect(ids.contains(String(href.dropFirst())), "nothing is at \(href)")
      }
    }
  }

  private func expectSound(_ page: Page) {
    expectInert(page)
    expectAccessible(page)
  }

  private static let compromise: ReportFixture = {
    var scene = ReportFixture()
    scene.addAttack()
    scene.addSuccess("user3@example.org", at: 3600)
    scene.addSuccess("bystander@example.org", at: 3700)
    return scene
  }()

  @Test func theCardOfACompromiseNamesUsersAndNextSteps() throws {
    let page = try Self.compromise.page()
    expectSound(page)
    #expect(page.count("article", "card") == 1)
    for text in [
      "1 incident from 1 client IP. 1 user was attempted and then signed in from the same address.",
      "1 attempted user then signed in from this address: take the account for compromised.",
      "Complete. All of the input was read and used.",
      "203.0.113.7", "user24@example.org", "Firefox/128.0", "Germany", "Jena", "example transit",
      "64500", "example isp", "example.net",
      // One every half minute from 10:00:00 to 10:12:00.
      "25 events in minutes, at most 2, from 2026-01-05 10:00.",
      "Shared egress: office proxies, VPN exits, shared computers.",
      "end their sessions, and look at what they did since 2026-01-05 11:00:00.",
      "2026-01-05 10:00 to 2026-01-05 12:00 UTC",
    ] {
      #expect(page.says(text), "\(text)")
    }
    #expect(!page.says("bystander@example.org"), "who was not attempted is no victim")
    let links = page.all("a").compactMap { $0["href"] }
    #expect(links.contains("https://github.com/elastic/detection-rules/tree/main/rules/integrations/okta"))
  }

  @Test func anAttackWithoutSuccessIsCalledUnsuccessful() throws {
    var scene = ReportFixture()
    scene.addAttack()
    let page = try scene.page()
    expectSound(page)
    #expect(page.says("No sign-in from this address succeeded."))
    #expect(page.says("No attempted user then signed in from the address of an attack."))
    scene.addSuccess("bystander@example.org", at: 3600)
    #expect(
      try scene.page().says(
        "1 sign-in from this address succeeded, none by a user after an attempt on that user."))
  }

  /// Unknown triage is not called harmless.
  @Test func withoutTriageACompromiseIsNotKnown() throws {
    var scene = Self.compromise
    scene.change = { $0.triages = false }
    let page = try scene.page()
    expectSound(page)
    #expect(page.says("Whether anyone was compromised is not known: the scan did not triage."))
    #expect(page.says("Whether anyone signed in is not known: this incident was not triaged."))
    #expect(page.says("not known"))
    #expect(page.says("user24@example.org"))
    #expect(!page.says("No sign-in from this address succeeded."))
  }

  @Test func aPageOfNothingSaysWhy() throws {
    let page = try ReportFixture().page()
    expectSound(page)
    #expect(page.says("No event was read, so that nothing could be found."))
    #expect(page.count("article", "card") == 0)
    var quiet = ReportFixture()
    quiet.addSuccess("a@example.org", at: 0)
    #expect(try quiet.page().says("No rule fired."))
  }

  @Test func unusedInputMakesThePageIncomplete() throws {
    var scene = ReportFixture()
    scene.addAttack()
    scene.tail = (0..<25).flatMap { _ in Array("{\"eventType\":\"user.account.lock\n".utf8) }
    let page = try scene.page()
    expectSound(page)
    #expect(page.says("Incomplete. Some of the input could not be used"))
    #expect(page.says("And 5 more problems, which --stats FILE writes."))
    #expect(page.all("section").contains { $0["id"] == "summary" })
  }

  @Test func exceptionsHideCardsAndAreListed() throws {
    var scene = ReportFixture()
    for (number, ip) in ["203.0.113.7", "203.0.113.8"].enumerated() { scene.addAttack(ip, from: number) }
    scene.rules = """
      exceptions:
        - {id: office, ip: 203.0.113.7, owner: jane, reason: the <b>office</b>}
        - {id: past, ip: 203.0.113.8, owner: joe, reason: a test, expires: 2026-01-01}
        - {id: idle, ip: 192.0.2.1, owner: joe, reason: another}
      """
    let page = try scene.page()
    expectSound(page)
    #expect(page.count("article", "card") == 1, "what is covered has no card")
    let (result, _) = try scene.result()
    let hidden = result.detections.count { $0.suppressed != nil }
    #expect(hidden > 0)
    #expect(page.says("the <b>office</b>"))
    for text in ["in use", "unused", "expired: would have hidden", "1 more covered by exceptions"] {
      #expect(page.says(text), "\(text)")
    }
  }

  /// A rules file is not trusted like the program, so the source that it names is no link.
  @Test func aSourceOfOnesOwnIsNoLink() throws {
    var scene = ReportFixture()
    scene.addAttack()
    scene.rules = """
      rules:
        - id: okta-credential-stuffing
          source: "javascript:alert(1)"
          title: "<script>alert(1)</script>"
          next_steps: ["call <i>security</i>"]
      """
    let page = try scene.page()
    expectSound(page)
    #expect(page.says("javascript:alert(1)"))
    #expect(page.says("<script>alert(1)</script>"))
    #expect(page.says("call <i>security</i>."))
  }

  /// Another program reads each text back as `SafeText` shows it.
  @Test(arguments: 0..<HostileText.all.count) func hostileTextsAreInertOnThePage(number: Int) throws {
    let text = HostileText.all[number]
    var scene = ReportFixture()
    scene.addAttack(text: text)
    let page = try scene.page()
    expectInert(page)
    #expect(page.says("user7" + SafeText(text).description), "\(text.debugDescription)")
  }

  @Test func markupInsideCharacterClustersIsInert() throws {
    for text in ["\u{D4E}<img src=x>", "\"\u{301} onfocus=alert(1) x=\"", "<\u{FE0F}b>"] {
      var scene = ReportFixture()
      scene.addAttack(text: text)
      expectInert(try scene.page())
    }
  }

  @Test func theSameInputGivesTheSamePage() throws {
    var scene = Self.compromise
    for number in 0..<9 { scene.addAttack("198.51.100.\(number)", from: 700 * number) }
    func stable(_ html: [UInt8]) throws -> String {
      let parts = String(decoding: html, as: UTF8.self).components(separatedBy: "<footer id=\"run\">")
      try #require(parts.count == 2)
      return parts[0]
    }
    let first = try stable(scene.html(threads: 1))
    for threads in 1...4 { #expect(try stable(scene.html(threads: threads)) == first) }
  }

  /// Long lists are cut, and the page states how much is left out.
  @Test func tenThousandIncidentsAreCutToSixtyCards() throws {
    var (result, book) = try ReportFixture().result()
    let rule = try #require(book.entries.first { $0.rule.id == "okta-accounts-locked-out" }).rule.metadata
    result.detections = (0..<10_000).map { number in
      let time = ReportFixture.time(number * 600)
      return Detection(
        rule: rule, clientIP: IPAddress(v4: UInt32(number)), windowStart: time, windowEnd: time,
        firstSeen: time, lastSeen: time, eventCount: number,
        columns: [.init("user", .list((0..<50).map { .text(LogText("user\($0)@example.org")) }))], message: ""
      )
    }
    let html = Report(result, book).html
    #expect(html.count < 1_500_000)
    let page = try Page(html)
    expectSound(page)
    #expect(page.count("article", "card") == 60)
    #expect(page.says("10,000 incidents from 10,000 client IPs."))
    // 10,000 less 60 cards and 1,000 rows.
    #expect(page.says("8,940 further incidents, none worse, are left out of this page."))
    #expect(page.says("and 26 more, in NDJSON"), "24 of 50 users are listed")
    // The worst incidents have the most events and come first.
    let first = try #require(page.text.range(of: "0.0.39.15"))
    let second = try #require(page.text.range(of: "0.0.39.14"))
    #expect(first.lowerBound < second.lowerBound)
  }

  @Test func publishedRulesHaveGuidance() {
    for entry in Rulebook.builtIn.entries {
      #expect(!entry.falsePositives.isEmpty, "\(entry.rule.id)")
      #expect(!entry.nextSteps.isEmpty, "\(entry.rule.id)")
      #expect(entry.source?.hasPrefix("https://") == true)
    }
  }
}

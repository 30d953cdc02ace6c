import Testing

@testable import SluiceEngine

/// Okta's risk verdict in its two spellings.
@Suite struct RiskParserTests {
  private func expectRisk(
    _ found: RiskParser.ParsedRisk?, _ level: String?, _ reasons: [String], _ text: String
  ) {
    #expect(found?.level.map { String(decoding: $0, as: UTF8.self) } == level, "\(text)")
    #expect(found?.reasons.map { String(decoding: $0, as: UTF8.self) } == reasons, "\(text)")
  }

  @Test(
    arguments: [
      ("{reasons=Anomalous Device, New IP, level=HIGH}", "HIGH", ["Anomalous Device", "New IP"]),
      ("{level=HIGH, reasons=A, B}", "HIGH", ["A", "B"]), ("{level=LOW}", "LOW", []), ("{}", nil, []),
      ("", nil, []),
      ("{reasons=A}", nil, ["A"]), ("{reasons=, level=}", nil, []),
      ("{reasons=A,, B\t, level=LOW}", "LOW", ["A", "B"]),
      (" {reasons=A, level=HIGH} ", "HIGH", ["A"]), ("{level=HIGH, score=3, reasons=A}", "HIGH", ["A"]),
      ("{reasons=A=B, level=LOW}", "LOW", ["A=B"]),
    ] as [(String, String?, [String])])
  func bracedTextGivesLevelAndReasons(text: String, level: String?, reasons: [String]) {
    expectRisk(withBytes(Array(text.utf8)) { RiskParser.read(text: $0) }, level, reasons, text)
  }

  @Test(
    arguments: [
      (
        #"{"risk":{"reasons":"Anomalous Device, New IP","level":"HIGH"}}"#, "HIGH",
        ["Anomalous Device", "New IP"]
      ),
      (#"{"risk":{"level":"HIGH"},"behaviors":{"New IP":"POSITIVE"}}"#, "HIGH", []),
      (#"{"risk":{}}"#, nil, []),
      (#"{"risk":{"level":"","reasons":null}}"#, nil, []),
      (#"{"risk":{"level":3,"reasons":",, A ,"}}"#, nil, ["A"]),
      (#"{"risk":{"level":"\u0048IGH","reasons":"A\"B, C\\"}}"#, "HIGH", ["A\"B", "C\\"]),
      (#"{"risk":{"level":"LOW","reasons":["A, B","C",7]}}"#, "LOW", ["A", "B", "C"]),
      (#"{"risk":{"level":"LOW"},"risk":{"level":"HIGH"}}"#, "HIGH", []),
      (#"{"risk":{"level":"LOW","reasons":"A"},"risk":{}}"#, nil, []),
    ] as [(String, String?, [String])])
  func aRiskObjectGivesLevelAndReasons(text: String, level: String?, reasons: [String]) {
    var risk = RiskParser()
    expectRisk(withBytes(Array(text.utf8)) { risk.read(json: $0) }, level, reasons, text)
  }

  /// Without an object `risk`, the other spelling is parsed.
  @Test(arguments: [
    "", "{}", "[]", "null", #"{"risk":"HIGH"}"#, #"{"risk":null}"#, #"{"risk":{"level":"HIGH"}"#,
    "{level=HIGH}",
    #"{"level":"HIGH"}"#, #"{"risk":[{"level":"HIGH"}]}"#, #"{"risk":{"level":"HIGH"}} x"#,
  ])
  func textWithoutARiskObjectGivesNothing(text: String) {
    var risk = RiskParser()
    #expect(withBytes(Array(text.utf8)) { risk.read(json: $0) } == nil)
  }
}

import Testing

/// `sluice schema`. Scripts/check/schemas holds real records against the schemas.
@Suite struct SchemaCommandTests {
  private static let names = ["detection", "stats", "risk", "inspect", "what-if"]

  @Test func withoutANameAllRecordsAreListed() throws {
    let run = try Command("schema")
    #expect(run.status == 0)
    #expect(run.errors.isEmpty)
    #expect(run.lines == Self.names)
  }

  @Test(arguments: names)
  func aNamedSchemaIsPrintedWithTheRecordsNameAsItsID(name: String) throws {
    let run = try Command("schema", name)
    #expect(run.status == 0)
    #expect(run.errors.isEmpty)
    #expect(run.output.last == UInt8(ascii: "\n"))
    let schema = try json(run.output)
    #expect(schema["$id"] as? String == "sluice.\(name)/1")
    #expect(schema["$schema"] as? String == "https://json-schema.org/draft/2020-12/schema")
  }

  /// Which members a scan writes is a contract, so a new one must be in the schema.
  @Test func theSchemaOfDetectionsHasEveryMemberOfADetection() throws {
    let schema = try json(Command("schema", "detection").output)
    let properties = try #require(schema["properties"] as? [String: Any])
    let detection = try json(Command("scan", "-", input: firingText).output)
    #expect(Set(detection.keys) == Set(properties.keys).subtracting(["suppressed"]))
  }

  @Test func anUnknownNameIsWrongUsageThatNamesAllRecords() throws {
    let run = try Command("schema", "detections")
    #expect(run.status == 64)
    #expect(run.output.isEmpty)
    for name in Self.names { #expect(run.errors.contains(name), "\(run.errors)") }
  }
}

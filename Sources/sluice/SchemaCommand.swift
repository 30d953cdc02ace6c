import ArgumentParser
import Glibc
import SluiceEngine
import SluiceSystem

struct SchemaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema",
    abstract: "Print the JSON Schema of a record that sluice writes, or list the records.",
    discussion: """
      The schemas follow draft 2020-12 of JSON Schema. Their '$id' is the member 'schema' of the records:

        detection  a line that scan and merge write with --format ndjson
        stats      what --stats writes
        risk       what --risk writes
        inspect    what 'sluice inspect --format json' writes
        what-if    what 'sluice what-if --format json' writes

      Exit status: 0 all was printed; 3 failed; 64 wrong usage.
      """)

  @Argument(help: ArgumentHelp("The record. Default: list the names of all.", valueName: "name"))
  var record: RecordSchema?

  func run() throws {
    let bytes = record?.bytes ?? Array(RecordSchema.allCases.map { "\($0.rawValue)\n" }.joined().utf8)
    do throws(SystemError) {
      try writeToReader(STDOUT_FILENO, bytes[...])
    } catch {
      fail("\(error)")
      throw ExitStatus.failed
    }
  }
}

/// The records with a schema, by the names that users type.
enum RecordSchema: String, ExpressibleByArgument, CaseIterable {
  case detection, stats, risk, inspect
  case whatIf = "what-if"

  /// The schema's text, which is built into the program.
  var bytes: [UInt8] {
    switch self {
    case .detection: PackageResources.detection_json
    case .stats: PackageResources.stats_json
    case .risk: PackageResources.risk_json
    case .inspect: PackageResources.inspect_json
    case .whatIf: PackageResources.what_if_json
    }
  }
}

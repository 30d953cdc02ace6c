import ArgumentParser
import Glibc
import SluiceEngine
import SluiceRecords
import SluiceReport
import SluiceSystem

/// `sluice show`: the raw events of one detection.
struct ShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Print the raw events of one detection.",
    discussion: """
      Each event is printed once, as it is in the archive, one per line, in order of time. An event in a wrapper, a page or a \
      string is printed without it. Only the parts of the files that the detection's record names are decoded: LZ4 blocks, \
      lines of plain text, gzip members and zstd frames.

      The record has the files' paths at the time of the scan. If the files were moved, their paths below a given directory \
      must be the ends of those paths.

      Exit status: 0 all events were found; 2 there are more or fewer events than the record counted, because the archive or \
      the rule was changed, a file could not be read to its end, or there is no file to read; 3 failed, nothing was written; \
      64 wrong usage.
      """)

  @Argument(help: "The detection's id, or its first 8 digits or more.")
  var detectionID: String

  @Option(
    help: ArgumentHelp("Detections, as 'sluice scan --format ndjson' writes them.", valueName: "file"),
    completion: .file())
  var detections: String

  @Argument(help: "Files and directories that were scanned.", completion: .file())
  var paths: [String]

  @Option(
    help: ArgumentHelp("The rules file that the scan was given.", valueName: "file"),
    completion: .file())
  var rules: String?

  @Flag(help: "Show the successful sign-ins too that triage found.")
  var triage = false

  @Option(
    help: ArgumentHelp(
      "How events are written: \(ShowFormat.names). Default: table on a terminal, else ndjson."))
  var format: ShowFormat?

  @OptionGroup var archive: ArchiveOptions

  @Flag(help: "Say nothing on standard error but why a result is missing or incomplete.")
  var quiet = false

  func run() throws {
    let isShown = Terminal.isTerminal(STDOUT_FILENO)
    let shown: RetrievedEvents
    do {
      let file = try RulesFile(rules)
      guard let book = file.book else {
        file.diagnostics.forEach { complain(of: $0) }
        throw ExitStatus.usage
      }
      let record = try ParsedDetection(id: detectionID, in: wholeFile(detections), named: detections)
      var options = ShowOptions(paths: paths, rules: book.entries.map(\.rule))
      options.includesSignIns = triage
      options.threads = archive.threads
      options.verifies = archive.verify
      options.limits = archive.limits
      shown = try RetrievedEvents(of: record, options)
      let format = format ?? (isShown ? .table : .ndjson)
      try writeToReader(STDOUT_FILENO, format.render(shown, isShown: isShown)[...])
    } catch let code as ExitCode {
      throw code
    } catch {
      fail("\(error)")
      let refusal = error as? ShowError
      if refusal?.foundNoFile == true { throw ExitStatus.incomplete }
      let isWrongUsage = error is RulesFileError || refusal?.isWrongUsage == true
      throw isWrongUsage ? ExitStatus.usage : ExitStatus.failed
    }
    shown.notes.forEach { complain("\($0)") }
    if !quiet, isShown {
      complain(
        "\(NumberFormat.count(shown.events.count, "event")); \(NumberFormat.count(shown.bytesRead, "byte")) read",
        level: .info)
    }
    if !shown.notes.isEmpty { throw ExitStatus.incomplete }
  }
}

extension ShowFormat: ExpressibleByArgument {}

/// Returns a file's content. - Throws: ``FileError``.
private func wholeFile(_ path: String) throws -> [UInt8] {
  guard let file = fopen(path.cPath, "r") else { throw FileError(path: path, code: errno) }
  defer { fclose(file) }
  var bytes: [UInt8] = []
  var piece = [UInt8](repeating: 0, count: 1 << 20)
  while case let count = fread(&piece, 1, piece.count, file), count > 0 { bytes += piece[..<count] }
  if ferror(file) != 0 { throw FileError(path: path, code: errno) }
  return bytes
}

private struct FileError: Error, CustomStringConvertible {
  var path: String
  var code: Int32

  var description: String { "cannot read \(path): \(String(cString: strerror(code)))" }
}

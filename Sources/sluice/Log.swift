import ArgumentParser
import Glibc
import Logging
import SluiceEngine
import SluiceRecords
import SluiceRules
import SluiceSystem
import Synchronization

/// The format of messages on standard error: text for people, or one JSON object per line for log collectors.
enum LogFormat: String, ExpressibleByArgument, CaseIterable {
  case text, json

  private static let chosen = Atomic(false)

  /// Sets the format of all further messages.
  func choose() { Self.chosen.store(self == .json, ordering: .relaxed) }

  fileprivate static var current: LogFormat { chosen.load(ordering: .relaxed) ? .json : .text }
}

/// Writes a message to standard error.
///
/// - Parameters:
///   - message: text that is safe to show on a terminal.
///   - level: `warning` if the result lacks something, `error` if there is no result.
func complain(_ message: SafeText, level: Logger.Level = .warning, metadata: Logger.Metadata = [:]) {
  let log = Logger(label: "sluice") { label in StandardErrorLog(label: label) }
  log.log(level: level, "\(message.description)", metadata: metadata)
}

/// Writes a diagnostic to standard error, with its values if the format has room for them.
func complain(of note: Diagnostic, level: Logger.Level = .warning) {
  let metadata = note.values.mapValues { value -> Logger.MetadataValue in .stringConvertible(Logged(value)) }
  complain(note.text, level: level, metadata: metadata)
}

/// Writes a diagnostic about a rules file; as text it begins with the location, as compilers do.
func complain(of diagnostic: RuleDiagnostic) {
  guard LogFormat.current == .json else { return printError(diagnostic.text) }
  complain(
    of: Diagnostic(
      "\(diagnostic.message)",
      [
        "file": .text(LogText(diagnostic.file)), "line": .integer(diagnostic.line),
        "column": .integer(diagnostic.column),
      ]), level: diagnostic.isWarning ? .warning : .error)
}

/// Reports why a command ends without a result.
func fail(_ message: SafeText) { complain(message, level: .error) }

/// A value that keeps its type, so that numbers are written as numbers.
private struct Logged: CustomStringConvertible {
  var value: Value

  init(_ value: Value) { self.value = value }

  var description: String { "\(value)" }
}

/// Writes each message as one line.
private struct StandardErrorLog: LogHandler {
  var label: String
  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.info

  subscript(metadataKey key: String) -> Logger.MetadataValue? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let all = self.metadata.merging(event.metadata ?? [:]) { $1 }
    var bytes: [UInt8]
    switch LogFormat.current {
    case .text: bytes = Array("\(label): \(event.message)".utf8)
    case .json:
      var json = JSONWriter()
      json.object { json in
        json.member("level", event.level.rawValue)
        json.member("logger", label)
        json.member("message", event.message.description)
        for (key, value) in all.sorted(by: { $0.key < $1.key }) {
          if case .stringConvertible(let logged as Logged) = value {
            json.member(key, logged.value)
          } else {
            json.member(key, value.description)
          }
        }
      }
      bytes = json.bytes
    }
    bytes.append(UInt8(ascii: "\n"))
    try? writeAll(STDERR_FILENO, bytes[...])
  }
}

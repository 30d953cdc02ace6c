import ArgumentParser
import Glibc
import SluiceEngine
import SluiceReport
import SluiceSystem

/// Prepares the process and runs the chosen command.
@main
enum Main {
  static func main() {
    // A reader that exits is a write error, which ends no run: see `writeToReader`.
    signal(SIGPIPE, SIG_IGN)
    // A file that exceeds the process's size limit is also a write error.
    signal(SIGXFSZ, SIG_IGN)
    // No file may be opened in place of a closed standard stream. Reads from this substitute fail with an error.
    for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
      _ = open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
    }
    Sluice.main(arguments)
  }

  /// The arguments as path text. Swift's own arguments repair invalid UTF-8, so such a file would not be found.
  private static var arguments: [String] {
    (1..<max(1, Int(CommandLine.argc))).compactMap { CommandLine.unsafeArgv[$0] }.map {
      String(path: Array(UnsafeRawBufferPointer(start: $0, count: strlen($0))))
    }
  }
}

struct Sluice: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sluice",
    abstract: "Find in archived Okta System Logs what published detections, or your own, would have found.",
    discussion: """
      Reads NDJSON, plain or compressed by LZ4, gzip or zstd, and reports exactly the firings of Datadog's "Okta ThreatInsight login \
      failure spikes with unknown users", Elastic's "Potential Okta Credential Stuffing (Single Source)" and Splunk's \
      "Okta Multiple Accounts Locked Out"; or of other rules, which are YAML files.
      """,
    version: Product.version,
    subcommands: [
      ScanCommand.self, WhatIfCommand.self, InspectCommand.self, ShowCommand.self, RulesCommand.self,
      PartialCommand.self, MergeCommand.self, GenerateCommand.self, SchemaCommand.self,
    ])
}

import SluiceEngine

extension InputDiagnostics {
  init(_ inspection: Inspection) {
    self.init(
      skipped: inspection.skipped, records: inspection.total.records, problems: inspection.problems,
      shortfalls: inspection.shortfalls, allProblems: "--format json shows all of them")
  }
}

extension Outcome {
  package init(_ inspection: Inspection) {
    self.init(isComplete: inspection.isComplete, InputDiagnostics(inspection)) {
      Self.read(files: inspection.files.count, events: inspection.total.records.events)
    }
  }
}

import SluiceEngine

extension InputDiagnostics {
  init(_ inspection: Inspection) {
    self.init(
      linksPassedOver: inspection.linksPassedOver, specialsPassedOver: inspection.specialsPassedOver,
      records: inspection.total.records, rejected: inspection.total.counts.rejected,
      problems: inspection.problems, shortfalls: inspection.shortfalls,
      allProblems: "--format json shows all of them")
  }
}

extension Outcome {
  package init(_ inspection: Inspection) {
    self.init(isComplete: inspection.isComplete, InputDiagnostics(inspection)) {
      Self.read(files: inspection.files.count, events: inspection.total.events)
    }
  }
}

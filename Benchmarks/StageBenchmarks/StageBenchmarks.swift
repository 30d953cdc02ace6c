import Benchmark

/// The engine's stages one by one, each with its rate in bytes or in items per second.
///
/// The bytes are those that a stage reads, except for decoding, where they are those that it writes. Rates are per
/// thread. A stage that processes the same megabyte repeatedly finds it in the cache and its branches predicted.
/// Compare such a rate with itself before a change, not with the rate of a whole scan.
let benchmarks: @Sendable () -> Void = {
  Benchmark.defaultConfiguration.warmupIterations = 3
  Benchmark.defaultConfiguration.maxDuration = .seconds(1)

  stage("decode", .bytes) { $0.decode() }
  for simdTarget in Stages.kernels {
    stage("prefilter, \(simdTarget)", .bytes, prepare: { $0.preparePrefilter(simdTarget: simdTarget) }) {
      $0.prefilter($1)
    }
  }
  stage("line walk", .bytes) { $0.walkLines() }
  stage("un-escape", .bytes, prepare: { $0.escapedTexts() }) { $0.unescapeAll($1) }
  stage("time parsing", .items) { $0.parseTimes() }
  stage("IP parsing", .items) { $0.parseAddresses() }
  stage("shard insert", .items) { $0.insert() }
  stage("merge", .items) { $0.merge() }
  stage("window evaluation", .items) { $0.evaluateWindows() }
}

enum Unit: String {
  case bytes, items

  var metric: BenchmarkMetric { .custom("\(rawValue) a second", polarity: .prefersLarger) }
}

/// Measures a stage that returns how much it processed.
func stage(_ name: String, _ unit: Unit, _ work: @escaping (Stages) -> Int) {
  stage(name, unit, prepare: { _ in }) { stages, _ in work(stages) }
}

/// Measures a stage that needs a value prepared once beforehand.
func stage<Prepared>(
  _ name: String, _ unit: Unit, prepare: @escaping (Stages) -> Prepared,
  _ work: @escaping (Stages, Prepared) -> Int
) {
  var prepared: Prepared?
  var configuration = Benchmark.defaultConfiguration
  configuration.metrics = [unit.metric, .wallClock]
  configuration.units = [unit.metric: unit == .bytes ? .mega : .kilo]
  Benchmark(name, configuration: configuration) { benchmark in
    let stages = Archive.stages
    let input = prepared ?? prepare(stages)
    prepared = input
    let clock = ContinuousClock()
    var amount = 0
    benchmark.startMeasurement()
    let time = clock.measure { amount = work(stages, input) }
    benchmark.stopMeasurement()
    precondition(amount > 0, "\(name) had nothing to do")
    benchmark.measurement(unit.metric, Int(Double(amount) / (time / .seconds(1))))
  }
}

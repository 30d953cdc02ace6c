// swift-tools-version: 6.1
import PackageDescription

// A package of its own, so that whoever uses or builds sluice need not fetch what only benchmarks need.
let package = Package(
  name: "sluice-benchmarks",
  dependencies: [
    // Named, as its identity is otherwise the name of the folder it was cloned into.
    .package(name: "sluice", path: ".."),
    // Without its traits: no jemalloc, no counts of allocations. `Scripts/bench/line-cost` counts those.
    .package(url: "https://github.com/ordo-one/benchmark", exact: "1.38.1", traits: []),
  ],
  targets: [
    .executableTarget(
      name: "StageBenchmarks",
      dependencies: [
        .product(name: "Benchmark", package: "benchmark"),
        .product(name: "SluiceEngine", package: "sluice"),
        .product(name: "SluiceGenerator", package: "sluice"),
      ],
      path: "StageBenchmarks",  // Directly in Benchmarks/, where the plug-in looks for targets.
      plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")])
  ],
  swiftLanguageModes: [.v6]
)

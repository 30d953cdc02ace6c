// swift-tools-version: 6.1
import PackageDescription

// A separate package, so that users of sluice need not fetch the benchmarks' dependencies.
let package = Package(
  name: "sluice-benchmarks",
  dependencies: [
    // Named, because the identity would otherwise be the name of the folder of the clone.
    .package(name: "sluice", path: ".."),
    // Without its traits: no jemalloc, no allocation counts. `Scripts/bench/line-cost` counts allocations.
    .package(url: "https://github.com/ordo-one/benchmark", exact: "1.38.1", traits: []),
  ],
  targets: [
    // The program of the page UsingTheLibrary.md: another package's view of the library.
    .executableTarget(
      name: "LibraryExample", dependencies: [.product(name: "SluiceEngine", package: "sluice")],
      path: "LibraryExample"),
    .executableTarget(
      name: "StageBenchmarks",
      dependencies: [
        .product(name: "Benchmark", package: "benchmark"),
        .product(name: "SluiceEngine", package: "sluice"),
        .product(name: "SluiceGenerator", package: "sluice"),
      ],
      path: "StageBenchmarks",  // Directly in Benchmarks/, where the plug-in looks for targets.
      plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]),
  ],
  swiftLanguageModes: [.v6]
)

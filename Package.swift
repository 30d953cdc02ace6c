// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "sluice",
  products: [
    .executable(name: "sluice", targets: ["sluice"]),
    // For other programs: records, rules, the engine, and output formats.
    .library(
      name: "SluiceEngine", targets: ["SluiceRecords", "SluiceRules", "SluiceEngine", "SluiceReport"]),
    // For Benchmarks/, a separate package.
    .library(name: "SluiceGenerator", targets: ["SluiceGenerator"]),
    // For Tests/Fuzz, also a separate package.
    .library(name: "SluiceTesting", targets: ["SluiceReference", "SluiceTestSupport"]),
    // For the tests, which load it into the executable.
    .library(name: "FaultInjection", type: .dynamic, targets: ["FaultInjection"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    // Reads rules files; diagnostics use the locations of its nodes.
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    // Renders the report's templates and escapes inserted values unless told otherwise.
    .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
  ],
  targets: [
    // Debian's liblz4, zlib, libzstd and libxxhash.
    .systemLibrary(name: "CLZ4", pkgConfig: "liblz4", providers: [.apt(["liblz4-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
    .systemLibrary(name: "CXXHash", pkgConfig: "libxxhash", providers: [.apt(["libxxhash-dev"])]),
    // Code that Swift cannot express: vector comparisons to bit masks, selected at run time.
    .target(name: "CKernels"),

    // The contract with other programs: detection records, times, addresses, JSON.
    .target(name: "SluiceRecords", dependencies: ["CXXHash"]),
    // System calls that return errors as values, and files that are written completely or not at all.
    .target(name: "SluiceSystem"),
    // Rules: what they are, their language and files, exceptions, and the published rules.
    .target(
      name: "SluiceRules",
      dependencies: ["SluiceRecords", .product(name: "Yams", package: "Yams")],
      // In the executable, so that it needs no other files.
      resources: [.embedInCode("Published")]),
    // The way from archive to detections.
    .target(
      name: "SluiceEngine",
      dependencies: [
        "SluiceRecords", "SluiceRules", "SluiceSystem", "CKernels", "CLZ4", "CXXHash", "CZlib", "CZstd",
      ]),
    // A scan's result as text, in other programs' formats and as one HTML page.
    .target(
      name: "SluiceReport",
      dependencies: [
        "SluiceEngine", "SluiceRecords", "SluiceRules",
        .product(name: "Mustache", package: "swift-mustache"),
      ],
      resources: [.embedInCode("Templates")]),
    // The reference implementation: the same detections by the simplest code that could be right; the tests' oracle.
    .target(name: "SluiceReference", dependencies: ["SluiceRecords"]),
    // Synthetic archives with planted attacks.
    .target(
      name: "SluiceGenerator", dependencies: ["SluiceRecords", "SluiceReference", "SluiceSystem", "CLZ4"]),
    .executableTarget(
      name: "sluice",
      dependencies: [
        "SluiceEngine", "SluiceGenerator", "SluiceRecords", "SluiceReport", "SluiceRules", "SluiceSystem",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ],
      resources: [.embedInCode("Schemas")]),

    // Decodes LZ4 and does nothing else; benchmarks compare a scan with it.
    .executableTarget(
      name: "decode-alone",
      dependencies: ["CLZ4", .product(name: "ArgumentParser", package: "swift-argument-parser")],
      path: "Benchmarks/DecodeAlone"),

    // Loaded by tests before the executable: makes its system calls fail or kills it at one of them.
    .target(name: "FaultInjection", path: "Tests/FaultInjection"),
    // Event builders, random corpora, the published cases, LZ4 frames with all options.
    .target(
      name: "SluiceTestSupport", dependencies: ["SluiceRecords", "CLZ4", "CXXHash", "CZlib", "CZstd"],
      path: "Tests/SluiceTestSupport"),
    .testTarget(name: "SluiceRecordsTests", dependencies: ["SluiceRecords", "SluiceTestSupport"]),
    .testTarget(
      name: "SluiceEngineTests",
      dependencies: [
        "SluiceEngine", "SluiceReport", "SluiceRules", "SluiceReference", "SluiceTestSupport", "CKernels",
        "CLZ4", "CXXHash", "CZlib",
        "CZstd",
      ]),
    .testTarget(
      name: "SluiceReportTests",
      dependencies: ["SluiceReport", "SluiceEngine", "SluiceRecords", "SluiceRules", "SluiceTestSupport"]),
    // Tests that run the built executable as a process.
    .testTarget(
      name: "SluiceCommandTests",
      dependencies: ["sluice", "SluiceEngine", "SluiceRecords", "SluiceReport", "SluiceTestSupport"]),
    .testTarget(
      name: "SluiceReferenceTests", dependencies: ["SluiceReference", "SluiceTestSupport"]),
    // The fuzz targets of Tests/Fuzz, run over their corpus.
    .testTarget(
      name: "SluiceFuzzTests",
      dependencies: [
        "SluiceEngine", "SluiceRecords", "SluiceReport", "SluiceRules", "SluiceReference",
        "SluiceTestSupport",
      ],
      path: "Tests/Fuzz/Targets"),
    .testTarget(
      name: "SluiceGeneratorTests",
      dependencies: ["SluiceGenerator", "SluiceEngine", "SluiceReference", "SluiceTestSupport", "CLZ4"]),
  ],
  swiftLanguageModes: [.v6]
)

// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "sluice",
  products: [
    .executable(name: "sluice", targets: ["sluice"]),
    .library(name: "SluiceEngine", targets: ["SluiceEngine"]),
    // For Benchmarks/, a package of its own.
    .library(name: "SluiceGenerator", targets: ["SluiceGenerator"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0")
  ],
  targets: [
    // Debian's liblz4 and libxxhash.
    .systemLibrary(name: "CLZ4", pkgConfig: "liblz4", providers: [.apt(["liblz4-dev"])]),
    .systemLibrary(name: "CXXHash", pkgConfig: "libxxhash", providers: [.apt(["libxxhash-dev"])]),
    // What Swift cannot express: vector compares to bit masks, chosen at run time.
    .target(name: "CKernels"),

    // The contract with the outside: detection records, times, addresses, JSON.
    .target(name: "SluiceRecords", dependencies: ["CXXHash"]),
    // Archive to detections.
    .target(name: "SluiceEngine", dependencies: ["SluiceRecords", "CKernels", "CLZ4", "CXXHash"]),
    // The same detections by the plainest code that could be right; the tests' oracle.
    .target(name: "SluiceReference", dependencies: ["SluiceRecords"]),
    // Synthetic archives with planted attacks.
    .target(
      name: "SluiceGenerator", dependencies: ["SluiceRecords", "SluiceReference", "CLZ4"]),
    .executableTarget(
      name: "sluice",
      dependencies: [
        "SluiceEngine", "SluiceGenerator",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    // Event builders, random corpora, the published cases, LZ4 frames of every form.
    .target(
      name: "SluiceTestSupport", dependencies: ["SluiceRecords", "CLZ4", "CXXHash"],
      path: "Tests/SluiceTestSupport"),
    .testTarget(name: "SluiceRecordsTests", dependencies: ["SluiceRecords", "SluiceTestSupport"]),
    .testTarget(
      name: "SluiceEngineTests",
      dependencies: [
        "SluiceEngine", "SluiceReference", "SluiceTestSupport", "CKernels", "CLZ4", "CXXHash",
      ]),
    // Runs the built executable as a process.
    .testTarget(
      name: "SluiceCommandTests",
      dependencies: ["sluice", "SluiceEngine", "SluiceRecords", "SluiceTestSupport"]),
    .testTarget(
      name: "SluiceReferenceTests", dependencies: ["SluiceReference", "SluiceTestSupport"]),
    .testTarget(
      name: "SluiceGeneratorTests",
      dependencies: ["SluiceGenerator", "SluiceEngine", "SluiceReference", "SluiceTestSupport", "CLZ4"]),
  ],
  swiftLanguageModes: [.v6]
)

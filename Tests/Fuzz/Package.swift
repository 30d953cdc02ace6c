// swift-tools-version: 6.2
import PackageDescription

// This is a separate package because libFuzzer provides `main` of its executable and all linked code must be
// instrumented.
let package = Package(
  name: "sluice-fuzz",
  dependencies: [
    // The name is explicit because the default identity is the name of the folder that holds the clone.
    .package(name: "sluice", path: "../..")
  ],
  targets: [
    .executableTarget(
      name: "fuzz",
      dependencies: [
        .product(name: "SluiceEngine", package: "sluice"),
        .product(name: "SluiceTesting", package: "sluice"),
      ],
      path: ".",
      exclude: [
        "Corpus", "Dictionaries", "README.md", "Targets/CorpusTests.swift",
        "Targets/RandomFrameTests.swift",
      ],
      sources: ["Driver", "Targets"],
      swiftSettings: [.unsafeFlags(["-parse-as-library"])])
  ],
  swiftLanguageModes: [.v6]
)

// swift-tools-version: 6.2
import PackageDescription

// A package of its own, as libFuzzer brings the `main` of its executable, and all it links must be instrumented.
let package = Package(
  name: "sluice-fuzz",
  dependencies: [
    // Named, as its identity is otherwise the name of the folder it was cloned into.
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

import Mustache

/// The page's templates, built into the program. ``SafeHTML`` escapes every value that they write.
enum ReportTemplates {
  static let files: [(name: String, bytes: [UInt8])] = [
    ("page", PackageResources.page_mustache),
    ("style", PackageResources.style_mustache),
    ("summary", PackageResources.summary_mustache),
    ("timeline", PackageResources.timeline_mustache),
    ("incidents", PackageResources.incidents_mustache),
    ("incident", PackageResources.incident_mustache),
    ("rows", PackageResources.rows_mustache),
    ("rules", PackageResources.rules_mustache),
    ("exceptions", PackageResources.exceptions_mustache),
    ("run", PackageResources.run_mustache),
  ]

  static let library: MustacheLibrary = {
    // Register it before the templates are parsed, because they name it.
    MustacheContentTypes.register(SafeHTML(), named: SafeHTML.name)
    var library = MustacheLibrary()
    for (name, bytes) in files {
      do {
        try library.register(String(decoding: bytes, as: UTF8.self), named: name)
      } catch {
        preconditionFailure("\(name) is no template: \(error)")
      }
    }
    return library
  }()
}

/// A template's input: names mapped to texts, booleans, objects and lists of objects.
typealias ReportObject = [String: Any]

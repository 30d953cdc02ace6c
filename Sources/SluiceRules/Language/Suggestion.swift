/// Suggestions for misspelled names.
enum Suggestion {
  private static let shownMax = 40

  /// Returns `; did you mean 'X'?`, or an empty text if no name is similar.
  static func text(for name: String, among names: [String]) -> String {
    nearest(to: name, among: names).map { "; did you mean '\($0)'?" } ?? ""
  }

  /// Returns the same, or a list of the names if none is similar: `; the rules are A, B`.
  static func text(for name: String, among names: [String], what: String) -> String {
    if let near = nearest(to: name, among: names) { return "; did you mean '\(near)'?" }
    let more = names.count > shownMax ? " and \(names.count - shownMax) more" : ""
    return "; the \(what) are \(names.prefix(shownMax).joined(separator: ", "))\(more)"
  }

  static func nearest(to name: String, among names: [String]) -> String? {
    let nearest = names.map { (distance(name, $0), $0) }.min { $0.0 < $1.0 }
    guard let (distance, near) = nearest, distance <= (name.count < 4 ? 1 : name.count < 9 ? 2 : 3) else {
      return nil
    }
    return near
  }

  /// Returns the edit distance: letters to add, remove or replace.
  private static func distance(_ a: String, _ b: String) -> Int {
    let (a, b) = (
      Array(a.lowercased().unicodeScalars.prefix(64)), Array(b.lowercased().unicodeScalars.prefix(64))
    )
    var row = Array(0...b.count)
    for i in a.indices {
      var diagonal = row[0]
      row[0] = i + 1
      for j in b.indices {
        let replaced = diagonal + (a[i] == b[j] ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(replaced, diagonal + 1, row[j] + 1)
      }
    }
    return row[b.count]
  }
}

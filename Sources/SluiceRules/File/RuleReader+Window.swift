/// Reading of the window.
extension RuleReader {
  private static let windowsPerEventMax: Int64 = 10_000

  mutating func window(_ key: String) -> Window? {
    guard let node = entry[key] else { return nil }
    if node.text == "whole" { return .whole }
    guard let pairs = node.mapping else {
      report(
        node.location, "'whole', {length: 15m, slide: 5m} or {keep_alive: 1h, maximum: 24h} should be here")
      return nil
    }
    demandKnownKeys(pairs, Self.windowKeys)
    func value(_ name: String) -> YAMLNode? { pairs.first { $0.key.name == name }?.value }
    if let length = value("length") {
      for other in ["keep_alive", "maximum"] where value(other) != nil {
        report(node.location, "a window has either a length, or is a session with a maximum")
        return nil
      }
      guard let milliseconds = duration(length),
        let slide = value("slide").map({ duration($0) }) ?? milliseconds
      else { return nil }
      if slide > milliseconds, let node = value("slide") {
        warn(node, "the slide is longer than the window, so that events between two windows are in none")
      }
      if milliseconds / slide > Self.windowsPerEventMax {
        report(node.location, "an event would lie in more than \(Self.windowsPerEventMax) windows")
        return nil
      }
      return .hopping(length: milliseconds, slide: slide)
    }
    guard let maximum = value("maximum") else {
      report(node.location, "a window has a 'length', or a 'maximum' if it is a session")
      return nil
    }
    if value("slide") != nil { report(node.location, "a session has no slide") }
    guard let milliseconds = duration(maximum),
      let keepAlive = value("keep_alive").map({ duration($0) }) ?? milliseconds
    else { return nil }
    return .session(keepAlive: keepAlive, maximum: milliseconds)
  }

  mutating func duration(_ node: YAMLNode) -> Int64? {
    guard let milliseconds = node.text.flatMap(DurationText.milliseconds) else {
      let longest = DurationText.text(DurationText.millisecondsMax)
      report(node.location, "a length of time should be here, such as 15m or 1h30m, from 1ms to \(longest)")
      return nil
    }
    return milliseconds
  }
}

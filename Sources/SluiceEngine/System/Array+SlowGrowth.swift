extension Array {
  /// Appends, and if there is no room makes it for a fifth more, not for twice as many: for what is held until the end of a scan.
  mutating func appendGrowingSlowly(_ element: Element) {
    if count == capacity { reserveCapacity(count + count / 5 + 8) }
    append(element)
  }
}

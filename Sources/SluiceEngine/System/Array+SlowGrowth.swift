extension Array {
  /// Appends an element. If there is no room, makes room for a fifth more elements, not for twice as many. Use it for
  /// arrays that live until the end of a scan.
  mutating func appendGrowingSlowly(_ element: Element) {
    if count == capacity { reserveCapacity(count + count / 5 + 8) }
    append(element)
  }
}

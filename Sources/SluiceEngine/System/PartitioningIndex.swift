extension RandomAccessCollection where Index == Int {
  /// Returns the index of the first element that satisfies a predicate, by binary search; the end if there is none. -
  /// Precondition: all elements after it satisfy the predicate too.
  func partitioningIndex(where holds: (Element) -> Bool) -> Int {
    var low = startIndex
    var high = endIndex
    while low < high {
      let middle = low + (high - low) / 2
      if holds(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

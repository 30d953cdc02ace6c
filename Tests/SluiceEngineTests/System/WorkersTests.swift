import SluiceSystem
import Synchronization
import Testing

/// Work on several threads, and its results in order.
@Suite struct WorkersTests {
  private struct Failed: Error, Equatable { var index: Int }

  /// One thread, several, and more than there is work.
  private static let threadCounts = [1, 2, 3, 8, 50]

  @Test(arguments: threadCounts) func valuesComeInOrderOfIndex(threads: Int) {
    for count in [0, 1, 2, 7, 40] {
      #expect(parallelMap(count: count, threads: threads) { $0 * $0 } == (0..<count).map { $0 * $0 })
    }
  }

  @Test(arguments: threadCounts) func everyIndexIsTransformedOnce(threads: Int) {
    let calls = Monitor([Int]())
    _ = parallelMap(count: 40, threads: threads) { index in calls.withLock { $0.append(index) } }
    #expect(calls.withLock { $0 }.sorted() == Array(0..<40))
  }

  /// Which index fails first depends on the threads, and the error does not.
  @Test(arguments: threadCounts) func theLowestIndexThatFailsGivesTheError(threads: Int) {
    for lowest in [0, 5, 39] {
      #expect(throws: Failed(index: lowest)) {
        try parallelMap(count: 40, threads: threads) { (index) throws(Failed) in
          if index >= lowest { throw Failed(index: index) }
        }
      }
    }
  }

  @Test func nothingIsClaimedAfterAnError() {
    let calls = Atomic(0)
    _ = try? parallelMap(count: 40, threads: 1) { (index) throws(Failed) in
      calls.add(1, ordering: .relaxed)
      if index == 3 { throw Failed(index: index) }
    }
    #expect(calls.load(ordering: .relaxed) == 4)
  }

  /// A thread meets its indices in ascending order, and no other thread's.
  @Test(arguments: threadCounts) func eachThreadHasItsOwnState(threads: Int) {
    let made = Atomic(0)
    let seen = parallelMap(
      count: 40, threads: threads,
      state: { (number: made.add(1, ordering: .relaxed).oldValue, seen: [Int]()) }
    ) { state, index in
      state.seen.append(index)
      return state
    }
    #expect((1...min(threads, 40)).contains(made.load(ordering: .relaxed)))
    let last = Dictionary(seen.map { ($0.number, $0.seen) }, uniquingKeysWith: { _, last in last })
    #expect(last.values.joined().sorted() == Array(0..<40))
    #expect(last.values.allSatisfy { $0 == $0.sorted() })
  }

  @Test func withoutWorkNoStateIsMade() {
    let made = Atomic(0)
    let values = parallelMap(
      count: 0, threads: 4, state: { made.add(1, ordering: .relaxed).newValue }, { state, _ in state })
    #expect(values.isEmpty)
    #expect(made.load(ordering: .relaxed) == 0)
  }

  /// The threads run at once: each waits for the others.
  @Test func everyWorkerReturnsAResult() {
    let arrived = Monitor(0)
    let numbers = runWorkers(4) {
      let number = arrived.withLock { count in
        count += 1
        return count
      }
      arrived.broadcast()
      arrived.wait { $0 == 4 }
      return number
    }
    #expect(numbers.sorted() == [1, 2, 3, 4])
  }

  @Test(arguments: [1, 3]) func anErrorIsThrownAfterAllWorkersHaveEnded(count: Int) {
    let ended = Atomic(0)
    #expect(throws: Failed(index: 7)) {
      try runWorkers(count) { () throws(Failed) in
        if ended.add(1, ordering: .relaxed).newValue == 1 { throw Failed(index: 7) }
      }
    }
    #expect(ended.load(ordering: .relaxed) == count)
  }
}

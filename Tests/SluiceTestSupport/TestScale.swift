import Foundation

/// How many inputs the tests try.
///
/// Optimised tests try all inputs. In a debug build each input takes five to ten times as long, so tests try only a
/// part of them, and `swift test` ends within minutes. `SLUICE_TEST_SCALE` is `full` or `small` to choose otherwise.
public enum TestScale {
  public static let isFull: Bool = {
    switch ProcessInfo.processInfo.environment["SLUICE_TEST_SCALE"] {
    case "full": return true
    case "small": return false
    case let other?: fatalError("SLUICE_TEST_SCALE is full or small, not \(other)")
    case nil:
      #if DEBUG
        return false
      #else
        return true
      #endif
    }
  }()

  /// A small run tries one input of so many. The number is prime, so that its multiples meet every bit of a byte.
  public static let step = 19

  /// The number of inputs for which each of ``some(_:every:)`` stands. Multiply what is found by it to compare it with
  /// a bound for all inputs.
  public static let weight = isFull ? 1 : step

  /// Returns a number of inputs, or a part of it, but not less than the given minimum.
  public static func count(_ full: Int, atLeast minimum: Int = 1) -> Int {
    isFull ? full : min(full, max(minimum, full / step))
  }

  /// Returns the seeds from 1 on, as many as ``count(_:atLeast:)`` says.
  public static func seeds(_ full: Int, atLeast minimum: Int = 1) -> ClosedRange<UInt64> {
    1...UInt64(count(full, atLeast: minimum))
  }

  /// Returns all inputs, or the first, the last, and between them one of every `step`.
  public static func some<Inputs: Collection>(_ all: Inputs, every step: Int = step) -> [Inputs.Element] {
    guard !isFull else { return Array(all) }
    let last = all.count - 1
    return all.enumerated().filter { $0.offset % step == 0 || $0.offset == last }.map(\.element)
  }
}

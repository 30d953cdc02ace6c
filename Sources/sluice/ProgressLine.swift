import Dispatch
import Glibc
import SluiceEngine
import SluiceSystem
import Synchronization

/// Draws a scan's progress on the last line of a terminal, ten times a second at most, and erases it at the end.
final class ProgressLine: @unchecked Sendable {  // The timer is made and ended by one thread.
  let progress = ScanProgress()
  private let queue = DispatchQueue(label: "progress")
  private let timer: any DispatchSourceTimer
  private let state = Monitor((stage: ScanProgress.Stage.scan, start: ContinuousClock().now))

  private static let interval = DispatchTimeInterval.milliseconds(100)
  /// Back to the line's beginning, and erases what stands there.
  private static let erase = "\r\u{1B}[K"

  /// Draws once, so that every run shows something, and goes on doing so.
  init() {
    timer = DispatchSource.makeTimerSource(queue: queue)
    timer.setEventHandler { [self] in draw() }
    timer.schedule(deadline: .now() + Self.interval, repeating: Self.interval, leeway: .milliseconds(20))
    draw()
    timer.activate()
  }

  /// Ends, and leaves the line empty.
  func end() {
    timer.cancel()
    // What is being drawn is drawn before.
    queue.sync { write(Self.erase) }
  }

  private func draw() {
    let counts = progress.counts
    let seconds = state.withLock { state in
      if state.stage != counts.stage { state = (counts.stage, ContinuousClock().now) }
      return (ContinuousClock().now - state.start) / .seconds(1)
    }
    write(Self.erase + ProgressText.line(counts, seconds: seconds, width: Terminal.width(STDERR_FILENO)))
  }

  private func write(_ text: String) { try? writeAll(STDERR_FILENO, Array(text.utf8)[...]) }
}

import Dispatch
import Glibc
import SluiceEngine
import SluiceReport
import SluiceSystem
import Synchronization

/// Draws a scan's progress on the last line of a terminal, at most ten times per second, and erases it at the end.
final class ProgressLine: @unchecked Sendable {  // One thread creates and ends the timer.
  let progress = ScanProgress()
  private let queue = DispatchQueue(label: "progress")
  private let timer: any DispatchSourceTimer
  private let state = Monitor((stage: ScanProgress.Stage.scan, start: ContinuousClock().now))

  private static let interval = DispatchTimeInterval.milliseconds(100)
  /// Returns to the start of the line and erases it.
  private static let erase = "\r\u{1B}[K"

  /// Draws once, so that every run shows something, and then repeatedly.
  init() {
    timer = DispatchSource.makeTimerSource(queue: queue)
    timer.setEventHandler { [self] in draw() }
    timer.schedule(deadline: .now() + Self.interval, repeating: Self.interval, leeway: .milliseconds(20))
    draw()
    timer.activate()
  }

  /// Stops drawing and leaves the line empty.
  func end() {
    timer.cancel()
    // The queue first finishes a drawing in progress.
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

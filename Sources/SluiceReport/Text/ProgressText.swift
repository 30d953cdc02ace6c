import SluiceEngine
import SluiceRecords

/// One line for a waiting person: the amount read, the speed and the remaining time.
///
/// It does not mention detections, because none is certain before the end.
package enum ProgressText {
  /// - Parameters:
  ///   - seconds: the time since the stage began.
  ///   - width: the columns of the terminal; nil if unknown.
  package static func line(_ counts: ScanProgress.Counts, seconds: Double, width: Int?) -> String {
    var parts = [counts.stage == .scan ? "scan" : "triage", amount(counts)]
    if seconds >= 1, counts.bytesRead > 0 {
      let rate = Double(counts.bytesRead) / seconds
      parts.append("\(NumberFormat.bytes(Int(rate)))/s")
      if counts.stage == .scan { parts.append("\(count(Double(counts.events) / seconds)) events/s") }
      if let total = counts.bytesTotal, total >= counts.bytesRead {
        parts.append("\(clock(Double(total - counts.bytesRead) / rate)) left")
      }
    }
    // Drop whole parts only. Leave the last column free, because some terminals wrap after it.
    while parts.count > 1, let width, parts.joined(separator: ", ").count >= width { parts.removeLast() }
    return parts.joined(separator: ", ")
  }

  private static func amount(_ counts: ScanProgress.Counts) -> String {
    guard let total = counts.bytesTotal else { return NumberFormat.bytes(counts.bytesRead) }
    let percent = total == 0 ? 100 : min(100, counts.bytesRead * 100 / total)
    return "\(percent) % of \(NumberFormat.bytes(total))"
  }

  /// Formats `850`, `12.5 k`, `3.4 M`.
  private static func count(_ number: Double) -> String {
    if number < 1000 { return NumberFormat.fixed(number, 0) }
    return number < 1e6
      ? "\(NumberFormat.fixed(number / 1e3, 1)) k" : "\(NumberFormat.fixed(number / 1e6, 1)) M"
  }

  /// Formats `0:05`, `12:00`, `3:00:00`.
  private static func clock(_ seconds: Double) -> String {
    let whole = Int(min(seconds.rounded(.up), 1e9))
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let (hours, minutes) = (whole / 3600, whole / 60 % 60)
    return hours > 0 ? "\(hours):\(two(minutes)):\(two(whole % 60))" : "\(minutes):\(two(whole % 60))"
  }
}

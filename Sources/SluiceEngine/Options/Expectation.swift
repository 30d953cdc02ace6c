import Glibc
import SluiceRecords
import SluiceRules

/// Minimum that a run must have read for its result to be complete.
public struct Expectation: Sendable {
  /// Minimum number of records. It is 0 for a part of an archive, which may hold none. A whole archive without records
  /// counts as not examined.
  var recordCountMin = 1
  public var fileCountMin = 0
  /// Maximum age of the newest event; nil for any age.
  public var newestAgeMaxMilliseconds: Int64?
  /// Returns the present time.
  var now: @Sendable () -> EventTime = {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return EventTime(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
  }

  public init() {}

  /// Returns the expectations that were not met.
  ///
  /// - Parameters:
  ///   - fileCount: files that were read. Empty files do not count.
  ///   - hours: hours in which an event was seen. Times are known only by the hour. An event counts as if it were at
  ///     the end of its hour, so its age is never overstated. Events after the present hour are ignored, because they
  ///     say nothing about the archive's age.
  ///   - asked: whether `--from` or `--to` was given.
  func shortfalls(
    fileCount: Int, emptyFileCount: Int, recordCount: Int, hours: CoveredHours, asksForTime asked: Bool
  ) -> [Shortfall] {
    var shortfalls: [Shortfall] = []
    if recordCount < recordCountMin {
      shortfalls.append(Shortfall(reason: .noRecords, message: "no record was read"))
    } else if asked, recordCountMin > 0, hours.hours.isEmpty, !hours.areTooMany {
      shortfalls.append(
        Shortfall(reason: .noEvents, message: "no event was seen in the time given by --from and --to"))
    }
    if fileCount - emptyFileCount < fileCountMin {
      let rest = emptyFileCount > 0 ? " that are not empty" : ""
      shortfalls.append(
        Shortfall(
          reason: .minFiles,
          message:
            """
            \(NumberFormat.count(fileCount, "file")) read\
            \(emptyFileCount > 0 ? ", \(emptyFileCount) of them empty" : ""), \
            where --min-files expects \(fileCountMin)\(rest)
            """
        ))
    }
    if let newestAgeMaxMilliseconds {
      let message = newestShortfall(ageMax: newestAgeMaxMilliseconds, hours)
      if let message { shortfalls.append(Shortfall(reason: .newest, message: message)) }
    }
    return shortfalls
  }

  private func newestShortfall(ageMax: Int64, _ hours: CoveredHours) -> String? {
    if hours.areTooMany {
      return "how old the newest event is cannot be told: the events lie in too many different hours"
    }
    let now = now()
    let current = hours.number(of: now)
    guard let newest = hours.hours.filter({ $0 <= current }).max() else {
      return "no event up to the present time (\(now)) was seen, where --newest expects one"
    }
    let end = hours.endOfHour(newest)
    guard now.milliseconds - end.milliseconds > ageMax else { return nil }
    return """
      the newest event seen is from before \(end), which is more than \(DurationText.text(ageMax)) before the present time \
      (\(now))
      """
  }
}

/// An expectation of the whole run that was not met. No single file is to blame.
public struct Shortfall: Equatable, Sendable {
  public var reason: Reason
  public var message: String
}

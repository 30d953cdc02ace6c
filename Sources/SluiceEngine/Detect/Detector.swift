import SluiceRecords
import SluiceRules

/// Evaluates rules over one shard's observations, key by key.
///
/// It does not depend on files or bytes: observations in order of time go in, detections come out.
struct Detector {
  struct Options: Sendable {
    var rules: [Rule]
    var exceptions: [RuleException] = []
    /// Whether the windows of the published queries are used instead of those of their schedules.
    var usesTextWindows: Bool
    var from: EventTime?
    var to: EventTime?
    /// Paths of files by number; nil if detections do not list the locations of their events.
    var files: [LogText]?
  }

  private let options: Options
  private let floors: [Int]
  private let key: HashKey

  init(options: Options, key: HashKey) {
    self.options = options
    self.floors = options.rules.map(\.eventFloor)
    self.key = key
  }

  /// Detections of one shard. Their union does not depend on how observations are sharded.
  struct ShardDetections: Sendable {
    var detections: [Detection] = []
    /// Number of detections that each exception would cover if it had not expired.
    var expired: [Int]
  }

  func detections(in shard: MergedShard) -> ShardDetections {
    var found = ShardDetections(expired: Array(repeating: 0, count: options.exceptions.count))
    forEachKey(in: shard) { index, contents in
      var detections: [Detection] = []
      forEachWindow(of: index, &contents) { contents, end in
        guard contents.fires else { return }
        var detection = contents.detection(windowEnd: end, files: options.files)
        let verdict = options.exceptions.verdict(on: contents.exceptionSubject)
        detection.suppressed = verdict.suppressing.map { options.exceptions[$0].suppression }
        for exception in verdict.expired { found.expired[exception] += 1 }
        detections.append(detection)
      }
      // Each session is its own episode. Other windows form an episode where they overlap or touch.
      if !window(of: index).isSession { Detection.joinEpisodes(&detections) }
      found.detections += detections
    }
    return found
  }

  /// Counts how often the only active rule would have fired, for each value of a threshold.
  func tally(in shard: MergedShard, of term: ThresholdTerm, _ values: [Double]) -> ThresholdTally {
    var tally = ThresholdTally(term, values, joinsEpisodes: !window(of: 0).isSession)
    forEachKey(in: shard) { index, contents in
      tally.beginKey()
      forEachWindow(of: index, &contents) { contents, end in
        tally.take(contents, windowEnd: end) {
          options.exceptions.verdict(on: contents.exceptionSubject).suppressing != nil
        }
      }
    }
    return tally
  }

  // MARK: Keys and windows

  /// Calls `body` with the contents of each key that may fire, for each rule.
  private func forEachKey(in shard: MergedShard, _ body: (Int, inout WindowContents) -> Void) {
    for (index, rule) in options.rules.enumerated() where rule.clientIP != .none || shard.hasWholeKeys {
      let groups = rule.groups.map { FieldNumbers($0.by, in: shard, key: key) }
      let keys = rule.restOfKey.isEmpty ? nil : FieldNumbers(rule.fieldsOfKey, in: shard, key: key)
      for group in shard.groups where group.mayFire && group.isByKey == (rule.clientIP == .none) {
        let rows = shard.rows(of: group, thatPassed: index)
        guard rows.count >= floors[index] else { continue }
        for (restOfKey, rows) in shard.partition(rows, by: rule, keys) where rows.count >= floors[index] {
          var contents = WindowContents(
            rule: rule, shard: shard, clientIP: group.address, restOfKey: restOfKey, rows: rows,
            groupNumbers: groups)
          body(index, &contents)
        }
      }
    }
  }

  private func window(of rule: Int) -> Window {
    options.usesTextWindows ? options.rules[rule].windowOfText : options.rules[rule].window
  }

  /// Selects the windows of a key that may fire, one after the other. `body` is also given the end of each.
  private func forEachWindow(
    of rule: Int, _ contents: inout WindowContents, _ body: (WindowContents, EventTime) -> Void
  ) {
    window(of: rule).cut(
      contents.rows.map(\.time), floor: floors[rule], range: (options.from, options.to)
    ) { rows, start, end in
      contents.select(rows, windowStart: start)
      body(contents, end)
    }
  }
}

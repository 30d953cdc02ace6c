import SluiceRecords

/// Evaluates rules over one shard's observations, key by key.
///
/// Knows nothing of files or bytes: observations in order of time go in, detections come out.
struct Detector {
  struct Options: Sendable {
    var rules: [Rule]
    var exceptions: [RuleException] = []
    /// Windows of the published queries' texts instead of those of their schedules.
    var usesTextWindows: Bool
    var from: EventTime?
    var to: EventTime?
    /// Paths of files by number, if detections are to say where their events lie.
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

  /// What a shard gave. That of all shards together is the same, however they are made.
  struct ShardDetections: Sendable {
    var detections: [Detection] = []
    /// By exception: detections that it would cover, had it not expired.
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
      // Sessions are their own episodes; other windows go on where they overlap or touch.
      if !window(of: index).isSession { Detection.joinEpisodes(&detections) }
      found.detections += detections
    }
    return found
  }

  /// How often the one rule in force would have fired for each value of a threshold.
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

  /// The contents of each key that may fire, of each rule.
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

  /// Selects one window of a key after the other, of those that may fire; `body` is given each one's end.
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

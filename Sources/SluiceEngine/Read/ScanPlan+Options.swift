extension ScanPlan {
  init(_ options: ScanOptions) {
    self.init(
      rules: options.rules, from: options.from, to: options.to, isStrict: options.isStrict,
      limits: options.limits, tuning: options.tuning)
  }

  /// Creates a plan for partials. It has no time range, and a fixed hash seed makes all processes agree on shards.
  init(forPartialsOf options: ScanOptions, _ placement: RowPlacement = .byKey) {
    self.init(
      rules: options.rules, from: nil, to: nil, isStrict: options.isStrict, limits: options.limits,
      tuning: options.tuning)
    shardKey = HashKey(seed: 0)
    self.placement = placement
  }
}

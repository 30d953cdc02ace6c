import SluiceEngine

var options = ScanOptions(paths: Array(CommandLine.arguments.dropFirst()))
options.threads = 2
let result = try Scan(options).run()
for detection in result.shown {
  let address = detection.clientIP.map { "\($0)" } ?? "no address"
  print(detection.windowStart, detection.rule.id, address, detection.eventCount)
}
for problem in result.stats.problems {
  print("not read: \(problem.file): \(problem.message)")
}

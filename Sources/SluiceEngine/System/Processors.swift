import CKernels

/// Returns the number of processors that this process may use: its affinity and its control groups' quota, at least
/// 1.
package func availableProcessors() -> Int {
  var count = Int(sluice_affinity_processors())
  if let quota = ControlGroup().processorsMax { count = min(count, max(1, Int(quota.rounded(.up)))) }
  return max(1, count)
}

/// The limits of this process's control group (cgroup) and of all groups around it. The lowest counts for each
/// resource.
///
/// Versions 1 and 2 are read, where distributions mount them. In a container, `/proc/self/cgroup` may name a group of
/// the host, which does not exist below the mount. Groups without a file are therefore skipped, and the mount's own
/// group always counts.
struct ControlGroup {
  /// Prefix of all paths. Tests put their own files there.
  var root = ""

  /// The limit of memory; nil without one.
  var memoryBytesMax: Int? {
    folders(of: "memory").flatMap { folder in
      ["memory.max", "memory.limit_in_bytes"].compactMap { firstLine("\(folder)/\($0)").flatMap { Int($0) } }
    }.min()
  }

  /// The limit of processor seconds per second; nil without one.
  var processorsMax: Double? {
    folders(of: "cpu").compactMap { folder in
      let versionTwo = firstLine("\(folder)/cpu.max")?.split(separator: " ").map { Double($0) }
      let versionOne = ["quota", "period"].map {
        firstLine("\(folder)/cpu.cfs_\($0)_us").flatMap(Double.init)
      }
      let numbers = versionTwo ?? versionOne
      // No limit is -1 in version 1, and `max` in version 2.
      guard numbers.count == 2, let quota = numbers[0], let period = numbers[1], quota > 0, period > 0 else {
        return nil
      }
      return quota / period
    }.min()
  }

  /// Returns the folders of all groups of this process that may contain a controller's limits.
  private func folders(of controller: String) -> [String] {
    // A line is `4:cpu,cpuacct:/group`, or `0::/group` in version 2.
    let memberships = smallFile("\(root)/proc/self/cgroup", bytesMax: 1 << 16)?.split(separator: "\n") ?? []
    // The mounts' own groups count even if that file cannot be read.
    let all = ["0::/", "0:\(controller):/"] + memberships
    return all.flatMap { line -> [String] in
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3 else { return [] }
      let names = parts[1].split(separator: ",")
      guard names.isEmpty || names.contains(Substring(controller)) else { return [] }
      let mounts = names.isEmpty ? ["", "/unified"] : ["/\(controller)", "/\(parts[1])"]
      // A namespace shows groups outside it as `..`.
      let groups = parts[2].split(separator: "/").filter { $0 != ".." }
      return mounts.flatMap { mount in
        (0...groups.count).map { depth in
          ([Substring("\(root)/sys/fs/cgroup\(mount)")] + groups[..<depth]).joined(separator: "/")
        }
      }
    }
  }

  private func firstLine(_ path: String) -> String? {
    smallFile(path, bytesMax: 256)?.split(separator: "\n").first.map(String.init)
  }
}

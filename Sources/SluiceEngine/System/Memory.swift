import Glibc

/// Half of the memory that this process may have: of its cgroup's limit (version 2, else 1), or of the machine's.
public func defaultMemoryBytes() -> Int {
  let machine = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
  let limits = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"].compactMap {
    path in
    smallFile(path, bytesMax: 256)?.split(separator: "\n").first.flatMap { Int($0) }
  }
  return limits.reduce(machine, min) / 2
}

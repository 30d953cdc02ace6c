import Glibc

/// Half of the memory that this process may have: of its control groups' least limit, or of the machine's
/// memory.
public func defaultMemoryBytes() -> Int {
  let machine = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
  return min(machine, ControlGroup().memoryBytesMax ?? machine) / 2
}

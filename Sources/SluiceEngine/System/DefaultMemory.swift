import Glibc

/// Returns half of the memory that this process may have. That is the smaller of its control groups' lowest limit and
/// the machine's memory.
package func defaultMemoryBytes() -> Int {
  let machine = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
  return min(machine, ControlGroup().memoryBytesMax ?? machine) / 2
}

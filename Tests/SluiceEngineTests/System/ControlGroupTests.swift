import SluiceTestSupport
import Testing

@testable import SluiceEngine

/// Limits of systemd units, Slurm jobs and containers, in files like Linux's.
@Suite struct ControlGroupTests {
  private let folder = TemporaryFolder()

  private func write(_ path: String, _ text: String) { folder.write(path, Array(text.utf8)) }

  private var group: ControlGroup { ControlGroup(root: folder.path) }

  /// `systemd-run -p CPUQuota=150% -p MemoryMax=2G`.
  @Test func aUnitsOwnLimitsCount() {
    write("proc/self/cgroup", "0::/system.slice/run-r1.service\n")
    write("sys/fs/cgroup/system.slice/run-r1.service/cpu.max", "150000 100000\n")
    write("sys/fs/cgroup/system.slice/run-r1.service/memory.max", "2147483648\n")
    write("sys/fs/cgroup/system.slice/cpu.max", "max 100000\n")
    write("sys/fs/cgroup/system.slice/memory.max", "max\n")
    #expect(group.processorsMax == 1.5)
    #expect(group.memoryBytesMax == 2_147_483_648)
  }

  @Test func theLeastLimitOfAllGroupsAroundCounts() {
    write("proc/self/cgroup", "0::/a/b/c\n")
    for (path, processors, bytes) in [("a/b/c", 8, 9000), ("a/b", 2, 7000), ("a", 4, 5000)] {
      write("sys/fs/cgroup/\(path)/cpu.max", "\(processors)00000 100000\n")
      write("sys/fs/cgroup/\(path)/memory.max", "\(bytes)\n")
    }
    #expect(group.processorsMax == 2)
    #expect(group.memoryBytesMax == 5000)
  }

  /// Slurm's groups; `cpu` is mounted with `cpuacct`, and -1 is no limit.
  @Test func versionOneIsRead() {
    write(
      "proc/self/cgroup",
      "5:memory:/slurm/uid_1/job_2/step_0\n4:cpu,cpuacct:/slurm/uid_1/job_2\n1:name=systemd:/x\n0::/\n")
    write("sys/fs/cgroup/memory/slurm/uid_1/job_2/memory.limit_in_bytes", "4294967296\n")
    write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n")
    write("sys/fs/cgroup/cpu,cpuacct/slurm/uid_1/job_2/cpu.cfs_quota_us", "300000\n")
    write("sys/fs/cgroup/cpu,cpuacct/slurm/uid_1/job_2/cpu.cfs_period_us", "100000\n")
    write("sys/fs/cgroup/cpu,cpuacct/slurm/cpu.cfs_quota_us", "-1\n")
    write("sys/fs/cgroup/cpu,cpuacct/slurm/cpu.cfs_period_us", "100000\n")
    #expect(group.memoryBytesMax == 4_294_967_296)
    #expect(group.processorsMax == 3)
  }

  /// Without a namespace, the path is the host's, and the mount is the container's own group.
  @Test func aContainersMountCounts() {
    write("proc/self/cgroup", "7:memory:/docker/0123\n0::/../docker/0123\n")
    write("sys/fs/cgroup/memory/memory.limit_in_bytes", "1000\n")
    write("sys/fs/cgroup/cpu.max", "50000 100000\n")
    #expect(group.memoryBytesMax == 1000)
    #expect(group.processorsMax == 0.5)
  }

  @Test func withoutLimitsThereIsNone() {
    #expect(group.memoryBytesMax == nil)
    #expect(group.processorsMax == nil)
    write("proc/self/cgroup", "0::/a\nnonsense\n3:cpu\n")
    write("sys/fs/cgroup/a/memory.max", "max\n")
    write("sys/fs/cgroup/a/cpu.max", "max 100000\n")
    #expect(group.memoryBytesMax == nil)
    #expect(group.processorsMax == nil)
  }

  /// A controller whose name only contains the other's is ignored.
  @Test func otherControllersDoNotCount() {
    write("proc/self/cgroup", "3:cpuset:/jobs\n")
    write("sys/fs/cgroup/cpu/jobs/cpu.cfs_quota_us", "100000\n")
    write("sys/fs/cgroup/cpu/jobs/cpu.cfs_period_us", "100000\n")
    #expect(group.processorsMax == nil)
  }
}

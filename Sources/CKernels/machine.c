#define _GNU_SOURCE
#include <sched.h>

#include "include/kernels.h"

int sluice_affinity_processors(void) {
  // The default set has room for 1,024 processors. The call fails if the kernel has more, and is repeated with more
  // room.
  for (int processors = 1024; processors <= 1 << 20; processors *= 4) {
    cpu_set_t *set = CPU_ALLOC(processors);
    if (!set) return 0;
    size_t size = CPU_ALLOC_SIZE(processors);
    int status = sched_getaffinity(0, size, set);
    int count = status == 0 ? CPU_COUNT_S(size, set) : 0;
    CPU_FREE(set);
    if (status == 0) return count;
  }
  return 0;
}

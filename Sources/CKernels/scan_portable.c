// The scan for any machine. It compares the eight bytes of a word at once.
#include "prefilter.h"
#include "words.h"

#define SCAN_NAME sluice_scan_portable
#define SCAN_ATTRIBUTES
#define SCAN_COUNT pair_count
#define SCAN_CONSTANTS (void)is_exact;
static inline uint64_t pairs_of_word(uint64_t here, uint64_t next, uint8_t first, uint8_t second, uint8_t mask) {
  return sluice_zero_bytes(here ^ SLUICE_REPEAT(first)) &
         sluice_zero_bytes((next & SLUICE_REPEAT(mask)) ^ SLUICE_REPEAT(second));
}

#define SCAN_MASKS(p)                                                                     \
  newlines = hits = 0;                                                                    \
  for (uint32_t word = 0; word < 64; word += 8) {                                         \
    uint64_t here = sluice_load((p) + word), next = sluice_load((p) + word + 1), any = 0; \
    for (uint32_t i = 0; i < looks; i++) {                                                \
      any |= pairs_of_word(here, next, f->first[i], f->second[i], f->second_mask[i]);     \
    }                                                                                     \
    newlines |= sluice_gather(sluice_zero_bytes(here ^ SLUICE_REPEAT('\n'))) << word;     \
    hits |= sluice_gather(any) << word;                                                   \
  }
#include "scan_kernel.inc"

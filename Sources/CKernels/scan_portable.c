// Eight bytes in a word, for machines of which nothing is known.
#include "prefilter.h"

// The high bit of every byte of the result is set where that byte of w is zero, and nowhere else.
static inline uint64_t zero_bytes(uint64_t w) {
  const uint64_t low = 0x7F7F7F7F7F7F7F7Full;
  return ~(((w & low) + low) | w | low);
}

// Gathers the high bits of eight bytes into the low eight bits, in order of address.
static inline uint64_t gather(uint64_t high_bits) { return ((high_bits >> 7) * 0x0102040810204080ull) >> 56; }

static inline uint64_t load(const uint8_t *p) {
  uint64_t w;
  memcpy(&w, p, sizeof w);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  w = __builtin_bswap64(w);
#endif
  return w;
}

#define REPEAT(byte) (0x0101010101010101ull * (byte))
#define SCAN_NAME sluice_scan_portable
#define SCAN_ATTRIBUTES
#define SCAN_COUNT pair_count
#define SCAN_CONSTANTS
#define SCAN_MASKS(p)                                                                           \
  newlines = hits = 0;                                                                          \
  for (uint32_t word = 0; word < 64; word += 8) {                                               \
    uint64_t here = load((p) + word), next = load((p) + word + 1), any = 0;                     \
    for (uint32_t i = 0; i < looks; i++) {                                                 \
      any |= zero_bytes(here ^ REPEAT(f->first[i])) & zero_bytes(next ^ REPEAT(f->second[i]));  \
    }                                                                                           \
    newlines |= gather(zero_bytes(here ^ REPEAT('\n'))) << word;                                \
    hits |= gather(any) << word;                                                                \
  }
#include "scan_kernel.inc"

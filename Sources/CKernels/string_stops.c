// Finds the bytes at which JSON strings need attention: quotes, backslashes, control characters and non-ASCII bytes.
#include <stdint.h>

#include "include/kernels.h"
#include "words.h"

static inline uint64_t stops_of_word(uint64_t w) {
  const uint64_t high = SLUICE_REPEAT(0x80);
  // Control characters, below 0x20, are the bytes whose upper three bits are zero.
  uint64_t stops = sluice_zero_bytes(w ^ SLUICE_REPEAT('"')) | sluice_zero_bytes(w ^ SLUICE_REPEAT('\\')) |
                   sluice_zero_bytes(w & SLUICE_REPEAT(0xE0)) | (w & high);
  return sluice_gather(stops);
}

static inline uint64_t stops_of_words(const uint8_t *p) {
  uint64_t mask = 0;
  for (uint32_t i = 0; i < 64; i += 8) mask |= stops_of_word(sluice_load(p + i)) << i;
  return mask;
}

#define STOPS_NAME sluice_string_stops_portable
#define STOPS_ATTRIBUTES
#define STOPS_CONSTANTS
#define STOPS_MASK(p) stops_of_words(p)
#include "string_stops.inc"

#if defined(__x86_64__)
#include <immintrin.h>

#define STOPS_NAME sluice_string_stops_avx2
#define STOPS_ATTRIBUTES __attribute__((target("avx2,bmi")))
#define STOPS_CONSTANTS \
  const __m256i quote = _mm256_set1_epi8('"'), slash = _mm256_set1_epi8('\\'), space = _mm256_set1_epi8(0x20);
// The comparison is signed. Control characters are less than a space, and so are bytes from 0x80 on, which are
// negative.
#define STOPS_OF(v)                                         \
  (uint64_t)(uint32_t)_mm256_movemask_epi8(_mm256_or_si256( \
      _mm256_or_si256(_mm256_cmpeq_epi8(v, quote), _mm256_cmpeq_epi8(v, slash)), _mm256_cmpgt_epi8(space, v)))
#define STOPS_MASK(p) \
  (STOPS_OF(_mm256_loadu_si256((const __m256i *)(p))) | STOPS_OF(_mm256_loadu_si256((const __m256i *)((p) + 32))) << 32)
#include "string_stops.inc"
#else
// Never called, because sluice_has_avx2 returns 0.
void sluice_string_stops_avx2(const uint8_t *data, size_t count, uint8_t *stops) {
  sluice_string_stops_portable(data, count, stops);
}
#endif

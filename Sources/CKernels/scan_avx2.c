#include "prefilter.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define SCAN_NAME sluice_scan_avx2
#define SCAN_ATTRIBUTES __attribute__((target("avx2,bmi")))
#define SCAN_CONSTANTS                                                                          \
  const __m256i newline = _mm256_set1_epi8('\n');                                               \
  __m256i first[SLUICE_PAIRS_MAX], second[SLUICE_PAIRS_MAX];                                    \
  for (uint32_t i = 0; i < pair_count; i++) {                                                   \
    first[i] = _mm256_set1_epi8((char)f->first[i]);                                             \
    second[i] = _mm256_set1_epi8((char)f->second[i]);                                           \
  }
#define SCAN_MASKS(p)                                                                           \
  newlines = hits = 0;                                                                          \
  for (uint32_t half = 0; half < 64; half += 32) {                                              \
    __m256i here = _mm256_loadu_si256((const __m256i *)((p) + half));                           \
    __m256i next = _mm256_loadu_si256((const __m256i *)((p) + half + 1));                       \
    __m256i any = _mm256_setzero_si256();                                                       \
    for (uint32_t i = 0; i < pair_count; i++) {                                                 \
      any = _mm256_or_si256(                                                                    \
          any, _mm256_and_si256(_mm256_cmpeq_epi8(here, first[i]), _mm256_cmpeq_epi8(next, second[i]))); \
    }                                                                                           \
    newlines |= (uint64_t)(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(here, newline)) << half; \
    hits |= (uint64_t)(uint32_t)_mm256_movemask_epi8(any) << half;                              \
  }
#include "scan_kernel.inc"
#else
// Never called: sluice_has_avx2 says no.
size_t sluice_scan_avx2(
    const sluice_prefilter *f, const uint8_t *data, size_t count, size_t from, size_t line_bytes_max,
    sluice_line *found, size_t found_max, sluice_lines *lines) {
  return sluice_scan_portable(f, data, count, from, line_bytes_max, found, found_max, lines);
}
#endif

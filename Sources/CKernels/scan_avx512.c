#include "prefilter.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define SCAN_NAME sluice_scan_avx512
#define SCAN_ATTRIBUTES __attribute__((target("avx512f,avx512bw,bmi")))
#define SCAN_CONSTANTS                                                                          \
  const __m512i newline = _mm512_set1_epi8('\n');                                               \
  __m512i first[SLUICE_PAIRS_MAX], second[SLUICE_PAIRS_MAX];                                    \
  for (uint32_t i = 0; i < pair_count; i++) {                                                   \
    first[i] = _mm512_set1_epi8((char)f->first[i]);                                             \
    second[i] = _mm512_set1_epi8((char)f->second[i]);                                           \
  }
#define SCAN_MASKS(p)                                                                           \
  __m512i here = _mm512_loadu_si512(p), next = _mm512_loadu_si512((p) + 1);                     \
  newlines = _mm512_cmpeq_epi8_mask(here, newline);                                             \
  hits = 0;                                                                                     \
  for (uint32_t i = 0; i < pair_count; i++) {                                                   \
    hits |= _mm512_mask_cmpeq_epi8_mask(_mm512_cmpeq_epi8_mask(here, first[i]), next, second[i]); \
  }
#include "scan_kernel.inc"
#else
// Never called: sluice_has_avx512 says no.
size_t sluice_scan_avx512(
    const sluice_prefilter *f, const uint8_t *data, size_t count, size_t from, size_t line_bytes_max,
    sluice_line *found, size_t found_max, sluice_lines *lines) {
  return sluice_scan_portable(f, data, count, from, line_bytes_max, found, found_max, lines);
}
#endif

#include "prefilter.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define SCAN_NAME sluice_scan_avx512
#define SCAN_ATTRIBUTES __attribute__((target("avx512f,avx512bw,avx2,bmi")))
#define SCAN_COUNT table_count
// Tables by name, not in an array, which the compiler would keep in memory.
#define TABLE(i)                                                                                   \
  const __m512i table##i = _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)f->tables[i])); \
  const __m512i high##i = _mm512_set1_epi8((char)f->high[i]);
// The index of a byte with another high half has its highest bit set, for which a shuffle gives 0.
#define INDEX(i) (is_exact ? _mm512_adds_epu8(_mm512_xor_si512(next, high##i), _mm512_set1_epi8(0x70)) : next)
#define SCAN_CONSTANTS                            \
  const __m512i newline = _mm512_set1_epi8('\n'); \
  TABLE(0) TABLE(1) TABLE(2) TABLE(3) TABLE(4) TABLE(5) TABLE(6) TABLE(7)
#define LOOK(i) \
  if (looks > i) hits |= _mm512_cmpeq_epi8_mask(here, _mm512_shuffle_epi8(table##i, INDEX(i)));
#define SCAN_MASKS(p)                                                         \
  {                                                                           \
    __m512i here = _mm512_loadu_si512(p), next = _mm512_loadu_si512((p) + 1); \
    newlines = _mm512_cmpeq_epi8_mask(here, newline);                         \
    hits = 0;                                                                 \
    LOOK(0) LOOK(1) LOOK(2) LOOK(3) LOOK(4) LOOK(5) LOOK(6) LOOK(7)           \
  }
// Keeps the least difference of each byte to a newline and to what a table has before its successor. So one test says of 128 bytes
// whether any difference is 0.
#define DIFFER(i) \
  if (looks > i) least = _mm512_min_epu8(least, _mm512_xor_si512(here, _mm512_shuffle_epi8(table##i, INDEX(i))));
#define HALF(p)                                                                     \
  {                                                                                 \
    __m512i here = _mm512_loadu_si512(p), next = _mm512_loadu_si512((p) + 1);       \
    least = _mm512_min_epu8(least, _mm512_xor_si512(here, newline));                \
    DIFFER(0) DIFFER(1) DIFFER(2) DIFFER(3) DIFFER(4) DIFFER(5) DIFFER(6) DIFFER(7) \
  }
#define SCAN_ANY(p)                            \
  ({                                           \
    __m512i least = _mm512_set1_epi8(-1);      \
    HALF(p) HALF((p) + 64);                    \
    _mm512_testn_epi8_mask(least, least) != 0; \
  })
#include "scan_kernel.inc"
#else
// Never called: sluice_has_avx512 says no.
size_t sluice_scan_avx512(
    const sluice_prefilter *f, const uint8_t *data, size_t count, size_t from, size_t line_bytes_max,
    sluice_line *found, size_t found_max, sluice_lines *lines) {
  return sluice_scan_portable(f, data, count, from, line_bytes_max, found, found_max, lines);
}
#endif

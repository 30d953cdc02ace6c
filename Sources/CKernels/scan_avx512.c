#include "prefilter.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define SCAN_NAME sluice_scan_avx512
#define SCAN_ATTRIBUTES __attribute__((target("avx512f,avx512bw,avx2,bmi")))
#define SCAN_COUNT table_count
// Each table is a variable of its own, because the compiler would keep an array in memory instead of registers.
#define TABLE(i)                                                                                   \
  const __m512i table##i = _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)f->tables[i])); \
  const __m512i high##i = _mm512_set1_epi8((char)f->high[i]);
// The low half of each next byte is its index into the table. With `is_exact`, the highest bit of the index is set if
// the byte's high half differs from the table's; the shuffle returns 0 for such an index.
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
// `least` is the minimum of each byte's differences: to a newline, and to each table's entry for the byte after it. One
// test of `least` then finds whether any difference in 128 bytes is 0.
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
// Never called, because sluice_has_avx512 returns 0.
size_t sluice_scan_avx512(
    const sluice_prefilter *f, const uint8_t *data, size_t count, size_t from, size_t line_bytes_max,
    sluice_line *found, size_t found_max, sluice_lines *lines) {
  return sluice_scan_portable(f, data, count, from, line_bytes_max, found, found_max, lines);
}
#endif

#include "prefilter.h"
#include "xxh32.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define SCAN_NAME sluice_scan_avx512
#define SCAN_ATTRIBUTES __attribute__((target("avx512f,avx512bw,avx2,bmi")))
#define SCAN_COUNT table_count
// Tables by name, not in an array, which the compiler would keep in memory.
#define TABLE(i)                                                                                \
  const __m512i table##i = _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)f->tables[i]));
#define SCAN_CONSTANTS                                                                          \
  const __m512i newline = _mm512_set1_epi8('\n');                                               \
  TABLE(0) TABLE(1) TABLE(2) TABLE(3) TABLE(4) TABLE(5) TABLE(6) TABLE(7)                       \
  const __m512i low = _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)sluice_address_low));   \
  const __m512i high = _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)sluice_address_high)); \
  const __m512i half = _mm512_set1_epi8(15), beyond = _mm512_set1_epi8(SLUICE_BEYOND_ADDRESS);  \
  (void)low, (void)high, (void)half, (void)beyond;
#define LOOK(i) \
  if (looks > i) hits |= _mm512_cmpeq_epi8_mask(here, _mm512_shuffle_epi8(table##i, next));
#define SCAN_MASKS(p)                                                                           \
  {                                                                                             \
    __m512i here = _mm512_loadu_si512(p), next = _mm512_loadu_si512((p) + 1);                   \
    newlines = _mm512_cmpeq_epi8_mask(here, newline);                                           \
    hits = 0;                                                                                   \
    LOOK(0) LOOK(1) LOOK(2) LOOK(3) LOOK(4) LOOK(5) LOOK(6) LOOK(7)                             \
    if (addresses) {                                                                            \
      __m512i second = _mm512_loadu_si512((p) + 2), third = _mm512_loadu_si512((p) + 3);        \
      hits &= _mm512_cmplt_epi8_mask(third, beyond) &                                           \
              _mm512_test_epi8_mask(                                                            \
                  _mm512_shuffle_epi8(low, second),                                             \
                  _mm512_shuffle_epi8(high, _mm512_and_si512(_mm512_srli_epi16(second, 4), half))); \
    }                                                                                           \
  }
#define SCAN_LANES __m256i
#define SCAN_STRIPES(l, p) l = sluice_stripes_avx2(l, p, SLUICE_STRIPES)
#include "scan_kernel.inc"
#else
// Never called: sluice_has_avx512 says no.
size_t sluice_scan_avx512(
    const sluice_prefilter *f, const uint8_t *data, size_t count, size_t from, size_t line_bytes_max,
    sluice_line *found, size_t found_max, sluice_lines *lines, sluice_alongside *alongside) {
  return sluice_scan_portable(f, data, count, from, line_bytes_max, found, found_max, lines, alongside);
}
#endif

#include "prefilter.h"
#include "xxh32.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define SCAN_NAME sluice_scan_avx2
#define SCAN_ATTRIBUTES __attribute__((target("avx2,bmi")))
#define SCAN_COUNT table_count
// Tables by name, not in an array, which the compiler would keep in memory.
#define TABLE(i)                                                                                \
  const __m256i table##i =                                                                      \
      _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)f->tables[i]));
#define SCAN_CONSTANTS                                                                          \
  const __m256i newline = _mm256_set1_epi8('\n');                                               \
  TABLE(0) TABLE(1) TABLE(2) TABLE(3) TABLE(4) TABLE(5) TABLE(6) TABLE(7)                       \
  const __m256i low = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)sluice_address_low));   \
  const __m256i high = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)sluice_address_high)); \
  const __m256i half = _mm256_set1_epi8(15), beyond = _mm256_set1_epi8(SLUICE_BEYOND_ADDRESS);  \
  (void)low, (void)high, (void)half, (void)beyond;
// Sets the bytes of `any` before whose successors a table has them.
#define LOOK(i) \
  if (looks > i) any = _mm256_or_si256(any, _mm256_cmpeq_epi8(here, _mm256_shuffle_epi8(table##i, next)));
#define LOOKS(p)                                                                                \
  __m256i here = _mm256_loadu_si256((const __m256i *)(p));                                      \
  __m256i next = _mm256_loadu_si256((const __m256i *)((p) + 1));                                \
  __m256i any = _mm256_setzero_si256();                                                         \
  LOOK(0) LOOK(1) LOOK(2) LOOK(3) LOOK(4) LOOK(5) LOOK(6) LOOK(7)                                \
  if (addresses) {                                                                              \
    __m256i second = _mm256_loadu_si256((const __m256i *)((p) + 2));                            \
    __m256i third = _mm256_loadu_si256((const __m256i *)((p) + 3));                             \
    __m256i kinds = _mm256_and_si256(                                                           \
        _mm256_shuffle_epi8(low, second),                                                       \
        _mm256_shuffle_epi8(high, _mm256_and_si256(_mm256_srli_epi16(second, 4), half)));       \
    any = _mm256_andnot_si256(                                                                  \
        _mm256_cmpeq_epi8(kinds, _mm256_setzero_si256()),                                       \
        _mm256_and_si256(any, _mm256_cmpgt_epi8(beyond, third)));                               \
  }
#define QUARTER(p)                                                                              \
  {                                                                                             \
    LOOKS(p)                                                                                    \
    all = _mm256_or_si256(all, _mm256_or_si256(any, _mm256_cmpeq_epi8(here, newline)));         \
  }
#define SCAN_ANY(p)                                                                             \
  ({                                                                                            \
    __m256i all = _mm256_setzero_si256();                                                       \
    QUARTER(p) QUARTER((p) + 32) QUARTER((p) + 64) QUARTER((p) + 96)                            \
    _mm256_movemask_epi8(all) != 0;                                                             \
  })
#define HALF(p, shift)                                                                          \
  {                                                                                             \
    LOOKS((p) + (shift))                                                                        \
    newlines |= (uint64_t)(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(here, newline)) << (shift); \
    hits |= (uint64_t)(uint32_t)_mm256_movemask_epi8(any) << (shift);                           \
  }
#define SCAN_MASKS(p)                                                                           \
  newlines = hits = 0;                                                                          \
  HALF(p, 0) HALF(p, 32)
#define SCAN_LANES __m256i
#define SCAN_STRIPES(l, p) l = sluice_stripes_avx2(l, p, SLUICE_STRIPES)
#include "scan_kernel.inc"
#else
// Never called: sluice_has_avx2 says no.
size_t sluice_scan_avx2(
    const sluice_prefilter *f, const uint8_t *data, size_t count, size_t from, size_t line_bytes_max,
    sluice_line *found, size_t found_max, sluice_lines *lines, sluice_alongside *alongside) {
  return sluice_scan_portable(f, data, count, from, line_bytes_max, found, found_max, lines, alongside);
}
#endif

#include "prefilter.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define SCAN_NAME sluice_scan_avx2
#define SCAN_ATTRIBUTES __attribute__((target("avx2,bmi")))
#define SCAN_COUNT table_count
// Each table is a variable of its own, because the compiler would keep an array in memory instead of registers.
#define TABLE(i)                                                                                        \
  const __m256i table##i = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)f->tables[i])); \
  const __m256i high##i = _mm256_set1_epi8((char)f->high[i]);
// The low half of each next byte is its index into the table. With `is_exact`, the highest bit of the index is set if
// the byte's high half differs from the table's; the shuffle returns 0 for such an index.
#define INDEX(i) (is_exact ? _mm256_adds_epu8(_mm256_xor_si256(next, high##i), _mm256_set1_epi8(0x70)) : next)
#define SCAN_CONSTANTS                            \
  const __m256i newline = _mm256_set1_epi8('\n'); \
  TABLE(0) TABLE(1) TABLE(2) TABLE(3) TABLE(4) TABLE(5) TABLE(6) TABLE(7)
// Sets a byte of `any` if the byte and the one after it are a pair of the table.
#define LOOK(i) \
  if (looks > i) any = _mm256_or_si256(any, _mm256_cmpeq_epi8(here, _mm256_shuffle_epi8(table##i, INDEX(i))));
#define LOOKS(p)                                                 \
  __m256i here = _mm256_loadu_si256((const __m256i *)(p));       \
  __m256i next = _mm256_loadu_si256((const __m256i *)((p) + 1)); \
  __m256i any = _mm256_setzero_si256();                          \
  LOOK(0) LOOK(1) LOOK(2) LOOK(3) LOOK(4) LOOK(5) LOOK(6) LOOK(7)
#define QUARTER(p)                                                                      \
  {                                                                                     \
    LOOKS(p)                                                                            \
    all = _mm256_or_si256(all, _mm256_or_si256(any, _mm256_cmpeq_epi8(here, newline))); \
  }
#define SCAN_ANY(p)                                                   \
  ({                                                                  \
    __m256i all = _mm256_setzero_si256();                             \
    QUARTER(p) QUARTER((p) + 32) QUARTER((p) + 64) QUARTER((p) + 96); \
    _mm256_movemask_epi8(all) != 0;                                   \
  })
#define HALF(p, shift)                                                                                 \
  {                                                                                                    \
    LOOKS((p) + (shift))                                                                               \
    newlines |= (uint64_t)(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(here, newline)) << (shift); \
    hits |= (uint64_t)(uint32_t)_mm256_movemask_epi8(any) << (shift);                                  \
  }
#define SCAN_MASKS(p)  \
  newlines = hits = 0; \
  HALF(p, 0) HALF(p, 32)
#include "scan_kernel.inc"
#else
// Never called, because sluice_has_avx2 returns 0.
size_t sluice_scan_avx2(
    const sluice_prefilter *f, const uint8_t *data, size_t count, size_t from, size_t line_bytes_max,
    sluice_line *found, size_t found_max, sluice_lines *lines) {
  return sluice_scan_portable(f, data, count, from, line_bytes_max, found, found_max, lines);
}
#endif

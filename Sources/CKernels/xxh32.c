#include "xxh32.h"

void sluice_xxh32_reset(sluice_xxh32 *hash) {
  *hash = (sluice_xxh32){
      .lanes = {SLUICE_XXH32_PRIME_1 + SLUICE_XXH32_PRIME_2, SLUICE_XXH32_PRIME_2, 0, -SLUICE_XXH32_PRIME_1}};
}

// Each stripe of 16 bytes changes a lane to rotate(lane + input * prime 2, 13) * prime 1.
static void stripes_portable(uint64_t *lanes, const uint8_t *data, size_t stripes) {
  for (; stripes > 0; stripes--, data += 16) {
    for (int i = 0; i < 4; i++) {
      uint32_t mixed = (uint32_t)lanes[i] + sluice_load32(data + 4 * i) * SLUICE_XXH32_PRIME_2;
      lanes[i] = sluice_rotate(mixed, 13) * SLUICE_XXH32_PRIME_1;
    }
  }
}

#if defined(__x86_64__)
#define STRIPES 8  // hashed per iteration

__attribute__((target("avx2"))) static void stripes_avx2(uint64_t *lanes, const uint8_t *data, size_t stripes) {
  __m256i l = _mm256_loadu_si256((const __m256i *)lanes);
  for (; stripes >= STRIPES; stripes -= STRIPES, data += 16 * STRIPES) {
    l = sluice_stripes_avx2(l, data, STRIPES);
  }
  for (; stripes > 0; stripes--, data += 16) l = sluice_stripes_avx2(l, data, 1);
  _mm256_storeu_si256((__m256i *)lanes, l);
}
#else
#define stripes_avx2 stripes_portable  // Never called, because sluice_has_avx2 returns 0.
#endif

static inline void update(
    sluice_xxh32 *hash, const uint8_t *data, size_t count, void (*stripes)(uint64_t *, const uint8_t *, size_t)) {
  size_t rest = hash->count & 15;
  hash->count += count;
  if (rest > 0) {
    size_t more = count < 16 - rest ? count : 16 - rest;
    memcpy(hash->rest + rest, data, more);
    if (rest + more < 16) return;
    stripes(hash->lanes, hash->rest, 1);
    data += more;
    count -= more;
  }
  size_t whole = count & ~(size_t)15;
  stripes(hash->lanes, data, whole / 16);
  if (count > whole) memcpy(hash->rest, data + whole, count - whole);
}

void sluice_xxh32_update_avx2(sluice_xxh32 *hash, const uint8_t *data, size_t count) {
  update(hash, data, count, stripes_avx2);
}

void sluice_xxh32_update_portable(sluice_xxh32 *hash, const uint8_t *data, size_t count) {
  update(hash, data, count, stripes_portable);
}

uint32_t sluice_xxh32_digest(const sluice_xxh32 *hash) {
  const uint32_t lanes[4] = {
      (uint32_t)hash->lanes[0], (uint32_t)hash->lanes[1], (uint32_t)hash->lanes[2], (uint32_t)hash->lanes[3]};
  uint32_t h = hash->count >= 16 ? sluice_rotate(lanes[0], 1) + sluice_rotate(lanes[1], 7) +
                                       sluice_rotate(lanes[2], 12) + sluice_rotate(lanes[3], 18)
                                 : SLUICE_XXH32_PRIME_5;
  h += (uint32_t)hash->count;
  const uint8_t *p = hash->rest, *end = p + (hash->count & 15);
  for (; end - p >= 4; p += 4)
    h = sluice_rotate(h + sluice_load32(p) * SLUICE_XXH32_PRIME_3, 17) * SLUICE_XXH32_PRIME_4;
  for (; p < end; p++) h = sluice_rotate(h + *p * SLUICE_XXH32_PRIME_5, 11) * SLUICE_XXH32_PRIME_1;
  h = (h ^ h >> 15) * SLUICE_XXH32_PRIME_2;
  h = (h ^ h >> 13) * SLUICE_XXH32_PRIME_3;
  return h ^ h >> 16;
}

// Steps of xxh32. The LZ4 decoder runs them between its own.
#pragma once

#include <stdint.h>
#include <string.h>

#include "include/kernels.h"
#include "words.h"

#define SLUICE_XXH32_PRIME_1 0x9E3779B1u
#define SLUICE_XXH32_PRIME_2 0x85EBCA77u
#define SLUICE_XXH32_PRIME_3 0xC2B2AE3Du
#define SLUICE_XXH32_PRIME_4 0x27D4EB2Fu
#define SLUICE_XXH32_PRIME_5 0x165667B1u

static inline uint32_t sluice_rotate(uint32_t x, int bits) { return x << bits | x >> (32 - bits); }

#if defined(__x86_64__)
#include <immintrin.h>

// A step must wait for the one before it, so its latency decides the speed. rotate(x, 13) is (x << 13) + (x >> 19), so
// rotate(x, 13) * prime is x * (prime << 13) + (x >> 19) * prime. These two multiplications run in parallel. The next
// input is added to the product that is ready first.
//
// Each lane has 64 bits, because the multiplication of the lower halves of 64-bit lanes takes 5 cycles on Intel and 3
// on Zen 4. The multiplication of 32-bit lanes takes 10 cycles on Intel.
__attribute__((target("avx2"), always_inline)) static inline __m256i sluice_stripes_avx2(
    __m256i lanes, const uint8_t *p, int stripes) {
  const __m256i prime1 = _mm256_set1_epi64x(SLUICE_XXH32_PRIME_1);
  const __m256i prime1_shifted = _mm256_set1_epi64x((uint32_t)(SLUICE_XXH32_PRIME_1 << 13));
  const __m256i prime2 = _mm256_set1_epi64x(SLUICE_XXH32_PRIME_2);
#define SLUICE_INPUT(p) _mm256_mul_epu32(_mm256_cvtepu32_epi64(_mm_loadu_si128((const __m128i *)(p))), prime2)
  __m256i mixed = _mm256_add_epi32(lanes, SLUICE_INPUT(p));
  for (int stripe = 1; stripe < stripes; stripe++) {
    __m256i ready = _mm256_add_epi32(_mm256_mul_epu32(mixed, prime1_shifted), SLUICE_INPUT(p + 16 * stripe));
    __asm__("" : "+x"(ready));  // Otherwise the compiler adds the input last.
    mixed = _mm256_add_epi32(_mm256_mul_epu32(_mm256_srli_epi32(mixed, 19), prime1), ready);
  }
#undef SLUICE_INPUT
  return _mm256_add_epi32(
      _mm256_mul_epu32(mixed, prime1_shifted), _mm256_mul_epu32(_mm256_srli_epi32(mixed, 19), prime1));
}
#endif

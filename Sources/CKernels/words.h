// Little-endian loads and stores, and bit tricks on the eight bytes of a word.
#pragma once

#include <stdint.h>
#include <string.h>

static inline uint64_t sluice_load(const uint8_t *p) {
  uint64_t w;
  memcpy(&w, p, sizeof w);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  w = __builtin_bswap64(w);
#endif
  return w;
}

static inline uint32_t sluice_load32(const uint8_t *p) {
  uint32_t w;
  memcpy(&w, p, sizeof w);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  w = __builtin_bswap32(w);
#endif
  return w;
}

static inline void sluice_store(uint8_t *p, uint64_t w) {
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  w = __builtin_bswap64(w);
#endif
  memcpy(p, &w, sizeof w);
}

#define SLUICE_REPEAT(byte) (0x0101010101010101ull * (byte))

// Returns a word with the high bit of each byte set if that byte of w is zero. All other bits are 0.
static inline uint64_t sluice_zero_bytes(uint64_t w) {
  const uint64_t low = 0x7F7F7F7F7F7F7F7Full;
  return ~(((w & low) + low) | w | low);
}

// Gathers the high bits of eight bytes into the low eight bits, the bit of the first byte lowest. All other bits must
// be 0.
static inline uint64_t sluice_gather(uint64_t high_bits) { return ((high_bits >> 7) * 0x0102040810204080ull) >> 56; }

#define _GNU_SOURCE
#include "prefilter.h"

#include <stdlib.h>

#include "addresses.h"

// The entry of a byte that is no pair's second byte. UTF-8 never contains this value.
#define ABSENT 0xFF

sluice_prefilter *sluice_prefilter_create(void) { return calloc(1, sizeof(sluice_prefilter)); }

void sluice_prefilter_destroy(sluice_prefilter *prefilter) {
  if (prefilter) sluice_addresses_destroy(prefilter->addresses);
  free(prefilter);
}

// Adds a pair to the first table that has room for it.
static void add_to_tables(sluice_prefilter *f, uint8_t first, uint8_t second) {
  uint32_t table = 0;
  uint8_t low = second & 15;
  while (table < f->table_count && f->tables[table][low] != ABSENT && f->tables[table][low] != first) table++;
  if (table == f->table_count) memset(f->tables[f->table_count++], ABSENT, 16);
  f->tables[table][low] = first;
}

int sluice_prefilter_add(sluice_prefilter *f, const uint8_t *bytes, size_t count, size_t pair_offset) {
  if (f->literal_count == SLUICE_LITERALS_MAX || count > SLUICE_LITERAL_BYTES_MAX) return -1;
  if (count < 2 || pair_offset > count - 2 || memchr(bytes, '\n', count)) return -1;
  for (size_t i = 0; i < count; i++) {
    if (bytes[i] == 0 || bytes[i] >= 0x80) return -1;
  }
  uint8_t first = bytes[pair_offset], second = bytes[pair_offset + 1];
  uint32_t pair = 0;
  while (pair < f->pair_count && (f->first[pair] != first || f->second[pair] != second)) pair++;
  if (pair == SLUICE_PAIRS_MAX) return -1;
  if (pair == f->pair_count) {
    f->first[pair] = first;
    f->second[pair] = second;
    f->second_mask[pair] = 0xFF;
    f->pair_count++;
    add_to_tables(f, first, second);
  }
  sluice_literal *literal = &f->literals[f->literal_count++];
  memcpy(literal->bytes, bytes, count);
  size_t start_count = count < sizeof literal->start ? count : sizeof literal->start;
  memcpy(&literal->start, bytes, start_count);
  memset(&literal->start_mask, 0xFF, start_count);
  literal->count = (uint32_t)count;
  literal->pair_offset = (uint32_t)pair_offset;
  return 0;
}

sluice_prefilter *sluice_prefilter_create_for_addresses(const uint8_t *addresses, size_t count) {
  sluice_prefilter *f = sluice_prefilter_create();
  if (!f) return NULL;
  uint8_t starts[256] = {0};
  f->addresses = sluice_addresses_create(addresses, count, starts);
  if (!f->addresses || sluice_prefilter_add(f, (const uint8_t *)"\\u00", 4, 0) != 0) {
    sluice_prefilter_destroy(f);
    return NULL;
  }
  f->high[0] = 'u' & 0xF0;
  // Digits and the colon, then capital letters, then small letters.
  for (int high = 0x30; high <= 0x60; high += 0x10) {
    int is_needed = 0;
    for (int low = 0; low < 16; low++) is_needed |= starts[high | low];
    if (!is_needed) continue;
    uint32_t table = f->table_count++;
    f->high[table] = (uint8_t)high;
    for (int low = 0; low < 16; low++) f->tables[table][low] = starts[high | low] ? '"' : ABSENT;
    // Every key's closing quote is followed by a colon, so the pair is the two colons that begin an address.
    if (high == (':' & 0xF0) && starts[':']) f->tables[table][':' & 15] = ':';
    f->first[f->pair_count] = '"';
    f->second[f->pair_count] = (uint8_t)high;
    f->second_mask[f->pair_count++] = 0xF0;
  }
  return f;
}

int sluice_holds_address(const sluice_prefilter *f, const uint8_t *data, size_t count) {
  if (sluice_find(data, count, (const uint8_t *)"\\u00", 4) < count) return 1;
  size_t at = 0;
  while ((at += sluice_first(data + at, count - at, '"')) < count) {
    at++;
    if (sluice_is_address(f->addresses, data + at, count - at)) return 1;
  }
  return 0;
}

#if defined(__x86_64__)
int sluice_has_avx512(void) {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && sluice_has_avx2();
}
int sluice_has_avx2(void) {
  // lz4_block.c also uses BMI2. A hypervisor can mask BMI and BMI2.
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
}
#else
int sluice_has_avx512(void) { return 0; }
int sluice_has_avx2(void) { return 0; }
#endif

size_t sluice_first(const uint8_t *data, size_t count, uint8_t byte) {
  const uint8_t *found = count ? memchr(data, byte, count) : NULL;
  return found ? (size_t)(found - data) : count;
}

size_t sluice_last(const uint8_t *data, size_t count, uint8_t byte) {
  const uint8_t *found = count ? memrchr(data, byte, count) : NULL;
  return found ? (size_t)(found - data) : count;
}

size_t sluice_find(const uint8_t *data, size_t count, const uint8_t *needle, size_t needle_count) {
  const uint8_t *found = memmem(data, count, needle, needle_count);
  return found ? (size_t)(found - data) : count;
}

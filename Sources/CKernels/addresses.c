// The first bytes rule out most texts after a quote. An IPv4 address has only one spelling, which has at least seven
// bytes. An IPv6 address begins with its first group, or with a colon if that group is zero. The C library parses the
// remaining texts.
#define _GNU_SOURCE
#include "addresses.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#include "words.h"

// The longest text is a full IPv6 address that ends in an IPv4 address.
#define TEXT_BYTES_MAX 45
#define ADDRESS_BYTES 16
#define BIT_COUNT (1 << 16)

struct sluice_addresses {
  size_t count;
  uint8_t *addresses;
  // Each IPv4 address sets the bit at the hash of the first seven bytes of its text.
  uint64_t dotted[BIT_COUNT / 64];
  // Each address sets the bit at the value of its first IPv6 group.
  uint64_t groups[BIT_COUNT / 64];
};

static const uint8_t mapped[12] = {[10] = 0xFF, [11] = 0xFF};

static inline void set_bit(uint64_t *bits, uint32_t bit) { bits[bit / 64] |= 1ull << (bit % 64); }
static inline int has_bit(const uint64_t *bits, uint32_t bit) { return bits[bit / 64] >> (bit % 64) & 1; }

// Returns a 16-bit hash of the first seven bytes of a text.
static inline uint32_t start_hash(const uint8_t *text) {
  return (uint32_t)((sluice_load(text) << 8) * 0x9E3779B97F4A7C15ull >> 48);
}

// Returns the value of a hexadecimal digit, or -1.
static inline int digit_value(uint8_t c) {
  if (c >= '0' && c <= '9') return c - '0';
  uint8_t letter = c | 0x20;
  return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

static void note_start(uint8_t starts[256], unsigned digit) {
  starts[(uint8_t)"0123456789abcdef"[digit]] = 1;
  starts[(uint8_t)"0123456789ABCDEF"[digit]] = 1;
}

sluice_addresses *sluice_addresses_create(const uint8_t *addresses, size_t count, uint8_t starts[256]) {
  sluice_addresses *set = calloc(1, sizeof *set);
  if (!set) return NULL;
  set->addresses = malloc(count ? count * ADDRESS_BYTES : 1);
  if (!set->addresses) {
    free(set);
    return NULL;
  }
  if (count) memcpy(set->addresses, addresses, count * ADDRESS_BYTES);
  set->count = count;
  for (size_t i = 0; i < count; i++) {
    const uint8_t *a = set->addresses + i * ADDRESS_BYTES;
    if (memcmp(a, mapped, sizeof mapped) == 0) {
      char text[24] = {0};
      snprintf(text, sizeof text, "%u.%u.%u.%u", a[12], a[13], a[14], a[15]);
      set_bit(set->dotted, start_hash((const uint8_t *)text));
      starts[(uint8_t)text[0]] = 1;
    }
    uint32_t group = (uint32_t)a[0] << 8 | a[1];
    set_bit(set->groups, group);
    // The group may be written with or without leading zeros.
    int digits = group >> 12 ? 4 : group >> 8 ? 3 : group >> 4 ? 2 : 1;
    note_start(starts, group >> 4 * (digits - 1) & 15);
    if (digits < 4) note_start(starts, 0);
    if (group == 0) starts[':'] = 1;
  }
  return set;
}

void sluice_addresses_destroy(sluice_addresses *set) {
  if (!set) return;
  free(set->addresses);
  free(set);
}

static int compare(const void *a, const void *b) { return memcmp(a, b, ADDRESS_BYTES); }

// Returns whether the whole text up to a quote or a backslash is an address of the family, and is in the set.
static int is_member(const sluice_addresses *set, const uint8_t *text, size_t count, int family) {
  char address[TEXT_BYTES_MAX + 1];
  size_t length = 0;
  while (length < count && (digit_value(text[length]) >= 0 || text[length] == ':' || text[length] == '.')) {
    if (length == TEXT_BYTES_MAX) return 0;
    address[length] = (char)text[length];
    length++;
  }
  if (length == count || (text[length] != '"' && text[length] != '\\')) return 0;
  address[length] = 0;
  uint8_t bytes[ADDRESS_BYTES];
  memcpy(bytes, mapped, sizeof mapped);
  if (inet_pton(family, address, family == AF_INET ? bytes + sizeof mapped : bytes) != 1) return 0;
  return bsearch(bytes, set->addresses, set->count, ADDRESS_BYTES, compare) != NULL;
}

int sluice_is_address(const sluice_addresses *set, const uint8_t *text, size_t count) {
  // The padding makes the first bytes readable even if the text is shorter.
  if (text[0] == ':' && text[1] != ':') return 0;  // Usually the colon after a key.
  if (has_bit(set->dotted, start_hash(text)) && is_member(set, text, count, AF_INET)) return 1;
  uint32_t group = 0;
  for (size_t i = 0; i < 5; i++) {
    if (text[i] == ':') return has_bit(set->groups, group) && is_member(set, text, count, AF_INET6);
    int value = digit_value(text[i]);
    if (value < 0) return 0;
    group = group << 4 | (uint32_t)value;
  }
  return 0;
}

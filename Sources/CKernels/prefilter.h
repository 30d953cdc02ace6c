// The prefilter's tables, shared by the kernels.
#pragma once

#include <string.h>

#include "include/kernels.h"

typedef struct {
  uint8_t bytes[SLUICE_LITERAL_BYTES_MAX];
  uint32_t count;
  uint32_t pair_offset;
} sluice_literal;

// The vector kernels look for all pairs of a table at once: the table gives, for the low four bits of a byte, the byte
// that must stand before it. So pairs share a table if the low halves of their second bytes differ, or their first
// bytes are the same. What is found this way is confirmed, so a table may find too much, but never too little.
struct sluice_prefilter {
  uint32_t literal_count;
  uint32_t pair_count;
  uint8_t first[SLUICE_PAIRS_MAX];
  uint8_t second[SLUICE_PAIRS_MAX];
  uint32_t table_count;
  uint8_t tables[SLUICE_PAIRS_MAX][16];
  sluice_literal literals[SLUICE_LITERALS_MAX];
};

// Whether a literal lies in data[line_start..<count] with its pair at `at`. A literal holds no newline, so one that
// lies there lies in one line.
static inline int sluice_confirm(
    const sluice_prefilter *f, const uint8_t *data, size_t count, size_t line_start, size_t at) {
  for (uint32_t i = 0; i < f->literal_count; i++) {
    const sluice_literal *l = &f->literals[i];
    if (data[at] != l->bytes[l->pair_offset] || data[at + 1] != l->bytes[l->pair_offset + 1]) continue;
    if (at < line_start + l->pair_offset) continue;
    size_t start = at - l->pair_offset;
    if (count - start < l->count) continue;
    if (memcmp(data + start, l->bytes, l->count) == 0) return 1;
  }
  return 0;
}

static inline int sluice_is_space(uint8_t c) { return c == ' ' || c == '\t' || c == '\r'; }

// Whether the line that ends before `end` holds white space only. Looks from its end, so that a line with an event
// in it costs one byte, or two with CRLF.
static inline int sluice_is_blank(const uint8_t *data, size_t start, size_t end) {
  while (end > start) {
    if (!sluice_is_space(data[end - 1])) return 0;
    end--;
  }
  return 1;
}

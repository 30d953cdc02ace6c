// The prefilter's tables, shared by the kernels.
#pragma once

#include <string.h>

#include "include/kernels.h"

typedef struct sluice_addresses sluice_addresses;

typedef struct {
  uint8_t bytes[SLUICE_LITERAL_BYTES_MAX];
  // The first eight bytes as a number, or all if there are fewer; the mask has the bits of these bytes.
  uint64_t start;
  uint64_t start_mask;
  uint32_t count;
  uint32_t pair_offset;
} sluice_literal;

// A vector kernel searches for all pairs of a table at once. The table maps the low four bits of a byte to the byte
// that must precede it. Pairs can share a table if the low halves of their second bytes differ, or if their first bytes
// are equal. Each hit is confirmed, so a table may find too much, but never too little.
//
// A line has about two hundred quotes, and one of them precedes an address, so there would be too many hits to confirm.
// For addresses, the high half of the second byte is compared too. It is the same for all pairs of a table.
struct sluice_prefilter {
  // NULL if the set has only literals.
  sluice_addresses *addresses;
  uint32_t literal_count;
  uint32_t pair_count;
  uint8_t first[SLUICE_PAIRS_MAX];
  uint8_t second[SLUICE_PAIRS_MAX];
  // Bits of the second byte that are compared: all, or the high half.
  uint8_t second_mask[SLUICE_PAIRS_MAX];
  uint32_t table_count;
  uint8_t tables[SLUICE_PAIRS_MAX][16];
  // For addresses: the high half of the second bytes in a table.
  uint8_t high[SLUICE_PAIRS_MAX];
  sluice_literal literals[SLUICE_LITERALS_MAX];
};

// Returns whether data[from..<count] contains a literal whose pair is at `at`. Literals contain no newline, so such a
// literal is within one line.
static inline int sluice_confirm(const sluice_prefilter *f, const uint8_t *data, size_t count, size_t from, size_t at) {
  for (uint32_t i = 0; i < f->literal_count; i++) {
    const sluice_literal *l = &f->literals[i];
    if (at < from + l->pair_offset) continue;
    size_t start = at - l->pair_offset;
    uint64_t word;
    memcpy(&word, data + start, sizeof word);  // The padding lets this read past the end.
    if ((word & l->start_mask) != l->start || count - start < l->count) continue;
    if (l->count <= sizeof word || memcmp(data + start, l->bytes, l->count) == 0) return 1;
  }
  return 0;
}

// Returns whether an address of the set begins at `text` and ends at a quote or backslash within `count` bytes.
int sluice_is_address(const sluice_addresses *addresses, const uint8_t *text, size_t count);

// The counterpart of sluice_confirm for addresses. Returns whether an address begins after the quote at `at`, or with
// two colons at `at`, or whether `\u00` is at `at`.
static inline int sluice_confirm_address(
    const sluice_prefilter *f, const uint8_t *data, size_t count, size_t from, size_t at) {
  if (data[at] == '"') return sluice_is_address(f->addresses, data + at + 1, count - at - 1);
  if (data[at] != ':') return sluice_confirm(f, data, count, from, at);
  return at > from && data[at - 1] == '"' && sluice_is_address(f->addresses, data + at, count - at);
}

typedef int (*sluice_confirmation)(const sluice_prefilter *, const uint8_t *data, size_t count, size_t from, size_t at);

static inline int sluice_is_space(uint8_t c) { return c == ' ' || c == '\t' || c == '\r'; }

// Returns whether the line that ends before `end` contains only white space. Searches from the line's end, so that a
// line with an event costs one byte, or two with CRLF.
static inline int sluice_is_blank(const uint8_t *data, size_t start, size_t end) {
  while (end > start) {
    if (!sluice_is_space(data[end - 1])) return 0;
    end--;
  }
  return 1;
}

// Returns whether a line without its newline is complete: it begins with `{` and ends with `}`, and white space after
// that is ignored. A shorter line is not an event, but may be an opening brace, or `{}` inside an object.
static inline int sluice_is_complete_line(const uint8_t *data, size_t start, size_t end) {
  while (end > start && sluice_is_space(data[end - 1])) end--;
  return end - start >= SLUICE_COMPLETE_LINE_BYTES_MIN && data[start] == '{' && data[end - 1] == '}';
}

// State of a scan.
typedef struct {
  const uint8_t *data;
  size_t line_start;
  size_t line_bytes_max;
  // Exclusive limit of a line's bytes minus SLUICE_COMPLETE_LINE_BYTES_MIN. Because the difference is unsigned, one
  // comparison finds lines that are too short and lines that are too long.
  size_t complete_bytes_end;
  sluice_line *found;
  size_t found_max;
  sluice_lines lines;
} sluice_scan;

// Adds the current line, which ends before `end`, to `found` and moves to the next line. Returns 0 if `found` is full.
static inline int sluice_take_line(sluice_scan *scan, size_t end) {
  if (scan->lines.found == scan->found_max) return 0;
  scan->found[scan->lines.found++] = (sluice_line){scan->line_start, end - scan->line_start};
  scan->lines.lines++;
  scan->line_start = end + 1;
  return 1;
}

static inline sluice_scan sluice_begin_scan(
    const uint8_t *data, size_t from, size_t line_bytes_max, sluice_line *found, size_t found_max, sluice_lines lines) {
  const size_t min = SLUICE_COMPLETE_LINE_BYTES_MIN;
  size_t complete_bytes_end = line_bytes_max >= min ? line_bytes_max - min + 1 : 0;
  return (sluice_scan){data, from, line_bytes_max, complete_bytes_end, found, found_max, lines};
}

// Counts the lines that end at `newlines` of the block at `at`, and adds fragments and too long lines to `found`.
// Returns 0 if `found` is full.
static inline int sluice_pass_lines(sluice_scan *scan, size_t at, uint64_t newlines) {
  while (newlines) {
    size_t end = at + (size_t)__builtin_ctzll(newlines), start = scan->line_start, count = end - start;
    newlines &= newlines - 1;
    if (count - SLUICE_COMPLETE_LINE_BYTES_MIN >= scan->complete_bytes_end || scan->data[start] != '{' ||
        scan->data[end - 1] != '}') {
      if (count > scan->line_bytes_max) {
        if (!sluice_take_line(scan, end)) return 0;
        continue;
      }
      if (sluice_is_blank(scan->data, start, end)) {
        scan->lines.blank++;
      } else if (!sluice_is_complete_line(scan->data, start, end)) {
        if (!sluice_take_line(scan, end)) return 0;
        continue;
      }
    }
    scan->lines.lines++;
    scan->line_start = end + 1;
  }
  return 1;
}

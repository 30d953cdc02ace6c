// Routines that Swift cannot express: vectors with bit masks, chosen at run time (prefilter, strings, xxh32), copies that write
// too much and are written over (LZ4), and calls that its Glibc module lacks (affinity, prefetching).
#pragma once

#include <stddef.h>
#include <stdint.h>

// Every buffer given to these functions must be readable for this many bytes past its end.
#define SLUICE_PADDING 64

// MARK: xxh32

// A running xxh32 with seed 0 (github.com/Cyan4973/xxHash, doc/xxhash_spec.md). libxxhash computes its four lanes one by
// one, and is bound by the processor's multiplier; here they are one vector, and the wait for it leaves room for a scan.
typedef struct {
  uint64_t lanes[4];  // their lower halves; what the upper halves hold means nothing
  uint64_t count;     // bytes taken so far
  uint8_t rest[16];   // the last count % 16 of them, which are not in the lanes yet
} sluice_xxh32;

void sluice_xxh32_reset(sluice_xxh32 *hash);
void sluice_xxh32_update_avx2(sluice_xxh32 *hash, const uint8_t *data, size_t count);
void sluice_xxh32_update_portable(sluice_xxh32 *hash, const uint8_t *data, size_t count);
uint32_t sluice_xxh32_digest(const sluice_xxh32 *hash);

// A hash of what is being decoded, which follows at some distance.
typedef struct {
  sluice_xxh32 *hash;   // of a multiple of 16 bytes
  const uint8_t *next;  // to be hashed; moves
} sluice_hash_cursor;

// MARK: LZ4 blocks

// A block that is being decoded. Nothing is read outside in..<in_end and window..<out, nothing written outside out..<out_end.
typedef struct {
  const uint8_t *in;  // next to be decoded; may change only by decoding
  const uint8_t *in_end;
  uint8_t *out;           // next to be written, likewise
  uint8_t *out_end;       // what the block may decode to at most
  const uint8_t *window;  // the earliest output that matches may refer to; what lies before `out` must stay as it is
} sluice_lz4_block;

typedef enum { SLUICE_LZ4_MORE, SLUICE_LZ4_END, SLUICE_LZ4_DAMAGED } sluice_lz4_state;

// Decodes until the block ends or at least `output_min` bytes are written, and a sequence more at most.
sluice_lz4_state sluice_lz4_decode_avx2(sluice_lz4_block *block, size_t output_min);
sluice_lz4_state sluice_lz4_decode_portable(sluice_lz4_block *block, size_t output_min);

// The same, and takes bytes from cursor->next on into the hash meanwhile: whole steps, none at or behind the block's output.
// What lies between must have been decoded.
sluice_lz4_state sluice_lz4_decode_hashing_avx2(sluice_lz4_block *block, size_t output_min, sluice_hash_cursor *cursor);

// MARK: Prefilter

#define SLUICE_LITERALS_MAX 64
#define SLUICE_LITERAL_BYTES_MAX 64
#define SLUICE_PAIRS_MAX 8
// Bytes of the shortest line that is regular.
#define SLUICE_COMPLETE_LINE_BYTES_MIN 4

// A set of literals and, for each, two neighbouring bytes of it that are looked for first.
typedef struct sluice_prefilter sluice_prefilter;

sluice_prefilter *sluice_prefilter_create(void);
void sluice_prefilter_destroy(sluice_prefilter *prefilter);

// Adds a literal of 2 to SLUICE_LITERAL_BYTES_MAX ASCII bytes without newline or NUL, whose bytes at pair_offset and
// pair_offset + 1 are looked for first. Returns 0, or -1 if a limit is exceeded.
int sluice_prefilter_add(sluice_prefilter *prefilter, const uint8_t *bytes, size_t count, size_t pair_offset);

// Makes a set that is found by addresses instead: in lines that hold one of them as text, in any spelling that inet_pton reads,
// right behind a quote and up to a quote or a backslash; and in lines with `\u00`, which may spell one in another way.
//
// Addresses are 16 bytes each, in ascending order, IPv4 as IPv4-mapped IPv6. NULL if there is no memory.
sluice_prefilter *sluice_prefilter_create_for_addresses(const uint8_t *addresses, size_t count);

// Whether a text holds what such a set is found by.
int sluice_holds_address(const sluice_prefilter *prefilter, const uint8_t *data, size_t count);

typedef struct {
  size_t start;  // offset of the line's first byte
  size_t count;  // without the newline
} sluice_line;

typedef struct {
  size_t lines;  // newlines passed
  size_t blank;  // lines of white space only, among them
  size_t found;  // entries written to `found`
} sluice_lines;

// Passes over whole lines and writes down those that hold a literal, are longer than line_bytes_max, or are fragments: not blank,
// and shorter than SLUICE_COMPLETE_LINE_BYTES_MIN, or not from `{` to `}` (white space at the end aside).
//
// data[from] must be the first byte of a line and data[count - 1] a newline. Returns where to go on: count,
// or the start of a line if `found` was full. Counts are added to *lines.
typedef size_t (*sluice_scan_function)(
    const sluice_prefilter *prefilter, const uint8_t *data, size_t count, size_t from, size_t line_bytes_max,
    sluice_line *found, size_t found_max, sluice_lines *lines);

size_t sluice_scan_avx512(
    const sluice_prefilter *, const uint8_t *, size_t, size_t, size_t, sluice_line *, size_t, sluice_lines *);
size_t sluice_scan_avx2(
    const sluice_prefilter *, const uint8_t *, size_t, size_t, size_t, sluice_line *, size_t, sluice_lines *);
size_t sluice_scan_portable(
    const sluice_prefilter *, const uint8_t *, size_t, size_t, size_t, sluice_line *, size_t, sluice_lines *);

// Whether this machine can run the kernels above.
int sluice_has_avx512(void);
int sluice_has_avx2(void);

// MARK: Bytes

// Offset of the first or the last `byte` in data, or count.
size_t sluice_first(const uint8_t *data, size_t count, uint8_t byte);
size_t sluice_last(const uint8_t *data, size_t count, uint8_t byte);

// Offset of the first occurrence of `needle`, or count.
size_t sluice_find(const uint8_t *data, size_t count, const uint8_t *needle, size_t needle_count);

// MARK: Machine

// Asks for the cache line at p, which will be read soon.
static inline void sluice_prefetch(const void *p) { __builtin_prefetch(p); }

// Processors that this process may run on, or 0 if that cannot be told.
int sluice_affinity_processors(void);

// MARK: Strings

// Marks the bytes that end or interrupt the plain text of a JSON string: quotes, backslashes, control characters, and
// bytes of characters outside ASCII.
//
// Bit i & 7 of stops[i >> 3] is set if data[i] is such a byte, and for every i from count on. Writes count / 64 + 2 words of
// eight bytes, so that eight can be read at count >> 3 and before.
void sluice_string_stops_avx2(const uint8_t *data, size_t count, uint8_t *stops);
void sluice_string_stops_portable(const uint8_t *data, size_t count, uint8_t *stops);

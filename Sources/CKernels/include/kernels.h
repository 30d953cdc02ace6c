// Routines that Swift cannot express:
// - vectors with bit masks, chosen at run time (prefilter, strings, xxh32)
// - copies that write too many bytes, which later copies overwrite (LZ4)
// - calls that Swift's Glibc module lacks (affinity, prefetching)
#pragma once

#include <stddef.h>
#include <stdint.h>

// Every buffer passed to these functions must be readable for this many bytes past its end.
#define SLUICE_PADDING 64

// MARK: xxh32

// State of an xxh32 with seed 0 (github.com/Cyan4973/xxHash, doc/xxhash_spec.md). libxxhash computes its four lanes one
// by one, so the processor's multiplier limits it. Here the lanes are one vector. Waiting for its products leaves the
// processor time for other work, such as decoding.
typedef struct {
  uint64_t lanes[4];  // in the lower halves; the upper halves are meaningless
  uint64_t count;     // bytes hashed so far
  uint8_t rest[16];   // the last count % 16 of them, which the lanes do not contain yet
} sluice_xxh32;

void sluice_xxh32_reset(sluice_xxh32 *hash);
void sluice_xxh32_update_avx2(sluice_xxh32 *hash, const uint8_t *data, size_t count);
void sluice_xxh32_update_portable(sluice_xxh32 *hash, const uint8_t *data, size_t count);
uint32_t sluice_xxh32_digest(const sluice_xxh32 *hash);

// Position of a hash that follows the decoder at some distance.
typedef struct {
  sluice_xxh32 *hash;   // has hashed a multiple of 16 bytes
  const uint8_t *next;  // next byte to hash; updated
} sluice_hash_cursor;

// MARK: LZ4 blocks

// State of a block's decoding. The decoder reads only in..<in_end and window..<out, and writes only out..<out_end.
typedef struct {
  const uint8_t *in;  // next byte to decode; only the decoder may change it
  const uint8_t *in_end;
  uint8_t *out;           // next byte to write; only the decoder may change it
  uint8_t *out_end;       // end of the room for decoded bytes
  const uint8_t *window;  // the earliest byte that matches may refer to; window..<out must not change
} sluice_lz4_block;

typedef enum { SLUICE_LZ4_MORE, SLUICE_LZ4_END, SLUICE_LZ4_DAMAGED } sluice_lz4_state;

// Decodes until the block ends or at least `output_min` bytes are written. Exceeds that number by less than one
// sequence.
sluice_lz4_state sluice_lz4_decode_avx2(sluice_lz4_block *block, size_t output_min);
sluice_lz4_state sluice_lz4_decode_portable(sluice_lz4_block *block, size_t output_min);

// Does the same, and meanwhile hashes decoded bytes from cursor->next on. It hashes only whole steps and only bytes
// before block->out. The bytes from cursor->next to the initial block->out must have been decoded.
sluice_lz4_state sluice_lz4_decode_hashing_avx2(sluice_lz4_block *block, size_t output_min, sluice_hash_cursor *cursor);

// MARK: Prefilter

#define SLUICE_LITERALS_MAX 64
#define SLUICE_LITERAL_BYTES_MAX 64
#define SLUICE_PAIRS_MAX 8
// Bytes of the shortest complete line.
#define SLUICE_COMPLETE_LINE_BYTES_MIN 4

// A set of literals. Each has a pair: two adjacent bytes that the kernels search for first.
typedef struct sluice_prefilter sluice_prefilter;

sluice_prefilter *sluice_prefilter_create(void);
void sluice_prefilter_destroy(sluice_prefilter *prefilter);

// Adds a literal of 2 to SLUICE_LITERAL_BYTES_MAX ASCII bytes without newline or NUL. Its pair is the bytes at
// pair_offset and pair_offset + 1. Returns 0, or -1 if the literal is not allowed or the set is full.
int sluice_prefilter_add(sluice_prefilter *prefilter, const uint8_t *bytes, size_t count, size_t pair_offset);

// Creates a set of addresses instead of literals. It finds two kinds of lines:
// - lines that contain one of the addresses, in any spelling that inet_pton reads, directly after a quote and up to a
//   quote or a backslash
// - lines that contain `\u00`, because such escapes may spell an address
//
// Addresses have 16 bytes each and are in ascending order; IPv4 is mapped to IPv6. Returns NULL if there is no memory.
sluice_prefilter *sluice_prefilter_create_for_addresses(const uint8_t *addresses, size_t count);

// Returns whether a text contains an address of such a set, or `\u00`.
int sluice_holds_address(const sluice_prefilter *prefilter, const uint8_t *data, size_t count);

typedef struct {
  size_t start;  // offset of the line's first byte
  size_t count;  // without the newline
} sluice_line;

typedef struct {
  size_t lines;  // newlines that were passed
  size_t blank;  // those of them that contain only white space
  size_t found;  // entries written to `found`
} sluice_lines;

// Finds the lines that contain a literal, are longer than line_bytes_max, or are fragments. A fragment is a line that
// is neither blank nor complete: it is shorter than SLUICE_COMPLETE_LINE_BYTES_MIN, or it is not from `{` to `}`. White
// space at the line's end is ignored.
//
// data[from] must be the first byte of a line and data[count - 1] a newline. Returns the offset to continue from:
// count, or the start of a line if `found` is full. Adds the counts to *lines.
typedef size_t (*sluice_scan_function)(
    const sluice_prefilter *prefilter, const uint8_t *data, size_t count, size_t from, size_t line_bytes_max,
    sluice_line *found, size_t found_max, sluice_lines *lines);

size_t sluice_scan_avx512(
    const sluice_prefilter *, const uint8_t *, size_t, size_t, size_t, sluice_line *, size_t, sluice_lines *);
size_t sluice_scan_avx2(
    const sluice_prefilter *, const uint8_t *, size_t, size_t, size_t, sluice_line *, size_t, sluice_lines *);
size_t sluice_scan_portable(
    const sluice_prefilter *, const uint8_t *, size_t, size_t, size_t, sluice_line *, size_t, sluice_lines *);

// Return whether this machine can run the kernels above.
int sluice_has_avx512(void);
int sluice_has_avx2(void);

// MARK: Bytes

// Return the offset of the first or last `byte` in data, or count if there is none.
size_t sluice_first(const uint8_t *data, size_t count, uint8_t byte);
size_t sluice_last(const uint8_t *data, size_t count, uint8_t byte);

// Returns the offset of the first occurrence of `needle`, or count if there is none.
size_t sluice_find(const uint8_t *data, size_t count, const uint8_t *needle, size_t needle_count);

// MARK: Machine

// Prefetches the cache line at p.
static inline void sluice_prefetch(const void *p) { __builtin_prefetch(p); }

// Returns the number of processors that this process may run on, or 0 if it is unknown.
int sluice_affinity_processors(void);

// MARK: Strings

// Marks the stops: bytes that end or interrupt the plain text of a JSON string. Stops are quotes, backslashes, control
// characters and bytes from 0x80 on, which belong to characters outside ASCII.
//
// Sets bit i & 7 of stops[i >> 3] if data[i] is a stop, and for every i from count on. Writes count / 64 + 2 words of
// eight bytes, so that eight bytes are readable at any offset up to count >> 3.
void sluice_string_stops_avx2(const uint8_t *data, size_t count, uint8_t *stops);
void sluice_string_stops_portable(const uint8_t *data, size_t count, uint8_t *stops);

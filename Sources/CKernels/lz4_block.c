// Blocks of LZ4 (lz4_Block_format.md), decoded piece by piece.
//
// liblz4 decodes a block as a whole; one of 4 MB has left the second-level cache before anybody looks at it. Here a block
// can be left off after some output and gone on with, so that each piece is looked at where it lies in the cache.
//
// The plain algorithm is `decode_sequence`: one sequence (literals, then a match) with every bound checked. The loop before
// it is the same for sequences that are far enough from all bounds that none can be crossed: it copies 16 or 32 bytes at a time and
// writes behind what a sequence makes, which the next one overwrites. Two copies of 32 bytes are made for every
// longer match, as a loop's exit would be mispredicted.
//
// What is accepted is what LZ4_decompress_safe accepts, its end-of-block rules included, but for matches at a distance of 0,
// which it lets through and which mean nothing. The tests hold the two against each other.
#include "include/kernels.h"
#include "words.h"

// What the format says of a block's end.
#define LAST_LITERALS 5  // the last bytes are literals
#define MATCH_LIMIT 12   // no match begins in the last bytes
#define MATCH_MIN 4

// Sequences are copied carelessly while this many bytes of input and output are left behind their own.
#define SLACK 96

static inline void copy16(uint8_t *to, const uint8_t *from) {
  uint64_t low, high;
  memcpy(&low, from, 8);
  memcpy(&high, from + 8, 8);
  memcpy(to, &low, 8);
  memcpy(to + 8, &high, 8);
}

static inline void copy32(uint8_t *to, const uint8_t *from) {
  copy16(to, from);
  copy16(to + 16, from + 16);
}

static inline size_t load16(const uint8_t *p) { return (size_t)p[0] | (size_t)p[1] << 8; }

static inline size_t left(const uint8_t *from, const uint8_t *to) { return (size_t)(to - from); }

// Adds the bytes that continue a length of 15. Returns 0 if the input ends inside them.
static inline int read_length(const uint8_t **in, const uint8_t *end, size_t *length) {
  uint8_t byte;
  do {
    if (*in >= end) return 0;
    byte = *(*in)++;
    *length += byte;
  } while (byte == 255);
  return 1;
}

// One sequence, wherever it lies.
static sluice_lz4_state decode_sequence(sluice_lz4_block *block) {
  const uint8_t *in = block->in, *in_end = block->in_end;
  uint8_t *out = block->out, *out_end = block->out_end;
  if (in == in_end) return SLUICE_LZ4_DAMAGED;
  size_t token = *in++;
  size_t literals = token >> 4;
  if (literals == 15 && !read_length(&in, in_end, &literals)) return SLUICE_LZ4_DAMAGED;
  if (literals > left(in, in_end) || literals > left(out, out_end)) return SLUICE_LZ4_DAMAGED;
  memcpy(out, in, literals);
  in += literals;
  out += literals;
  if (in == in_end) {
    block->in = in;
    block->out = out;
    return SLUICE_LZ4_END;
  }
  if (left(in, in_end) < 2 + 1 + LAST_LITERALS || left(out, out_end) < MATCH_LIMIT) return SLUICE_LZ4_DAMAGED;
  size_t distance = load16(in);
  in += 2;
  size_t length = token & 15;
  if (length == 15 && !read_length(&in, in_end - LAST_LITERALS + 1, &length)) return SLUICE_LZ4_DAMAGED;
  length += MATCH_MIN;
  if (distance == 0 || distance > left(block->window, out)) return SLUICE_LZ4_DAMAGED;
  if (left(out, out_end) < LAST_LITERALS || length > left(out, out_end) - LAST_LITERALS) return SLUICE_LZ4_DAMAGED;
  // A match may overlap what it makes.
  for (size_t i = 0; i < length; i++) out[i] = out[i - distance];
  block->in = in;
  block->out = out + length;
  return SLUICE_LZ4_MORE;
}

sluice_lz4_state sluice_lz4_decode(sluice_lz4_block *block, size_t output_min) {
  const uint8_t *const window = block->window;
  const uint8_t *const in_end = block->in_end;
  uint8_t *const out_end = block->out_end;
  // At least one byte, so that every call makes way.
  const size_t wanted = output_min > 0 ? output_min : 1;
  uint8_t *const pause = wanted < left(block->out, out_end) ? block->out + wanted : out_end;
  while (1) {
    const uint8_t *in = block->in;
    uint8_t *out = block->out;
    if (left(in, in_end) > SLACK && left(out, out_end) > SLACK) {
      const uint8_t *const in_fast = in_end - SLACK;
      uint8_t *const out_fast = pause < out_end - SLACK ? pause : out_end - SLACK;
      while (in < in_fast && out < out_fast) {
        // What turns out to be near a bound is left to `decode_sequence`, from its token on.
        block->in = in;
        block->out = out;
        size_t token = *in++;
        size_t literals = token >> 4;
        if (literals != 15) {
          copy16(out, in);
        } else {
          if (!read_length(&in, in_fast, &literals)) goto careful;
          if (left(in, in_end) < literals + SLACK || left(out, out_end) < literals + SLACK) goto careful;
          for (size_t i = 0; i < literals; i += 32) copy32(out + i, in + i);
        }
        in += literals;
        out += literals;
        size_t distance = load16(in);
        in += 2;
        if (distance > left(window, out)) return SLUICE_LZ4_DAMAGED;
        const uint8_t *match = out - distance;
        size_t length = token & 15;
        if (length != 15 && distance >= 16) {
          copy16(out, match);
          memcpy(out + 16, match + 16, 2);
          out += length + MATCH_MIN;
          continue;
        }
        if (length == 15) {
          if (!read_length(&in, in_end - LAST_LITERALS + 1, &length)) goto careful;
          if (left(out, out_end) < length + SLACK) goto careful;
        }
        length += MATCH_MIN;
        if (distance >= 32) {
          copy32(out, match);
          copy32(out + 32, match + 32);
          for (size_t i = 64; i < length; i += 32) copy32(out + i, match + i);
        } else if (distance >= 16) {
          for (size_t i = 0; i < length; i += 16) copy16(out + i, match + i);
        } else if (distance > 0) {
          for (size_t i = 0; i < length; i++) out[i] = match[i];
        } else {
          return SLUICE_LZ4_DAMAGED;
        }
        out += length;
      }
      block->in = in;
      block->out = out;
      if (out >= pause) return SLUICE_LZ4_MORE;
    }
  careful:;
    sluice_lz4_state state = decode_sequence(block);
    if (state != SLUICE_LZ4_MORE || block->out >= pause) return state;
  }
}

// A decoder of LZ4 blocks (lz4_Block_format.md) that can pause and resume.
//
// liblz4 decodes a whole block at once. The beginning of a 4 MB block has left the second-level cache before the caller
// reads it. This decoder pauses after some output, so that the caller reads that output while it is in the cache.
//
// `decode_sequence` is the plain algorithm. It decodes one sequence, literals and then a match, and checks every bound.
// `lz4_block.inc` does the same for sequences that are so far from all bounds that they cannot cross one.
//
// The decoder accepts exactly the blocks that the format allows, including its end-of-block rules. It decodes them to
// the same bytes as LZ4_decompress_safe. That function also accepts matches at distance 0, which have no meaning, and
// blocks with too few last literals if the output has room. The tests compare the two decoders.
#include "include/kernels.h"
#include "words.h"
#include "xxh32.h"

// The format's end-of-block rules.
#define LAST_LITERALS 5  // the bytes at the end that must be literals
#define MATCH_LIMIT 12   // the bytes at the end in which no match may begin
#define MATCH_MIN 4

// Most sequences have no more literals and match bytes than these. The fast loop copies at least as many.
#define LITERALS_FAST 64
#define MATCH_FAST 192

// The shortest lengths whose second byte is 255, so that a third byte follows.
#define LITERALS_LONG (15 + 255)
#define MATCH_LONG (MATCH_MIN + 15 + 255)

// The fast loop runs while more bytes are left than these. They cover the bytes that it reads and writes for a sequence
// of at most LITERALS_FAST literals and a match shorter than MATCH_LONG, and the block's last bytes.
#define IN_SLACK (1 + 1 + LITERALS_FAST + 2 + 1 + MATCH_LIMIT)
#define OUT_SLACK (LITERALS_FAST + MATCH_LONG + 32 + MATCH_LIMIT)

static inline void copy16(uint8_t *to, const uint8_t *from) {
  uint64_t low, high;
  memcpy(&low, from, 8);
  memcpy(&high, from + 8, 8);
  memcpy(to, &low, 8);
  memcpy(to + 8, &high, 8);
}

static inline size_t load16(const uint8_t *p) { return (size_t)p[0] | (size_t)p[1] << 8; }

static inline size_t left(const uint8_t *from, const uint8_t *to) { return (size_t)(to - from); }

// Adds the bytes that continue a length, up to the first that is not 255. Returns 0 if the input ends before that byte.
static inline int read_length(const uint8_t **in, const uint8_t *end, size_t *length) {
  uint8_t byte;
  do {
    if (*in >= end) return 0;
    byte = *(*in)++;
    *length += byte;
  } while (byte == 255);
  return 1;
}

// Decodes one sequence anywhere in the block.
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
  if (distance >= length) {
    memcpy(out, out - distance, length);
  } else {
    // The match overlaps its own output, so it is copied byte by byte.
    const uint8_t *match = out - distance;
    for (size_t i = 0; i < length; i++) out[i] = match[i];
  }
  block->in = in;
  block->out = out + length;
  return SLUICE_LZ4_MORE;
}

// Reason why the fast loop ended.
typedef enum { NEAR_A_BOUND, AT_PAUSE, DAMAGED } fast_end;

#define LZ4_FAST fast_portable
#define LZ4_ATTRIBUTES
#define LZ4_COPY32(to, from) (copy16(to, from), copy16((to) + 16, (from) + 16))
#define LZ4_HASH_BEGIN
#define LZ4_HASH_STEP
#define LZ4_HASH_END
#include "lz4_block.inc"

#if defined(__x86_64__)
#define COPY32_AVX2(to, from) _mm256_storeu_si256((__m256i *)(to), _mm256_loadu_si256((const __m256i *)(from)))

#define LZ4_FAST fast_avx2
#define LZ4_ATTRIBUTES __attribute__((target("avx2,bmi,bmi2")))
#define LZ4_COPY32 COPY32_AVX2
#define LZ4_HASH_BEGIN
#define LZ4_HASH_STEP
#define LZ4_HASH_END
#include "lz4_block.inc"

// Bytes hashed per sequence, if so many are decoded. Each hash step waits for the one before it, so a hash alone leaves
// the processor mostly idle. Decoding fills that time if the processor executes both together: a hash step is about as
// long as a sequence. Steps of twice this size cost a fifth more time, and steps of half this size a third more.
#define HASH_STEP 64

#define LZ4_FAST fast_hashing_avx2
#define LZ4_ATTRIBUTES __attribute__((target("avx2,bmi,bmi2")))
#define LZ4_COPY32 COPY32_AVX2
#define LZ4_HASH_BEGIN                                                      \
  __m256i lanes = _mm256_loadu_si256((const __m256i *)cursor->hash->lanes); \
  const uint8_t *next = cursor->next;
#define LZ4_HASH_STEP                                         \
  if (left(next, out) >= HASH_STEP) {                         \
    lanes = sluice_stripes_avx2(lanes, next, HASH_STEP / 16); \
    next += HASH_STEP;                                        \
  }
#define LZ4_HASH_END                                          \
  _mm256_storeu_si256((__m256i *)cursor->hash->lanes, lanes); \
  cursor->hash->count += (uint64_t)(next - cursor->next);     \
  cursor->next = next;
#include "lz4_block.inc"
#else
// Never called, because sluice_has_avx2 returns 0.
#define fast_avx2 fast_portable
#define fast_hashing_avx2 fast_portable
#endif

static inline sluice_lz4_state decode(
    sluice_lz4_block *block, size_t output_min, sluice_hash_cursor *cursor,
    fast_end (*fast)(sluice_lz4_block *, uint8_t *, sluice_hash_cursor *)) {
  // The goal is at least one byte, so that every call makes progress.
  const size_t wanted = output_min > 0 ? output_min : 1;
  uint8_t *const pause = wanted < left(block->out, block->out_end) ? block->out + wanted : block->out_end;
  while (1) {
    if (left(block->in, block->in_end) > IN_SLACK && left(block->out, block->out_end) > OUT_SLACK) {
      fast_end end = fast(block, pause, cursor);
      if (end != NEAR_A_BOUND) return end == AT_PAUSE ? SLUICE_LZ4_MORE : SLUICE_LZ4_DAMAGED;
    }
    sluice_lz4_state state = decode_sequence(block);
    if (state != SLUICE_LZ4_MORE || block->out >= pause) return state;
  }
}

sluice_lz4_state sluice_lz4_decode_portable(sluice_lz4_block *block, size_t output_min) {
  return decode(block, output_min, NULL, fast_portable);
}

sluice_lz4_state sluice_lz4_decode_avx2(sluice_lz4_block *block, size_t output_min) {
  return decode(block, output_min, NULL, fast_avx2);
}

sluice_lz4_state sluice_lz4_decode_hashing_avx2(
    sluice_lz4_block *block, size_t output_min, sluice_hash_cursor *cursor) {
  return decode(block, output_min, cursor, fast_hashing_avx2);
}

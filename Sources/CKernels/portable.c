// Vectors of four floats: SSE2 on x86-64, NEON on arm64.
#include "kernels.h"
#include "table.h"

#include <math.h>
#include <string.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#define VW 4
#define TILE_ROWS 4

typedef float half_floats __attribute__((vector_size(16)));
typedef uint32_t uint4 __attribute__((vector_size(16)));
typedef uint16_t half4 __attribute__((vector_size(8), aligned(2)));

// Shifting the half's exponent and mantissa into place leaves the exponent 112 too small, for subnormals too.
static inline half_floats load_half(const uint16_t *p) {
    uint4 h = __builtin_convertvector(*(const half4 *)p, uint4);
    half_floats magnitude = (half_floats)((h & 0x7FFF) << 13) * 0x1p112f;
    return (half_floats)((uint4)magnitude | ((h & 0x8000) << 16));
}

// Rounds to nearest even. Adding a magic number makes the float adder round subnormals; callers have clamped to the finite range.
static inline void store_half(uint16_t *p, half_floats v) {
    uint4 bits = (uint4)v, sign = bits & 0x80000000u, a = bits ^ sign;
    uint4 normal = (a - 0x38000000u + 0xFFF + ((a >> 13) & 1)) >> 13;
    uint4 small = (uint4)((half_floats)a + 0.5f) - 0x3F000000u;
    uint4 is_small = (uint4)(a < 0x38800000u);
    uint4 result = (normal & ~is_small) | (small & is_small) | (sign >> 16);
    *(half4 *)p = __builtin_convertvector(result, half4);
}

#include "vector_kernels.h"
#include "logit_kernels.h"
#include "cross_kernels.h"

#define DOT_ROWS 4
#define DOT_VECTORS 2

#define DOT(name) int8_##name
#define DOT_GROUP 4
#define DOT_OFFSET 0
static inline vi dot_int8(vi sums, vi weights, vi x) {
    for (int byte = 0; byte < 4; byte++) sums += ((weights << (24 - 8 * byte)) >> 24) * ((x << (24 - 8 * byte)) >> 24);
    return sums;
}
#define dot dot_int8
#include "dot_kernels.h"

#define WORDS(name) word_##name
static inline vi dot_words(vi sums, vi a, vi b) {
#if defined(__SSE2__)
    return sums + (vi)_mm_madd_epi16((__m128i)a, (__m128i)b);
#else
    return sums + (a >> 16) * (b >> 16) + ((a << 16) >> 16) * ((b << 16) >> 16);
#endif
}
#define word_dot dot_words
#include "word_attention.h"

#define NIBBLE_ROWS 2
#define NIBBLE_VECTORS 2
#define NIBBLES(name) nibble_##name
// Bytes 0 and 2, and 1 and 3, as 16-bit integers.
static inline vi dot_four(vi sums, vi nibbles, vi x) {
    typedef int16_t words __attribute__((vector_size(VW * 4)));
    sums = dot_words(sums, nibbles & 0x00FF00FF, (vi)((words)((words)x << 8) >> 8));
    return dot_words(sums, (nibbles >> 8) & 0x00FF00FF, (vi)((words)x >> 8));
}
static inline vi dot_nibbles(vi sums, vi first, vi second, vi x, vi next) { return dot_four(dot_four(sums, first, x), second, next); }
#define nibble_dot dot_nibbles
#define word_dot dot_words
#include "vocabulary_kernels.h"

#define DOT(name) int16_##name
#define DOT_GROUP 2
#define DOT_WORDS
#define dot dot_words
#include "dot_kernels.h"

#define DOT(name) bf16_##name
#define DOT_GROUP 2
#define dot widened_dot
#include "dot_kernels.h"

const elk_kernels elk_kernels_portable = {
    VECTOR_KERNELS,
    .product_int8 = int8_product,
    .coarse_logits = nibble_coarse,
    .exact_strip = nibble_exact,
    .exact_panel = nibble_exact_panel,
    .product_int16 = int16_product,
    .product_bf16 = bf16_product,
    .fast_heads = {word_pack_head, word_attend},
};

// AVX2 with FMA and F16C; integer products a second time with the dot products of AVX-VNNI.
#if defined(__x86_64__)
#include "kernels.h"
#include "table.h"

#include <immintrin.h>
#include <math.h>
#include <string.h>

#define VW 8
#define TILE_ROWS 6

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)
static inline __m256 load_half(const uint16_t *p) { return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)p)); }
static inline void store_half(uint16_t *p, __m256 v) {
    _mm_storeu_si128((__m128i *)p, _mm256_cvtps_ph(v, _MM_FROUND_TO_NEAREST_INT));
}
#include "vector_kernels.h"
#include "logit_kernels.h"
#include "cross_kernels.h"

// More rows would not leave registers for what lies between the weights and the sums.
#define DOT_ROWS 2
#define DOT_VECTORS 4

#define DOT(name) int8_##name
#define DOT_GROUP 4
#define DOT_OFFSET 0
#define DOT_FLIPS

// Turning bits over is quicker than changing signs, as it need not wait for the ports that multiply. Left to itself, clang loads
// weights once for both rows, and has no registers left for the sums.
INLINE __m256i flipped(const vi_unaligned *weights, vi flips) {
    __m256i result;
    __asm__("vpxor %1, %2, %0" : "=x"(result) : "m"(*weights), "x"(flips));
    return result;
}
// Magnitudes are at most 128, the four weights that meet in a lane of 16 bits at most ELK_INT8_FOUR together, and four more flipped: no sum
// leaves 16 bits.
INLINE vi dot_int8(vi sums, const vi_unaligned *weights[2], const vi x[2], const vi flips[2]) {
    __m256i first = _mm256_maddubs_epi16((__m256i)x[0], flipped(weights[0], flips[0]));
    __m256i second = _mm256_maddubs_epi16((__m256i)x[1], flipped(weights[1], flips[1]));
    return sums + (vi)_mm256_madd_epi16(_mm256_add_epi16(first, second), _mm256_set1_epi16(1));
}
#define dot dot_int8
#include "dot_kernels.h"
#include "fine_kernels.h"

#define WORDS(name) word_##name
INLINE vi dot_words(vi sums, vi a, vi b) { return sums + (vi)_mm256_madd_epi16((__m256i)a, (__m256i)b); }
#define word_dot dot_words
#include "word_attention.h"

#define NIBBLE_ROWS 2
#define NIBBLE_VECTORS 4
#define NIBBLES(name) nibble_##name
// Four products of at most 15 · 127 stay far below 16 bits.
INLINE vi dot_nibbles(vi sums, vi first, vi second, vi x, vi next) {
    __m256i products = _mm256_add_epi16(_mm256_maddubs_epi16((__m256i)first, (__m256i)x), _mm256_maddubs_epi16((__m256i)second, (__m256i)next));
    return sums + (vi)_mm256_madd_epi16(products, _mm256_set1_epi16(1));
}
#define nibble_dot dot_nibbles
#define word_dot dot_words
#include "vocabulary_kernels.h"

#undef DOT_ROWS
#undef DOT_VECTORS
#define DOT_ROWS 6
#define DOT_VECTORS 2
#define DOT(name) int16_##name
#define DOT_GROUP 2
#define DOT_WORDS
#define dot dot_words
#include "dot_kernels.h"

#undef DOT_ROWS
#undef DOT_VECTORS
#define DOT_ROWS 3
#define DOT_VECTORS 4

#define DOT(name) bf16_##name
#define DOT_GROUP 2
#define dot widened_dot
#include "dot_kernels.h"
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c,avxvnni"))), apply_to = function)
#define DOT(name) vnni_##name
#define DOT_GROUP 4
#define DOT_OFFSET 128
INLINE vi dot_vnni(vi sums, vi weights, vi x) { return (vi)_mm256_dpbusd_avx_epi32((__m256i)sums, (__m256i)x, (__m256i)weights); }
#define dot dot_vnni
#include "dot_kernels.h"

#define WORDS(name) vnni_word_##name
INLINE vi dot_vnni_words(vi sums, vi a, vi b) { return (vi)_mm256_dpwssd_avx_epi32((__m256i)sums, (__m256i)a, (__m256i)b); }
#define word_dot dot_vnni_words
#include "word_attention.h"

#define NIBBLES(name) vnni_nibble_##name
INLINE vi dot_vnni_nibbles(vi sums, vi first, vi second, vi x, vi next) {
    return dot_vnni(dot_vnni(sums, x, first), next, second);
}
#define nibble_dot dot_vnni_nibbles
#define word_dot dot_vnni_words
#include "vocabulary_kernels.h"

#define DOT(name) vnni_int16_##name
#define DOT_GROUP 2
#define DOT_WORDS
#define dot dot_vnni_words
#include "dot_kernels.h"
#pragma clang attribute pop

const elk_kernels elk_kernels_avx2 = {
    VECTOR_KERNELS,
    .product_int8 = fine_or_int8_product,
    .coarse_logits = nibble_coarse,
    .exact_strip = nibble_exact,
    .exact_panel = nibble_exact_panel,
    .product_int16 = int16_product,
    .product_bf16 = bf16_product,
    .fast_heads = {word_pack_head, word_attend},
};
const elk_kernels elk_kernels_avxvnni = {
    VECTOR_KERNELS,
    .product_int8 = vnni_product,
    .coarse_logits = vnni_nibble_coarse,
    .exact_strip = vnni_nibble_exact,
    .exact_panel = vnni_nibble_exact_panel,
    .product_int16 = vnni_int16_product,
    .product_bf16 = bf16_product,
    .fast_heads = {word_pack_head, vnni_word_attend},
};
#endif

// AVX-512 F, BW, VL, DQ and VNNI; bf16 products a second time with the dot product of BF16.
#if defined(__x86_64__)
#include "kernels.h"
#include "table.h"

#include <immintrin.h>
#include <math.h>
#include <string.h>

#define VW 16
#define TILE_ROWS 12

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c,avx512f,avx512bw,avx512vl,avx512dq,avx512vnni"))), apply_to = function)
static inline __m512 load_half(const uint16_t *p) { return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)p)); }
static inline void store_half(uint16_t *p, __m512 v) {
    _mm256_storeu_si256((__m256i *)p, _mm512_cvtps_ph(v, _MM_FROUND_TO_NEAREST_INT));
}
#include "vector_kernels.h"
#include "logit_kernels.h"
#include "cross_kernels.h"

#define DOT_ROWS 6
#define DOT_VECTORS 4

#define DOT(name) int8_##name
#define DOT_GROUP 4
#define DOT_OFFSET 128
INLINE vi dot_int8(vi sums, vi weights, vi x) { return (vi)_mm512_dpbusd_epi32((__m512i)sums, (__m512i)x, (__m512i)weights); }
#define dot dot_int8
#include "dot_kernels.h"

#define WORDS(name) word_##name
INLINE vi dot_words(vi sums, vi a, vi b) { return (vi)_mm512_dpwssd_epi32((__m512i)sums, (__m512i)a, (__m512i)b); }
#define word_dot dot_words
#include "word_attention.h"

#define NIBBLE_ROWS 6
#define NIBBLE_VECTORS 4
#define NIBBLES(name) nibble_##name
INLINE vi dot_nibbles(vi sums, vi first, vi second, vi x, vi next) {
    return (vi)_mm512_dpbusd_epi32(_mm512_dpbusd_epi32((__m512i)sums, (__m512i)first, (__m512i)x), (__m512i)second, (__m512i)next);
}
#define nibble_dot dot_nibbles
#define word_dot dot_words
#include "vocabulary_kernels.h"

#define DOT(name) int16_##name
#define DOT_GROUP 2
#define DOT_WORDS
#define dot dot_words
#include "dot_kernels.h"

#define DOT(name) widened_bf16_##name
#define DOT_GROUP 2
#define dot widened_dot
#include "dot_kernels.h"
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c,avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx512bf16"))),      \
                             apply_to = function)
#define DOT(name) bf16_##name
#define DOT_GROUP 2
INLINE vf dot_bf16(vf sums, vi weights, vi x) { return (vf)_mm512_dpbf16_ps((__m512)sums, (__m512bh)weights, (__m512bh)x); }
#define dot dot_bf16
#include "dot_kernels.h"
#pragma clang attribute pop

const elk_kernels elk_kernels_avx512 = {
    VECTOR_KERNELS,
    .product_int8 = int8_product,
    .coarse_logits = nibble_coarse,
    .exact_strip = nibble_exact,
    .exact_panel = nibble_exact_panel,
    .product_int16 = int16_product,
    .product_bf16 = widened_bf16_product,
    .fast_heads = {word_pack_head, word_attend},
};
const elk_kernels elk_kernels_avx512bf16 = {
    VECTOR_KERNELS,
    .product_int8 = int8_product,
    .coarse_logits = nibble_coarse,
    .exact_strip = nibble_exact,
    .exact_panel = nibble_exact_panel,
    .product_int16 = int16_product,
    .product_bf16 = bf16_product,
    .fast_heads = {word_pack_head, word_attend},
};
#endif

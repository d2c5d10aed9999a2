// What each instruction set provides; drivers (linear.c, attention.c, mel.c) split the work and call through the table.
#ifndef ELK_KERNELS_INTERNAL_H
#define ELK_KERNELS_INTERNAL_H

#include "CKernels.h"

#include <string.h>

enum { HEAD = 64, KEY_TILE = 12, FRAME_LANES = 16, FFT_POINTS = 400, FFT_BINS = 201, HOP = 160 };

/// Up to so many rows int8 products round their inputs to 16 bits instead of 8: what a decoder step has.
enum { ELK_FINE_ROWS = 12 };
// Bytes ahead of the weights that few rows are multiplied with: fetched in time they come as quickly as memory gives them, which what
// the processor guesses, up to the end of a page, does not reach.
enum { ELK_AHEAD = 32 << 10 };

typedef struct {
    const float *x;
    size_t ldx;
    const void *data;
    int n;
    int k;
    const float *gain;
    const float *shift;
    const float *bias;
    int flags;
    float *y;
    size_t ldy;
} elk_product;

/// A flag of a product beside ELK_GELU and ELK_ACCUMULATE: its rows are a block of many, however few are left for the last one.
enum { ELK_MANY = 1 << 8 };

static inline bool elk_is_fine(const elk_product *product, int rows) { return rows <= ELK_FINE_ROWS && !(product->flags & ELK_MANY); }

/// The scales and sums behind the panels of an int8 matrix.
static inline const float *elk_int8_scales(const void *data, int n, int k) {
    size_t columns = (size_t)(n + ELK_DOT_PANEL - 1) / ELK_DOT_PANEL * ELK_DOT_PANEL;
    return (const float *)((const int8_t *)data + columns * ((size_t)(k + 3) / 4 * 4));
}
static inline const int32_t *elk_int8_sums(const void *data, int n, int k) {
    return (const int32_t *)(elk_int8_scales(data, n, k) + (size_t)(n + ELK_DOT_PANEL - 1) / ELK_DOT_PANEL * ELK_DOT_PANEL);
}

/// What the magnitudes of int8 weights 8p, 8p + 1, 8p + 4, 8p + 5 of a channel add up to at most, and so the other four of each eight:
/// without byte dot products their products with inputs of up to 128 are added up in 16 bits.
enum { ELK_INT8_FOUR = 251 };

/// Largest input of an int16 product; weights are scaled so that no sum leaves 32 bits.
enum { ELK_WORD_TOP = 4095 };

/// The scales behind the panels of an int16 matrix.
static inline const float *elk_int16_scales(const void *data, int n, int k) {
    size_t columns = (size_t)(n + ELK_DOT_PANEL - 1) / ELK_DOT_PANEL * ELK_DOT_PANEL;
    return (const float *)((const int16_t *)data + columns * ((size_t)(k + 1) / 2 * 2));
}

/// Bytes of one of the two planes of ELK_NIBBLES; behind them lie the scales.
size_t elk_plane_bytes(int n, int k);

/// Floats of one packed head: tiles of 12 keys, then values, then the logarithms of what keys stand for; a level may use less.
static inline size_t elk_head_floats(int positions) {
    size_t padded = (size_t)(positions + KEY_TILE - 1) / KEY_TILE * KEY_TILE;
    return (padded + (size_t)positions + 1) * HEAD + padded;
}

/// Floats of scratch memory that a product of `rows` rows needs.
static inline size_t elk_product_scratch(int rows, int k) { return (size_t)rows * ((size_t)k + 80) + 5 * (size_t)k + 256; }

/// To nearest even; NaN is not kept.
static inline uint16_t elk_to_bf16(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return (uint16_t)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
}

/// Columns of the vocabulary that are computed from both planes together.
enum { ELK_STRIP = 16 };

/// A row of inputs as integers, each with the sum of them all; what is taken off coarse logits; how far below the largest both planes
/// count, and so from which logits on, before the boundary and behind it.
typedef struct {
    float byte_step, word_step;
    int32_t byte_sum, word_sum;
    float excess, margin, bars[2];
} elk_logits_row;

/// See vocabulary.c.
typedef struct {
    const uint8_t *upper, *lower;
    const float *scales;
    /// Columns, groups of eight inputs, panels of columns, rows.
    int n, groups, panels, count;
    elk_logits_row *rows;
    /// [count][8 · groups]; of each four words the second and the third have changed places.
    const int8_t *bytes;
    const int16_t *words;
    float *y;
    size_t ldy;
    /// Largest coarse logit of each panel: [count][panels].
    float *tops;
} elk_logits_job;

typedef struct {
    /// Packs keys and values of one head, `ld` floats a row, into elk_head_floats(positions) floats; `log_counts` may be null.
    void (*pack)(const float *keys, const float *values, size_t ld, const float *log_counts, int positions, float *packed);
    /// Up to ELK_PANEL queries of one head (row stride ldq) against a packed head.
    /// `scratch` holds (positions + 12 + 2 · 64) · ELK_PANEL floats.
    void (*attend)(const float *queries, size_t ldq, int count, const float *packed, int positions, float *scratch, float *output,
                   size_t ldo);
} elk_head_kernels;

/// Positions [first, positions) of a row's own text in one head (see elk_self_attention_job), `stride` elements apart, each in a slot of its own.
typedef struct {
    const uint16_t *keys, *values;
    size_t stride, slot_stride;
    const uint8_t *slots;
    int first, positions;
} elk_cached;

typedef struct {
    /// Rows [row, row + rows) times panels [panel, panel + panels); `scratch` as elk_product_scratch says.
    void (*product_half)(const elk_product *job, int row, int rows, int panel, int panels, float *scratch);
    void (*product_int8)(const elk_product *job, int row, int rows, int panel, int panels, float *scratch);
    void (*product_int16)(const elk_product *job, int row, int rows, int panel, int panels, float *scratch);
    void (*product_bf16)(const elk_product *job, int row, int rows, int panel, int panels, float *scratch);
    /// All rows times a panel by the upper plane; a row times ELK_STRIP columns, or a panel, by both.
    void (*coarse_logits)(const elk_logits_job *job, int panel);
    void (*exact_strip)(const elk_logits_job *job, int row, int column);
    void (*exact_panel)(const elk_logits_job *job, int row, int panel);
    /// Encoder attention in single precision, and as fast as the machine can.
    elk_head_kernels exact_heads, fast_heads;
    /// Products of one query with a head's cached keys; the cached values times what `shares` says of each position. Both are indexed by
    /// position.
    void (*cached_scores)(const elk_cached *cached, const float *query, float *scores);
    void (*cached_mix)(const elk_cached *cached, const float *shares, float *output);
    void (*layer_norm)(const float *x, int width, const float *gain, const float *bias, float *y);
    /// In place softmax(x · scale), times `weights` where those are given.
    void (*softmax)(float *x, int count, float scale, const float *weights);
    /// Rounds `rows` rows of HEAD values, `ld` floats apart, to 127 steps[row] of each row's largest.
    void (*round_rows)(const float *x, size_t ld, int rows, int8_t *rounded, float *steps);
    /// Rounded keys [ELK_DOT_PANEL][HEAD] as a panel of int8 weights, with what each adds up to; what values [rows][HEAD] add up to.
    void (*pack_keys)(const int8_t *rounded, int32_t *panel, int32_t *sums);
    void (*sum_values)(const int8_t *rounded, int rows, int32_t *sums);
    void (*to_half)(const float *input, uint16_t *output, size_t count);
    void (*from_half)(const uint16_t *input, float *output, size_t count);
    // As logits.h has them.
    float (*logit_max)(const float *logits, size_t count);
    float (*logit_exp_sum)(const float *logits, size_t count, float shift, float scale);
    size_t (*logit_find)(const float *logits, size_t count, float shift, float scale, double *target);
    size_t (*logit_top)(const float *logits, size_t first, size_t last, size_t limit, int32_t *ids, size_t filled);
    /// Power spectra of FRAME_LANES windowed frames: input [400][lanes], output [201][lanes], work 4 · 200 · lanes floats.
    void (*power_spectrum)(const float *frames, float *power, float *work);
} elk_kernels;

/// cos(2πi / 400) and -sin(2πi / 400), filled before the first spectrum.
typedef struct {
    float cosine[FFT_POINTS];
    float sine[FFT_POINTS];
} elk_twiddle_table;
extern elk_twiddle_table elk_twiddles;

const elk_kernels *elk_kernels_current(void);
/// The whole product of `rows` rows on this thread; `scratch` as elk_product_scratch says.
void elk_run_product(const elk_kernels *kernels, elk_precision precision, const elk_product *product, int rows, float *scratch);
/// Thread's own 64-byte aligned scratch memory; the same block is returned again, grown when needed. Aborts when memory is out.
float *elk_scratch(size_t floats);

extern const elk_kernels elk_kernels_portable;
#if defined(__x86_64__)
extern const elk_kernels elk_kernels_avx2;
extern const elk_kernels elk_kernels_avxvnni;
extern const elk_kernels elk_kernels_avx512;
extern const elk_kernels elk_kernels_avx512bf16;
#endif

#endif

#ifndef ELK_CKERNELS_H
#define ELK_CKERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "logits.h"
#include "synthesis.h"
#include "voice.h"

#pragma clang assume_nonnull begin

// Columns of a packed weight panel. One layout serves every instruction set, so packing does not depend on the machine.
#define ELK_PANEL 32
#define ELK_DOT_PANEL 64

// MARK: Instruction sets

/// AVX2 needs FMA and F16C, AVX-VNNI adds the int8 dot product; AVX-512 needs F, BW, VL, DQ and VNNI, its BF16 is a level of its own.
typedef enum { ELK_PORTABLE = 0, ELK_AVX2 = 1, ELK_AVXVNNI = 2, ELK_AVX512 = 3, ELK_AVX512BF16 = 4, ELK_LEVELS = 5 } elk_level;

/// True where this processor and this build can run the level.
bool elk_level_available(elk_level level);
/// The level in use: the best available, or what ELK_KERNELS (portable, avx2, avxvnni, avx512, avx512bf16) names if it is available.
elk_level elk_level_current(void);
const char *elk_level_name(elk_level level);
/// Forces a level for the whole process; for tests that compare levels. Returns false if it is not available.
bool elk_level_force(elk_level level);

// MARK: Threads

/// Threads that share the chunks of one operation. They spin shortly for the next operation, then sleep.
typedef struct elk_pool elk_pool;

elk_pool *_Nullable elk_pool_create(int threads);
void elk_pool_destroy(elk_pool *pool);
int elk_pool_threads(const elk_pool *pool);
/// Cores this process may use: its affinity mask, cut to the CPU quota of its control group (version 2 or 1), at least 1.
int elk_usable_cores(void);
/// Runs task(context, i) for i in 0 ..< chunks and returns when all have ended. The caller works too and finishes alone if no
/// worker shows up; a pool that is busy with another caller's operation leaves all chunks to the caller.
void elk_pool_run(elk_pool *pool, int chunks, void (*task)(void *context, int chunk), void *context);

// MARK: Memory

/// Makes glibc give blocks of a megabyte and more back to the system when they are freed, and keep at most four heaps. Does nothing
/// with another C library.
void elk_heap_stay_small(void);

// MARK: Products with packed weights

/// How weights are kept. ELK_HALF loses nothing of published weights, which are f16. ELK_INT8 rounds every output channel to 127 steps
/// of its largest weight, or some fewer where large weights are neighbours, and multiplies with inputs rounded to 255 steps a row.
/// ELK_INT16 has up to 8191 steps a channel and 4095 a row. ELK_BF16 rounds weights and inputs to bf16. All levels give the same sums of integers.
/// ELK_NIBBLES is int8 for `elk_logits` alone.
typedef enum { ELK_HALF = 0, ELK_INT8 = 1, ELK_BF16 = 2, ELK_INT16 = 3, ELK_NIBBLES = 4 } elk_precision;

/// Weights of y = x · Wᵀ: W is [n, k]. ELK_HALF: f16 panels [ceil(n / 32)][k][32]. ELK_INT8: panels [ceil(n / 64)][ceil(k / 4)][64][4],
/// behind them n (rounded up to 64) f32 scales and as many i32 sums of the rounded weights. ELK_BF16: panels [ceil(n / 64)]
/// [ceil(k / 2)][64][2]. ELK_INT16: such panels and behind them n (rounded up to 64) f32 scales. What is missing to a whole panel or group is zero.
/// ELK_NIBBLES: the upper four bits of each weight + 128, panels [ceil(n / 64)][ceil(k / 8)][64][4] of which byte i holds inputs i and, in
/// its upper half, 4 + i; then the lower four bits alike; then n (rounded up to 64) f32 scales.
typedef struct {
    elk_precision precision;
    int n;
    int k;
    const void *data;
} elk_matrix;

/// Bytes of a packed n × k matrix.
size_t elk_matrix_bytes(elk_precision precision, int n, int k);
/// Packs rows [row, row + rows) of W into `data`, given as f32 with `k` values a row. `row` is a multiple of 64.
void elk_matrix_pack(const elk_matrix *matrix, void *data, int row, int rows, const float *values);
/// Copies row `row` of W out again as f32.
void elk_matrix_row(const elk_matrix *matrix, int row, float *output);

enum { ELK_GELU = 1, ELK_ACCUMULATE = 2 };

/// y[rows, n] = f(norm(x[rows, k]) · Wᵀ + bias), rows `ldx` and `ldy` floats apart. norm is layer normalisation with `gain` and `shift`
/// where they are given. ELK_GELU applies the erf form of GELU; ELK_ACCUMULATE adds the result to y.
typedef struct {
    elk_matrix matrix;
    const float *_Nullable x;
    size_t ldx;
    const float *_Nullable gain;
    const float *_Nullable shift;
    const float *_Nullable bias;
    int flags;
    float *_Nullable y;
    size_t ldy;
} elk_step;

void elk_linear(elk_pool *pool, const elk_step *step, int rows);
/// As elk_linear, for rows that have nothing to do with each other: each is what it is alone, whatever their number.
void elk_linear_steps(elk_pool *pool, const elk_step *step, int rows);

/// The logits y[rows, n] = norm(x[rows, k]) · Wᵀ of a step with neither bias nor flags. With ELK_NIBBLES all but those near a row's largest are
/// approximate (see vocabulary.c) unless the row is among `are_exact`. The largest is looked for among the columns before `boundary` and
/// among the others, where either may be forbidden. Each row is what it is alone.
void elk_logits(elk_pool *pool, const elk_step *step, int rows, int boundary, const bool *are_exact);

/// Products of the same rows one after the other, a block of rows at a time through all of them. A step without y keeps its result for
/// the next, which is without x, and never leaves the thread's cache. No step may read rows of others than its own block.
void elk_chain(elk_pool *pool, const elk_step *steps, int count, int rows);

// MARK: Rows

/// y = (x - mean) / sqrt(variance + 1e-5) · gain + bias for each of `rows` rows of `width`.
void elk_layer_norm(elk_pool *pool, const float *x, int rows, int width, const float *gain, const float *bias, float *y);

/// In place softmax(x · scale) of one row.
void elk_softmax(float *x, int count, float scale);

void elk_to_half(const float *input, uint16_t *output, size_t count);
void elk_from_half(const uint16_t *input, float *output, size_t count);

// MARK: Attention (head width 64)

/// Encoder self-attention without mask; in single precision with ELK_HALF, else with 16-bit integers. `qkv` is [positions, 3 · width]:
/// queries, keys, values; output [positions, width]. A position that stands for n alike has the logarithm of n in `log_counts`
/// [positions]; null where all stand for themselves.
/// `workspace` holds elk_attention_floats(positions, heads) floats.
size_t elk_attention_floats(int positions, int heads);
void elk_attention(elk_pool *pool, elk_precision precision, const float *qkv, const float *_Nullable log_counts, int positions, int heads,
                   float *workspace, float *output);

/// Keys and values of one decoder layer's cross-attention, packed a head at a time: in half precision with ELK_HALF, each rounded to 127
/// steps of its largest element with ELK_INT8.
size_t elk_cross_bytes(elk_precision precision, int positions, int heads);
/// Keys and values [2 · width, width] of `states` [positions, width], packed.
void elk_cross_project(elk_pool *pool, const elk_matrix *matrix, const float *_Nullable bias, const float *states, int positions, int heads,
                       elk_precision precision, void *packed);
/// Rows of queries [rows, heads · 64] against a packed layer; output has the same shape, `log_counts` as in elk_attention. Where
/// `scores` is given it receives the scaled scores before softmax of head `head_slots[h] >= 0` at
/// scores[slot · rows · positions ...].
typedef struct {
    const float *queries;
    int rows;
    elk_precision precision;
    const void *packed;
    const float *_Nullable log_counts;
    int positions;
    float *output;
    float *_Nullable scores;
    const int *_Nullable head_slots;
} elk_cross_attention_job;
/// Several jobs at once, each with keys and values of its own.
void elk_cross_attention(elk_pool *pool, const elk_cross_attention_job *jobs, int count, int heads);

/// Keys and values [positions, heads · 64], `ld` floats a row, of a prompt that several rows of text go on from, packed like a window's in
/// int8.
size_t elk_prompt_bytes(int positions, int heads);
void elk_prompt_pack(elk_pool *pool, const float *keys, const float *values, size_t ld, int positions, int heads, void *packed);

/// Causal self-attention of the decoder over cached keys and values.
/// `cache_keys`/`cache_values`: halves [slots][textContext][width]. Query i of row `rows[i]` sees positions 0 ... positions[i]; position p
/// of row r lies in slot `slot_table[r · textContext + p]`. The first `prompt_positions`, which every query sees, are taken from `prompt`
/// (see elk_prompt_pack) instead; 0 where there is none.
typedef struct {
    const float *queries;
    size_t ldq;
    int count;
    const int32_t *rows;
    const int32_t *positions;
    const uint16_t *cache_keys;
    const uint16_t *cache_values;
    const uint8_t *slot_table;
    const void *_Nullable prompt;
    int prompt_positions;
    int text_context;
    int heads;
    float *output;
} elk_self_attention_job;
/// Several jobs at once, all with the same number of heads.
void elk_self_attention(elk_pool *pool, const elk_self_attention_job *jobs, int count);

// MARK: Front end

/// Band weights in sparse form: band b covers bins first[b] ..< first[b] + count[b] with weights from offset[b] on.
typedef struct {
    int bands;
    const int32_t *first;
    const int32_t *count;
    const int32_t *offset;
    const float *weights;
} elk_mel_filters;

/// log10(max(mel power, 1e-10)) of frames [first, end): 400-point Hann windows every 160 samples, the first centred on sample 0, the
/// recording mirrored at its start and followed by silence. output is [bands, stride] and begins with frame 0.
void elk_log_mel(elk_pool *pool, const float *samples, size_t count, const elk_mel_filters *filters, int first, int end,
                 float *output, size_t stride);

#pragma clang assume_nonnull end
#endif

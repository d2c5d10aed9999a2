#include "CKernels.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))

typedef struct {
    int width;
    void (*convolve)(const elk_convolution_job *job, int first, int last, int start, int end);
    void (*gate)(const float *x, const float *gates, int count, float *y);
    void (*tanh_row)(float *x, int count);
    void (*normalize)(float *x, size_t ldx, int channels, const float *gain, const float *shift, bool gelu);
    void (*softmax)(float *x, size_t ldx, int rows);
} synthesis_kernels;

#define VW 4
#define NAME(name) name##_portable
#include "synthesis_kernels.h"

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define VW 8
#define NAME(name) name##_avx2
#include "synthesis_kernels.h"
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512vl,fma"))), apply_to = function)
#define VW 16
#define NAME(name) name##_avx512
#include "synthesis_kernels.h"
#pragma clang attribute pop
#endif

static const synthesis_kernels *current(void) {
#if defined(__x86_64__)
    elk_level level = elk_level_current();
    if (level >= ELK_AVX512) return &kernels_avx512;
    if (level >= ELK_AVX2) return &kernels_avx2;
#endif
    return &kernels_portable;
}

static int whole_rows(int outputs) { return (outputs + ELK_CONVOLUTION_ROWS - 1) / ELK_CONVOLUTION_ROWS * ELK_CONVOLUTION_ROWS; }

size_t elk_convolution_floats(int outputs, int inputs, int taps) { return (size_t)whole_rows(outputs) * (size_t)inputs * (size_t)taps; }

void elk_convolution_pack(const float *weights, ptrdiff_t output_stride, ptrdiff_t input_stride, ptrdiff_t tap_stride, int outputs, int inputs,
                          int taps, float scale, float *packed) {
    for (int block = 0; block < outputs; block += ELK_CONVOLUTION_ROWS)
        for (int input = 0; input < inputs; input++)
            for (int tap = 0; tap < taps; tap++)
                for (int row = 0; row < ELK_CONVOLUTION_ROWS; row++)
                    *packed++ = block + row < outputs
                                    ? weights[(block + row) * output_stride + input * input_stride + tap * tap_stride] * scale
                                    : 0;
}

typedef struct {
    const synthesis_kernels *kernels;
    const elk_convolution_job *job;
    int columns;
    int rows;
    int row_chunks;
} convolve_context;

static void convolve_chunk(void *context, int chunk) {
    const convolve_context *c = context;
    int first = chunk % c->row_chunks * c->rows, start = chunk / c->row_chunks * c->columns;
    int last = first + c->rows, end = start + c->columns;
    if (last > c->job->layer.outputs) last = c->job->layer.outputs;
    if (end > c->job->count) end = c->job->count;
    c->kernels->convolve(c->job, first, last, start, end);
}

void elk_convolve(elk_pool *pool, const elk_convolution_job *job) {
    if (job->count <= 0 || job->layer.outputs <= 0) return;
    const synthesis_kernels *kernels = current();
    if (!pool) {
        kernels->convolve(job, 0, job->layer.outputs, 0, job->count);
        return;
    }
    // Eight tiles of time keep their inputs in a core's cache for all outputs; short planes are shared out by outputs too.
    convolve_context context = {kernels, job, 8 * 3 * kernels->width, job->layer.outputs, 1};
    int columns = (job->count + context.columns - 1) / context.columns, wanted = 4 * elk_pool_threads(pool);
    if (columns < wanted) {
        int chunks = (wanted + columns - 1) / columns, rows = whole_rows((job->layer.outputs + chunks - 1) / chunks);
        context.rows = rows < 16 ? 16 : rows;
        context.row_chunks = (job->layer.outputs + context.rows - 1) / context.rows;
    }
    elk_pool_run(pool, columns * context.row_chunks, convolve_chunk, &context);
}

void elk_convolve_channels(const float *weights, const float *bias, int channels, int taps, int dilation, const float *x, size_t ldx, int count,
                           float *y, size_t ldy) {
    for (int c = 0; c < channels; c++, x += ldx, y += ldy) {
        for (int t = 0; t < count; t++) y[t] = bias[c];
        for (int k = 0; k < taps; k++) {
            const float *shifted = x + (ptrdiff_t)(k - taps / 2) * dilation;
            float weight = weights[c * taps + k];
            for (int t = 0; t < count; t++) y[t] += weight * shifted[t];
        }
    }
}

typedef struct {
    const float *x;
    size_t ldx;
    int columns, step, skip, count;
    float *y;
    size_t ldy;
    float *activated;
    size_t lda;
    float slope;
} interleave_context;

static void interleave_channel(void *context, int channel) {
    const interleave_context *c = context;
    const float *x = c->x + (size_t)channel * c->step * c->ldx;
    float *y = c->y + (size_t)channel * c->ldy, *activated = c->activated + (size_t)channel * c->lda;
    for (int t = 0; t < c->columns; t++)
        for (int r = 0; r < c->step; r++) {
            int at = t * c->step + r - c->skip;
            if (at < 0 || at >= c->count) continue;
            float value = x[(size_t)r * c->ldx + t];
            y[at] = value;
            activated[at] = value < 0 ? value * c->slope : value;
        }
}

void elk_interleave(elk_pool *pool, const float *x, size_t ldx, int columns, int channels, int step, int skip, int count, float *y, size_t ldy,
                    float *activated, size_t lda, float slope) {
    interleave_context context = {x, ldx, columns, step, skip, count, y, ldy, activated, lda, slope};
    if (pool) {
        elk_pool_run(pool, channels, interleave_channel, &context);
    } else {
        for (int channel = 0; channel < channels; channel++) interleave_channel(&context, channel);
    }
}

void elk_normalize_columns(float *x, size_t ldx, int channels, int count, const float *gain, const float *shift, bool gelu) {
    const synthesis_kernels *kernels = current();
    for (int t = 0; t < count; t += kernels->width) kernels->normalize(x + t, ldx, channels, gain, shift, gelu);
    // The last vector reached into the silence behind the row.
    int whole = (count + kernels->width - 1) / kernels->width * kernels->width;
    for (int c = 0; c < channels && whole > count; c++) memset(x + (size_t)c * ldx + count, 0, (size_t)(whole - count) * sizeof *x);
}

typedef struct {
    const synthesis_kernels *kernels;
    float *x;
    size_t ldx;
    int rows;
} softmax_context;

static void softmax_chunk(void *context, int chunk) {
    const softmax_context *c = context;
    c->kernels->softmax(c->x + chunk * c->kernels->width, c->ldx, c->rows);
}

void elk_softmax_columns(elk_pool *pool, float *x, size_t ldx, int rows, int count) {
    softmax_context context = {current(), x, ldx, rows};
    elk_pool_run(pool, (count + context.kernels->width - 1) / context.kernels->width, softmax_chunk, &context);
}

typedef struct {
    const synthesis_kernels *kernels;
    const float *x;
    size_t ldx;
    int channels, count;
    float *y;
    size_t ldy;
} gate_context;

static void gate_channel(void *context, int channel) {
    const gate_context *c = context;
    const float *x = c->x + (size_t)channel * c->ldx;
    c->kernels->gate(x, x + (size_t)c->channels * c->ldx, c->count, c->y + (size_t)channel * c->ldy);
}

void elk_gate(elk_pool *pool, const float *x, size_t ldx, int channels, int count, float *y, size_t ldy) {
    gate_context context = {current(), x, ldx, channels, count, y, ldy};
    elk_pool_run(pool, channels, gate_channel, &context);
}

void elk_rectify(float *x, int count) {
    for (int i = 0; i < count; i++) x[i] = x[i] > 0 ? x[i] : 0;
}

void elk_tanh(float *x, int count) { current()->tanh_row(x, count); }

void elk_add(float *x, const float *y, int count) {
    for (int i = 0; i < count; i++) x[i] += y[i];
}

#ifndef ELK_SYNTHESIS_H
#define ELK_SYNTHESIS_H

#include <stdbool.h>
#include <stddef.h>

#pragma clang assume_nonnull begin

// Loops of networks that make sound, in single precision. A plane is [channels][time]: rows are `stride` floats apart, begin at time 0 and
// have memory before and behind, which the caller keeps zero where a convolution is to see silence. Without a pool the calling thread
// does all of the work.

typedef struct elk_pool elk_pool;

enum { ELK_CONVOLUTION_ROWS = 4, ELK_CONVOLUTION_SLACK = 64 };

/// Weights [outputs, inputs, taps], packed as [ceil(outputs / 4)][inputs][taps][4], missing outputs zero; the bias is filled up likewise.
typedef struct {
    const float *weights;
    const float *_Nullable bias;
    int outputs;
    int inputs;
    int taps;
    int dilation;
} elk_convolution;

/// Floats of packed weights.
size_t elk_convolution_floats(int outputs, int inputs, int taps);
/// Packs weights whose strides from one output, input and tap to the next are given, times `scale`.
void elk_convolution_pack(const float *weights, ptrdiff_t output_stride, ptrdiff_t input_stride, ptrdiff_t tap_stride, int outputs, int inputs,
                          int taps, float scale, float *packed);

/// y[o][t] = bias[o] + sum of weights[o][i][k] · x[i][t + offset + k · dilation], plus residual[o][t], plus what y holds where
/// `accumulates`; activated[o][t] is that after a leaky rectifier. Of each row x[offset ... count + taps · dilation +
/// ELK_CONVOLUTION_SLACK] must be memory. y and activated are written for 0 ..< count only and must not overlap x.
typedef struct {
    elk_convolution layer;
    const float *x;
    size_t ldx;
    int offset;
    int count;
    const float *_Nullable residual;
    size_t ldr;
    float *_Nullable y;
    size_t ldy;
    float *_Nullable activated;
    size_t lda;
    float slope;
    bool accumulates;
} elk_convolution_job;
void elk_convolve(elk_pool *_Nullable pool, const elk_convolution_job *job);

/// Each channel by itself: y[c][t] = bias[c] + sum of weights[c][k] · x[c][t + (k - taps / 2) · dilation].
void elk_convolve_channels(const float *weights, const float *bias, int channels, int taps, int dilation, const float *x, size_t ldx, int count,
                           float *y, size_t ldy);

/// Puts the phases of a transposed convolution in their places: y[c][t · step + r - skip] = x[c · step + r][t] for 0 <= t < columns, where that
/// is within 0 ..< count; `activated` as in `elk_convolve`.
void elk_interleave(elk_pool *_Nullable pool, const float *x, size_t ldx, int columns, int channels, int step, int skip, int count, float *y, size_t ldy,
                    float *activated, size_t lda, float slope);

/// In place, over the channels of each time: (x - mean) / sqrt(variance + 1e-5) · gain + shift, then GELU (erf form) where asked.
void elk_normalize_columns(float *x, size_t ldx, int channels, int count, const float *gain, const float *shift, bool gelu);
/// In place softmax over the rows of each time.
void elk_softmax_columns(elk_pool *pool, float *x, size_t ldx, int rows, int count);
/// y[c][t] = tanh(x[c][t]) · logistic(x[channels + c][t]).
void elk_gate(elk_pool *pool, const float *x, size_t ldx, int channels, int count, float *y, size_t ldy);
/// In place: max(x, 0) of one row.
void elk_rectify(float *x, int count);
/// In place: tanh of one row.
void elk_tanh(float *x, int count);
/// x += y.
void elk_add(float *x, const float *y, int count);

#pragma clang assume_nonnull end
#endif

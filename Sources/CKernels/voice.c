#include "kernels.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))
enum { FRAME = ELK_VOICE_FRAME, CONTEXT = ELK_VOICE_CONTEXT, WIDTH = ELK_VOICE_WIDTH, BINS = ELK_VOICE_BINS };
enum { PANEL = ELK_VOICE_PANEL, LINE = (2 * BINS + PANEL - 1) / PANEL * PANEL, SPAN = CONTEXT + FRAME + CONTEXT };
// Frames that share a pass over the weights, of which there are more than a core's own caches hold.
enum { BLOCK = 6 };

typedef float float8 __attribute__((vector_size(32)));
typedef float float8u __attribute__((vector_size(32), aligned(4)));
// A line of a panel: two registers of AVX2, one of AVX-512.
typedef float line __attribute__((vector_size(PANEL * 4)));
typedef float lineu __attribute__((vector_size(PANEL * 4), aligned(4)));

// `rows` rows of x, ldx floats apart, times `panels` panels, `next` floats apart; sums begin with the bias and go through the inputs in
// order, so that no result depends on what else is in the tile. y may be the bias.
INLINE void multiply_tile(int rows, int panels, const float *x, int ldx, const float *panel, size_t next, const float *bias, int inputs,
                          float *y, int ldy) {
    line sums[BLOCK];
#pragma clang loop unroll(full)
    for (int i = 0; i < rows * panels; i++) sums[i] = *(const lineu *)(bias + i % panels * PANEL);
    // The loop's own instructions cost time, most of all where another thread shares the core.
#pragma clang loop unroll_count(4)
    for (int k = 0; k < inputs; k++, panel += PANEL) {
#pragma clang loop unroll(full)
        for (int i = 0; i < rows * panels; i++) sums[i] += x[i / panels * ldx + k] * *(const lineu *)(panel + i % panels * next);
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < rows * panels; i++) *(lineu *)(y + i / panels * ldy + i % panels * PANEL) = sums[i];
}

// Rows of frames: those of one frame are `row` floats apart, frames `frame` floats.
typedef struct {
    float *base;
    int row;
    int frame;
} matrix;

// The first row of x begins `border` floats before its frame; what is outside of the frame counts as zero. y has room for whole panels.
// A tile is one row of all the frames, without the zeros. Of a frame alone it is all rows: four of rows and panels together keep enough
// sums going that none waits for itself.
INLINE void multiply(const elk_voice_layer *layer, int inputs, int border, int frames, int rows, matrix x, matrix y) {
    bool alone = frames == 1;
    int panels = alone ? 4 / rows : 1;
    if (alone) {
        memset(x.base - border, 0, (size_t)border * sizeof(float));
        memset(x.base + x.frame, 0, (size_t)border * sizeof(float));
    }
    for (int column = 0; column < layer->outputs; column += panels * PANEL) {
        const float *panel = layer->panels + (size_t)column * layer->inputs;
        for (int row = 0; row < rows; row += alone ? rows : 1) {
            int start = row * x.row - border, end = start + inputs;
            int first = alone || start > 0 ? start : 0, last = alone || end < x.frame ? end : x.frame;
            multiply_tile(alone ? rows : frames, panels, x.base + first, alone ? x.row : x.frame, panel + (first - start) * PANEL,
                          (size_t)layer->inputs * PANEL, layer->bias + column, last - first, y.base + row * y.row + column,
                          alone ? y.row : y.frame);
        }
    }
}

INLINE void rectify(float *x, int count) {
    for (int i = 0; i < count; i++) x[i] = x[i] > 0 ? x[i] : 0;
}

// y = a / (1 + e^(-ax)) - (a - 1): the logistic function with a = 1, tanh with a = 2. e^-x is 2^n · e^r with |r| <= ln2 / 2 and a Taylor
// polynomial of degree 6.
INLINE void squash(const float *x, float *y, int count, float a) {
    typedef int32_t int8 __attribute__((vector_size(32)));
    const float8 limit = (float8){0} + 80;
    for (int i = 0; i < count; i += 8) {
        float8 v = *(const float8u *)(x + i) * -a;
        int8 above = v > limit, below = v < -limit;
        v = (float8)(((int8)v & ~(above | below)) | ((int8)limit & above) | ((int8)-limit & below));
        float8 shifted = v * 1.44269504f + 12582912.0f, n = shifted - 12582912.0f;
        float8 r = v - n * 0.693359375f + n * 2.12194440e-4f;
        float8 p = r * (1.0f / 720) + 1.0f / 120;
        p = p * r + 1.0f / 24;
        p = p * r + 1.0f / 6;
        p = p * r + 0.5f;
        p = p * r + 1;
        p = p * r + 1;
        float8 power = (float8)((int8)p + ((int8)shifted << 23));
        *(float8u *)(y + i) = a / (1 + power) - (a - 1);
    }
}

// gates: what the frame itself gives them; the state adds its part, which comes second in the panels.
INLINE float step(const elk_voice_network *network, elk_voice_state *state, float *gates) {
    for (int column = 0; column < 4 * WIDTH; column += 4 * PANEL)
        multiply_tile(1, 4, state->hidden, 0, network->gates.panels + (2 * column + PANEL) * WIDTH, 2 * WIDTH * PANEL, gates + column,
                      WIDTH, gates + column, 0);
    float sum = network->output_bias;
    squash(gates, gates, 2 * WIDTH, 1);
    squash(gates + 2 * WIDTH, gates + 2 * WIDTH, WIDTH, 2);
    squash(gates + 3 * WIDTH, gates + 3 * WIDTH, WIDTH, 1);
    for (int i = 0; i < WIDTH; i++) state->cell[i] = gates[WIDTH + i] * state->cell[i] + gates[i] * gates[2 * WIDTH + i];
    squash(state->cell, state->hidden, WIDTH, 2);
    for (int i = 0; i < WIDTH; i++) {
        state->hidden[i] *= gates[3 * WIDTH + i];
        sum += (state->hidden[i] > 0 ? state->hidden[i] : 0) * network->output[i];
    }
    return 1 / (1 + expf(-sum));
}

// What no network should see, a NaN for one, which would stay in the state for ever, counts as silence.
INLINE float sound(float sample, float gain) {
    sample *= gain;
    return fabsf(sample) <= 1000 ? sample : 0;
}

// What one frame, or BLOCK of them, give the gates themselves: [frames][4 · WIDTH]. `count` samples of each are there; what came before them
// is `context`, or lies in front of the samples where that is null.
INLINE void frame_gates(const elk_voice_network *network, const float *context, int frames, const float *samples, size_t count, float gain,
                        float *gates) {
    // Layers read one and write the other, in turn: that keeps the stack small.
    float even[BLOCK * SPAN], odd[BLOCK * 4 * LINE];
    matrix input = {even, 128, SPAN}, spectrum = {odd, LINE, 4 * LINE}, magnitude = {even + BINS, BINS, 4 * BINS};
    matrix first = {odd + WIDTH, WIDTH, 4 * WIDTH}, every_other = {first.base, 2 * WIDTH, 4 * WIDTH};
    matrix second = {even + 64, 64, 2 * 64}, third = {odd, 64, 64}, fourth = {even, WIDTH, WIDTH};

    // 64 samples of before, 512 new ones, and the last 64 mirrored.
    for (int f = 0; f < frames; f++) {
        float *frame = input.base + f * SPAN;
        const float *start = samples + (size_t)f * FRAME;
        for (int i = 0; i < CONTEXT; i++) frame[i] = f == 0 && context ? context[i] : sound(start[i - CONTEXT], gain);
        for (size_t i = 0; i < FRAME; i++) frame[CONTEXT + i] = i < count ? sound(start[i], gain) : 0;
        for (int i = 0; i < CONTEXT; i++) frame[CONTEXT + FRAME + i] = frame[CONTEXT + FRAME - 2 - i];
    }
    multiply(&network->spectrum, 256, 0, frames, 4, input, spectrum);
    for (int t = 0; t < frames * 4; t++) {
        const float *real = spectrum.base + t * LINE, *imaginary = real + BINS;
        float *column = magnitude.base + t * BINS;
        for (int i = 0; i < BINS; i++) column[i] = sqrtf(real[i] * real[i] + imaginary[i] * imaginary[i]);
    }
    // Rows are three neighbouring columns.
    multiply(&network->convolutions[0], 3 * BINS, BINS, frames, 4, magnitude, first);
    rectify(first.base, frames * 4 * WIDTH);
    multiply(&network->convolutions[1], 3 * WIDTH, WIDTH, frames, 2, every_other, second);
    rectify(second.base, frames * 2 * 64);
    multiply(&network->convolutions[2], 3 * 64, 64, frames, 1, second, third);
    rectify(third.base, frames * 64);
    multiply(&network->convolutions[3], 64, 0, frames, 1, third, fourth);
    rectify(fourth.base, frames * WIDTH);
    multiply(&network->gates, WIDTH, 0, frames, 1, fourth, (matrix){gates, 4 * WIDTH, 4 * WIDTH});
}

typedef struct {
    void (*gates)(const elk_voice_network *network, const float *context, int frames, const float *samples, size_t count, float gain,
                  float *gates);
    float (*step)(const elk_voice_network *network, elk_voice_state *state, float *gates);
} voice_kernels;

#define VOICE_KERNELS(LEVEL, ...)                                                                                                  \
    __VA_ARGS__ static void gates_##LEVEL(const elk_voice_network *network, const float *context, int frames, const float *samples, \
                                          size_t count, float gain, float *gates) {                                                \
        /* Told apart here, so that both are compiled for their number of frames. */                                               \
        if (frames == 1)                                                                                                           \
            frame_gates(network, context, 1, samples, count, gain, gates);                                                         \
        else                                                                                                                       \
            frame_gates(network, context, BLOCK, samples, count, gain, gates);                                                     \
    }                                                                                                                              \
    __VA_ARGS__ static float step_##LEVEL(const elk_voice_network *network, elk_voice_state *state, float *gates) {                 \
        return step(network, state, gates);                                                                                        \
    }

VOICE_KERNELS(portable)
#if defined(__x86_64__)
VOICE_KERNELS(avx2, __attribute__((target("avx2,fma"))))
VOICE_KERNELS(avx512, __attribute__((target("avx512f,avx2,fma"))))
#endif

static voice_kernels current_kernels(void) {
#if defined(__x86_64__)
    if (elk_level_current() >= ELK_AVX512) return (voice_kernels){gates_avx512, step_avx512};
    if (elk_level_current() >= ELK_AVX2) return (voice_kernels){gates_avx2, step_avx2};
#endif
    return (voice_kernels){gates_portable, step_portable};
}

// Blocks whose gates are kept at once.
enum { BLOCKS_AT_ONCE = 32 };

typedef struct {
    const elk_voice_network *network;
    elk_voice_state *state;
    // What came before the samples; null where it lies in front of them.
    const float *context;
    const float *samples;
    float gain;
    float *gates;
    // Frames whose gates are there, for the state to take one after the other: one thread does that while the others are at the next.
    float *ready;
    size_t count;
    float *probabilities;
    voice_kernels kernels;
} voice_work;

static void voice_chunk(void *context, int chunk) {
    const voice_work *work = context;
    if (chunk == 0) {
        for (size_t f = 0; f < work->count; f++)
            work->probabilities[f] = work->kernels.step(work->network, work->state, work->ready + f * 4 * WIDTH);
        return;
    }
    size_t block = (size_t)chunk - 1;
    work->kernels.gates(work->network, block == 0 ? work->context : NULL, BLOCK, work->samples + block * BLOCK * FRAME, FRAME, work->gain,
                        work->gates + block * BLOCK * 4 * WIDTH);
}

void elk_voice_run(elk_pool *pool, const elk_voice_network *network, elk_voice_state *state, const float *samples, size_t count, float gain,
                   float *probabilities) {
    float *halves = elk_scratch(2 * BLOCKS_AT_ONCE * BLOCK * 4 * WIDTH);
    voice_work work = {
        .network = network,
        .state = state,
        .context = state->context,
        .samples = samples,
        .gain = gain,
        .gates = halves,
        .ready = halves + BLOCKS_AT_ONCE * BLOCK * 4 * WIDTH,
        .probabilities = probabilities,
        .kernels = current_kernels(),
    };
    const float *end = samples + count;
    while (work.samples < end || work.count > 0) {
        size_t left = (size_t)(end - work.samples), blocks = left / (BLOCK * FRAME), frames = blocks > 0 || left == 0 ? 0 : 1;
        if (blocks > BLOCKS_AT_ONCE) blocks = BLOCKS_AT_ONCE;
        if (frames == 1) work.kernels.gates(network, work.context, 1, work.samples, left < FRAME ? left : FRAME, gain, work.gates);
        if (pool)
            elk_pool_run(pool, 1 + (int)blocks, voice_chunk, &work);
        else
            for (int i = 0; i <= (int)blocks; i++) voice_chunk(&work, i);
        work.probabilities += work.count;
        work.count = frames + blocks * BLOCK;
        work.samples = work.count * FRAME < left ? work.samples + work.count * FRAME : end;
        if (work.count > 0) work.context = NULL;
        float *ready = work.gates;
        work.gates = work.ready;
        work.ready = ready;
    }
    for (size_t i = 0; i < CONTEXT && count > 0; i++) {
        // The end of the last frame, which silence fills up.
        size_t at = (count + FRAME - 1) / FRAME * FRAME - CONTEXT + i;
        state->context[i] = at < count ? sound(samples[at], gain) : 0;
    }
}

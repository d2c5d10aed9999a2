#include "kernels.h"

#include <math.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))
enum { FRAME = ELK_VOICE_FRAME, CONTEXT = ELK_VOICE_CONTEXT, WIDTH = ELK_VOICE_WIDTH, BINS = ELK_VOICE_BINS };
enum { PANEL = ELK_VOICE_PANEL, LINE = (2 * BINS + PANEL - 1) / PANEL * PANEL };

typedef float float8 __attribute__((vector_size(32)));
typedef float float8u __attribute__((vector_size(32), aligned(4)));

// `rows` rows of x, ldx floats apart, times `panels` panels. Four of either together keep enough sums going that none waits for itself.
INLINE void multiply_panels(int rows, int panels, const float *x, size_t ldx, const float *panel, const float *bias, int inputs, float *y,
                            size_t ldy) {
    size_t next = (size_t)inputs * PANEL;
    float8 sums[4][2];
#pragma clang loop unroll(full)
    for (int i = 0; i < rows * panels; i++) {
        sums[i][0] = *(const float8u *)(bias + i % panels * PANEL);
        sums[i][1] = *(const float8u *)(bias + i % panels * PANEL + 8);
    }
    for (int k = 0; k < inputs; k++, panel += PANEL) {
#pragma clang loop unroll(full)
        for (int i = 0; i < rows * panels; i++) {
            float8 value = (float8){0} + x[i / panels * ldx + k];
            sums[i][0] += value * *(const float8u *)(panel + i % panels * next);
            sums[i][1] += value * *(const float8u *)(panel + i % panels * next + 8);
        }
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < rows * panels; i++) {
        *(float8u *)(y + i / panels * ldy + i % panels * PANEL) = sums[i][0];
        *(float8u *)(y + i / panels * ldy + i % panels * PANEL + 8) = sums[i][1];
    }
}

// y has room for whole panels; their number is a multiple of 4 / rows.
INLINE void multiply(const elk_voice_layer *layer, int rows, const float *x, size_t ldx, float *y, size_t ldy) {
    const float *panel = layer->panels;
    int together = 4 / rows;
    for (int column = 0; column < layer->outputs; column += together * PANEL, panel += (size_t)together * layer->inputs * PANEL)
        multiply_panels(rows, together, x, ldx, panel, layer->bias + column, layer->inputs, y + column, ldy);
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

// input: 64 samples of before, 512 new ones, 64 to be filled.
INLINE float step(const elk_voice_network *network, elk_voice_state *state, float *input) {
    for (int i = 0; i < CONTEXT; i++) input[CONTEXT + FRAME + i] = input[CONTEXT + FRAME - 2 - i];

    // Each layer's columns lie between two of zeros, so that three neighbours are one row of the next product.
    float spectrum[4 * LINE], magnitude[6 * BINS] = {0}, first[6 * WIDTH] = {0}, second[4 * 64] = {0}, third[64];
    multiply(&network->spectrum, 4, input, 128, spectrum, LINE);
    for (int t = 0; t < 4; t++) {
        const float *real = spectrum + t * LINE, *imaginary = real + BINS;
        float *column = magnitude + (t + 1) * BINS;
        for (int i = 0; i < BINS; i++) column[i] = sqrtf(real[i] * real[i] + imaginary[i] * imaginary[i]);
    }
    multiply(&network->convolutions[0], 4, magnitude, BINS, first + WIDTH, WIDTH);
    rectify(first + WIDTH, 4 * WIDTH);
    multiply(&network->convolutions[1], 2, first, 2 * WIDTH, second + 64, 64);
    rectify(second + 64, 2 * 64);
    multiply(&network->convolutions[2], 1, second, 0, third, 0);
    rectify(third, 64);

    float joined[2 * WIDTH], gates[4 * WIDTH];
    multiply(&network->convolutions[3], 1, third, 0, joined, 0);
    rectify(joined, WIDTH);
    memcpy(joined + WIDTH, state->hidden, sizeof state->hidden);
    multiply(&network->gates, 1, joined, 0, gates, 0);
    float sum = network->output_bias;
    squash(gates, gates, 2 * WIDTH, 1);
    squash(gates + 2 * WIDTH, gates + 2 * WIDTH, WIDTH, 2);
    squash(gates + 3 * WIDTH, gates + 3 * WIDTH, WIDTH, 1);
    for (int i = 0; i < WIDTH; i++) state->cell[i] = gates[WIDTH + i] * state->cell[i] + gates[i] * gates[2 * WIDTH + i];
    squash(state->cell, state->hidden, WIDTH, 2);
    for (int i = 0; i < WIDTH; i++) {
        state->hidden[i] *= gates[3 * WIDTH + i];
        if (state->hidden[i] > 0) sum += state->hidden[i] * network->output[i];
    }
    return 1 / (1 + expf(-sum));
}

INLINE void run(const elk_voice_network *network, elk_voice_state *state, const float *samples, size_t count, float gain,
                float *probabilities) {
    float input[CONTEXT + FRAME + CONTEXT];
    for (size_t start = 0; start < count; start += FRAME) {
        memcpy(input, state->context, sizeof state->context);
        size_t rest = count - start < FRAME ? count - start : FRAME;
        for (size_t i = 0; i < FRAME; i++) {
            float sample = i < rest ? samples[start + i] * gain : 0;
            // False for a NaN too, which would stay in the state for ever.
            input[CONTEXT + i] = fabsf(sample) <= 1000 ? sample : 0;
        }
        memcpy(state->context, input + FRAME, sizeof state->context);
        *probabilities++ = step(network, state, input);
    }
}

#if defined(__x86_64__)
__attribute__((target("avx2,fma"))) static void run_avx2(const elk_voice_network *network, elk_voice_state *state,
                                                         const float *samples, size_t count, float gain, float *probabilities) {
    run(network, state, samples, count, gain, probabilities);
}
#endif

void elk_voice_run(const elk_voice_network *network, elk_voice_state *state, const float *samples, size_t count, float gain,
                   float *probabilities) {
#if defined(__x86_64__)
    if (elk_level_current() >= ELK_AVX2) {
        run_avx2(network, state, samples, count, gain, probabilities);
        return;
    }
#endif
    run(network, state, samples, count, gain, probabilities);
}

#include "kernels.h"

#include <math.h>
#include <string.h>

#define INLINE static inline __attribute__((always_inline))
enum { FRAME = ELK_VOICE_FRAME, CONTEXT = ELK_VOICE_CONTEXT, WIDTH = ELK_VOICE_WIDTH, BINS = ELK_VOICE_BINS };
enum { PANEL = ELK_VOICE_PANEL, LINE = (2 * BINS + PANEL - 1) / PANEL * PANEL };

typedef float float8 __attribute__((vector_size(32)));
typedef float float8u __attribute__((vector_size(32), aligned(4)));

// `rows` rows of x, ldx floats apart, times one panel.
INLINE void multiply_panel(int rows, const float *x, size_t ldx, const float *panel, const float *bias, int inputs, float *y,
                           size_t ldy) {
    float8 low[4], high[4];
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) {
        low[r] = *(const float8u *)bias;
        high[r] = *(const float8u *)(bias + 8);
    }
    for (int k = 0; k < inputs; k++, panel += PANEL) {
        float8 a = *(const float8u *)panel, b = *(const float8u *)(panel + 8);
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; r++) {
            float8 value = (float8){0} + x[r * ldx + k];
            low[r] += value * a;
            high[r] += value * b;
        }
    }
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) {
        *(float8u *)(y + r * ldy) = low[r];
        *(float8u *)(y + r * ldy + 8) = high[r];
    }
}

// y has room for whole panels.
INLINE void multiply(const elk_voice_layer *layer, int rows, const float *x, size_t ldx, float *y, size_t ldy) {
    const float *panel = layer->panels;
    for (int column = 0; column < layer->outputs; column += PANEL, panel += (size_t)layer->inputs * PANEL)
        multiply_panel(rows, x, ldx, panel, layer->bias + column, layer->inputs, y + column, ldy);
}

INLINE void rectify(float *x, int count) {
    for (int i = 0; i < count; i++) x[i] = x[i] > 0 ? x[i] : 0;
}

static float sigmoid(float x) { return 1 / (1 + expf(-x)); }

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
    for (int i = 0; i < WIDTH; i++) {
        float cell = sigmoid(gates[WIDTH + i]) * state->cell[i] + sigmoid(gates[i]) * tanhf(gates[2 * WIDTH + i]);
        float hidden = sigmoid(gates[3 * WIDTH + i]) * tanhf(cell);
        state->cell[i] = cell;
        state->hidden[i] = hidden;
        if (hidden > 0) sum += hidden * network->output[i];
    }
    return sigmoid(sum);
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

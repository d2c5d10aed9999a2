#ifndef ELK_VOICE_H
#define ELK_VOICE_H

#include <stddef.h>

#pragma clang assume_nonnull begin

typedef struct elk_pool elk_pool;

// The 16 kHz network of Silero VAD (versions 5 and 6): one probability of speech for every 512 samples.

enum { ELK_VOICE_FRAME = 512, ELK_VOICE_CONTEXT = 64, ELK_VOICE_WIDTH = 128, ELK_VOICE_BINS = 129, ELK_VOICE_PANEL = 16 };

/// Weights of y = x · Wᵀ + bias: W is [outputs, inputs], stored as panels [ceil(outputs / 16)][inputs][16], missing rows zero;
/// the bias is as long as the panels are wide together.
typedef struct {
    const float *panels;
    const float *bias;
    int outputs;
    int inputs;
} elk_voice_layer;

typedef struct {
    /// 256 samples to 129 real and 129 imaginary parts.
    elk_voice_layer spectrum;
    /// Width 3 as products over three neighbouring columns: inputs are [3][channels]. The last sees one column: [channels].
    elk_voice_layer convolutions[4];
    /// Input and state [256] to the gates input, forget, cell, output [4][128].
    elk_voice_layer gates;
    /// [128] and one bias.
    const float *output;
    float output_bias;
} elk_voice_network;

/// What the network remembers; zero at the start of a recording.
typedef struct {
    float context[ELK_VOICE_CONTEXT];
    float hidden[ELK_VOICE_WIDTH];
    float cell[ELK_VOICE_WIDTH];
} elk_voice_state;

/// Probabilities of ceil(count / 512) frames of 16 kHz samples, which are multiplied by `gain`; the last is filled up with zeros.
/// Samples that are no number or beyond ±1000 after that count as silence. `pool` may be null: its threads share the frames.
void elk_voice_run(elk_pool *_Nullable pool, const elk_voice_network *network, elk_voice_state *state, const float *samples, size_t count,
                   float gain, float *probabilities);

#pragma clang assume_nonnull end
#endif

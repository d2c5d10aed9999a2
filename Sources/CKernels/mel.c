// Log-mel front end: framing, spectrum and bands, FRAME_LANES frames at a time with a frame a lane.
#include "kernels.h"

#include <math.h>
#include <pthread.h>

elk_twiddle_table elk_twiddles;

static void make_twiddles(void) {
    for (int i = 0; i < FFT_POINTS; i++) {
        double angle = 2 * 3.14159265358979323846 * i / FFT_POINTS;
        elk_twiddles.cosine[i] = (float)cos(angle);
        elk_twiddles.sine[i] = (float)-sin(angle);
    }
}

typedef struct {
    const float *samples;
    size_t count;
    const elk_mel_filters *filters;
    int first, end;
    float *output;
    size_t stride;
    float window[FFT_POINTS];
    const elk_kernels *kernels;
} mel_work;

static float sample_at(const mel_work *work, long long index) {
    if (index < 0) index = -index;
    return index < (long long)work->count ? work->samples[index] : 0.0f;
}

static void mel_chunk(void *context, int chunk) {
    const mel_work *work = context;
    float *frames = elk_scratch((FFT_POINTS + FFT_BINS + 2 * FFT_POINTS) * FRAME_LANES);
    float *power = frames + FFT_POINTS * FRAME_LANES, *scratch = power + FFT_BINS * FRAME_LANES;
    int first = work->first + chunk * FRAME_LANES;
    for (int lane = 0; lane < FRAME_LANES; lane++) {
        long long start = (long long)(first + lane) * HOP - FFT_POINTS / 2;
        bool inside = start >= 0 && start + FFT_POINTS <= (long long)work->count;
        for (int i = 0; i < FFT_POINTS; i++)
            frames[i * FRAME_LANES + lane] = work->window[i] * (inside ? work->samples[start + i] : sample_at(work, start + i));
    }
    work->kernels->power_spectrum(frames, power, scratch);
    const elk_mel_filters *filters = work->filters;
    int lanes = work->end - first < FRAME_LANES ? work->end - first : FRAME_LANES;
    for (int band = 0; band < filters->bands; band++) {
        float sum[FRAME_LANES] = {0};
        const float *bins = power + (size_t)filters->first[band] * FRAME_LANES;
        const float *weights = filters->weights + filters->offset[band];
        for (int i = 0; i < filters->count[band]; i++)
            for (int lane = 0; lane < FRAME_LANES; lane++) sum[lane] += weights[i] * bins[i * FRAME_LANES + lane];
        float *out = work->output + (size_t)band * work->stride + first;
        for (int lane = 0; lane < lanes; lane++) out[lane] = log10f(sum[lane] > 1e-10f ? sum[lane] : 1e-10f);
    }
}

void elk_log_mel(elk_pool *pool, const float *samples, size_t count, const elk_mel_filters *filters, int first, int end,
                 float *output, size_t stride) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, make_twiddles);
    mel_work work = {samples, count, filters, first, end, output, stride, {0}, elk_kernels_current()};
    for (int i = 0; i < FFT_POINTS; i++) work.window[i] = (float)(0.5 - 0.5 * cos(2 * 3.14159265358979323846 * i / FFT_POINTS));
    // A pool takes up to a million chunks: several hours of audio are many blocks of 16 frames, still far fewer.
    elk_pool_run(pool, (end - first + FRAME_LANES - 1) / FRAME_LANES, mel_chunk, &work);
}

// Logits: the products of a few rows with a vocabulary of some fifty thousand tokens, of which only those near each row's largest matter.
//
// Weights are int8 in two planes of four bits. The upper plane alone, half of the memory, tells which logits can be near the largest;
// those are then computed from both planes. What stays approximate is too unlikely to be chosen, and together hardly moves the sum of all
// probabilities.
//
// What the lower four bits add is spread evenly over 16 steps of a weight: a logit is off by 16 / √12 steps times the length of the
// inputs in the mean square, 0.3 in base. The margin below the largest is six times that and 4, an unlikelihood of 55. As exp of what is
// off by σ is exp(σ² / 2) times too large in the mean, as much is taken off.
#include "kernels.h"

#include <math.h>

size_t elk_plane_bytes(int n, int k) {
    size_t columns = (size_t)(n + ELK_DOT_PANEL - 1) / ELK_DOT_PANEL * ELK_DOT_PANEL;
    return columns * ((size_t)(k + 7) / 8 * 4);
}

// Rounds a row to integers up to `top`; returns the step. What is no number makes the step none, and so every logit: somebody has to see
// that the network computed nonsense.
static float round_row(const float *x, int k, float top, int16_t *rounded) {
#pragma clang fp contract(off)
    // NaN, once there, stays.
    float largest[8] = {0};
    for (int i = 0; i < k; i++) {
        float magnitude = fabsf(x[i]);
        largest[i % 8] = magnitude <= largest[i % 8] ? largest[i % 8] : magnitude + largest[i % 8] * 0;
    }
    for (int i = 1; i < 8; i++) largest[0] = largest[i] <= largest[0] ? largest[0] : largest[i] + largest[0] * 0;
    float inverse = largest[0] > 0 ? top / largest[0] : 0;
    if (!(inverse > 0)) {
        memset(rounded, 0, (size_t)k * sizeof *rounded);
        return largest[0] / top;
    }
    // Adding 1.5 · 2²³ rounds to the nearest integer, which then lies in the low bits.
    for (int i = 0; i < k; i++) {
        float shifted = x[i] * inverse + 12582912.0f;
        int32_t bits;
        memcpy(&bits, &shifted, sizeof bits);
        rounded[i] = (int16_t)bits;
    }
    return largest[0] / top;
}

typedef struct {
    elk_logits_job job;
    const elk_kernels *kernels;
    const elk_step *step;
    const bool *are_exact;
    int boundary, block;
    /// Of the weights, in the mean.
    float weight_step;
} logits_work;

// Scratch of the caller, for the whole operation: tasks have none of their own.
typedef struct {
    float *normed;
    int16_t *rounded, *words;
    int8_t *bytes;
} logits_inputs;

static void prepare(const logits_work *work, const logits_inputs *inputs, int row) {
    const elk_step *step = work->step;
    int k = step->matrix.k, padded = work->job.groups * 8;
    const float *x = step->x + (size_t)row * step->ldx;
    if (step->gain) {
        work->kernels->layer_norm(x, k, step->gain, step->shift, inputs->normed);
        x = inputs->normed;
    }
    elk_logits_row *line = &work->job.rows[row];
    int8_t *bytes = inputs->bytes + (size_t)row * padded;
    int16_t *words = inputs->words + (size_t)row * padded, *rounded = inputs->rounded;
    memset(rounded, 0, (size_t)padded * sizeof *rounded);
    *line = (elk_logits_row){0};
    line->byte_step = round_row(x, k, 127, rounded);
    for (int i = 0; i < padded; i++) {
        bytes[i] = (int8_t)rounded[i];
        line->byte_sum += bytes[i];
    }
    line->word_step = round_row(x, k, ELK_WORD_TOP, rounded);
    int64_t squares = 0;
    for (int i = 0; i < padded; i++) {
        squares += rounded[i] * rounded[i];
        // The bytes of a vector become words in pairs, first the even ones, then the odd ones.
        words[i / 4 * 4 + (i % 4 == 1 ? 2 : i % 4 == 2 ? 1 : i % 4)] = rounded[i];
        line->word_sum += rounded[i];
    }
    float error = 4.62f * work->weight_step * line->word_step * sqrtf((float)squares);
    line->margin = 4 + 6 * error;
    line->excess = error * error / 2;
}

static void coarse_chunk(void *context, int chunk) {
    const logits_work *work = context;
    int end = (chunk + 1) * work->block < work->job.panels ? (chunk + 1) * work->block : work->job.panels;
    for (int panel = chunk * work->block; panel < end; panel++) work->kernels->coarse_logits(&work->job, panel);
}

// From which logit on a row's are computed from both planes, in panel `panel`.
static float bar_of(const logits_work *work, const elk_logits_row *row, int panel) {
    int border = work->boundary / ELK_DOT_PANEL;
    return panel < border ? row->bars[0] : panel > border ? row->bars[1] : fminf(row->bars[0], row->bars[1]);
}

// Several strips of a panel are read together, as memory likes it.
static void exact_row(const logits_work *work, int row, int panel) {
    const elk_logits_job *job = &work->job;
    int first = panel * ELK_DOT_PANEL, last = first + ELK_DOT_PANEL < job->n ? first + ELK_DOT_PANEL : job->n, near = -1, count = 0;
    const float *y = job->y + (size_t)row * job->ldy;
    float bar = bar_of(work, &job->rows[row], panel);
    for (int column = first; column < last && count < 2; column += ELK_STRIP) {
        bool is_near = false;
        for (int c = column; c < column + ELK_STRIP && c < last; c++) is_near |= y[c] >= bar;
        if (!is_near) continue;
        near = column;
        count++;
    }
    if (count > 1)
        work->kernels->exact_panel(job, row, panel);
    else if (count == 1)
        work->kernels->exact_strip(job, row, near);
}

static void exact_chunk(void *context, int chunk) {
    const logits_work *work = context;
    const elk_logits_job *job = &work->job;
    int end = (chunk + 1) * work->block < job->panels ? (chunk + 1) * work->block : job->panels;
    for (int panel = chunk * work->block; panel < end; panel++)
        for (int row = 0; row < job->count; row++) {
            if (work->are_exact[row])
                work->kernels->exact_panel(job, row, panel);
            else if (job->tops[(size_t)row * job->panels + panel] >= bar_of(work, &job->rows[row], panel))
                exact_row(work, row, panel);
        }
}

static void set_bars(const logits_work *work, int index) {
    elk_logits_row *row = &work->job.rows[index];
    const float *tops = work->job.tops + (size_t)index * work->job.panels;
    float best[2] = {-INFINITY, -INFINITY}, margin = row->margin;
    int border = work->boundary / ELK_DOT_PANEL;
    for (int panel = 0; panel < work->job.panels; panel++) {
        if (panel <= border && tops[panel] > best[0]) best[0] = tops[panel];
        if (panel >= border && tops[panel] > best[1]) best[1] = tops[panel];
    }
    float all = fmaxf(best[0], best[1]);
    for (int part = 0; part < 2; part++) row->bars[part] = fmaxf(best[part] - margin, all - 1.25f * margin);
}

void elk_logits(elk_pool *pool, const elk_step *step, int rows, int boundary, const bool *are_exact) {
    const elk_matrix *matrix = &step->matrix;
    if (rows <= 0) return;
    if (matrix->precision != ELK_NIBBLES) {
        elk_linear_steps(pool, step, rows);
        return;
    }
    size_t plane = elk_plane_bytes(matrix->n, matrix->k);
    logits_work work = {
        .job =
            {
                .upper = matrix->data,
                .lower = (const uint8_t *)matrix->data + plane,
                .scales = (const float *)((const uint8_t *)matrix->data + 2 * plane),
                .n = matrix->n,
                .groups = (matrix->k + 7) / 8,
                .panels = (matrix->n + ELK_DOT_PANEL - 1) / ELK_DOT_PANEL,
                .count = rows,
                .y = step->y,
                .ldy = step->ldy,
            },
        .kernels = elk_kernels_current(),
        .step = step,
        .are_exact = are_exact,
        .boundary = boundary,
    };
    elk_logits_job *job = &work.job;
    bool is_coarse = false;
    for (int row = 0; row < rows; row++) is_coarse |= !are_exact[row];
    enum { SAMPLES = 64 };
    for (int i = 0; i < SAMPLES; i++) work.weight_step += job->scales[(size_t)job->n * (size_t)i / SAMPLES] / SAMPLES;
    size_t padded = (size_t)job->groups * 8, count = (size_t)rows;
    size_t rows_floats = (sizeof(elk_logits_row) * count + 63) / 64 * 16, tops = ((size_t)job->panels * count + 15) / 16 * 16;
    float *scratch = elk_scratch(rows_floats + tops + 2 * padded + padded * count);
    job->rows = (elk_logits_row *)scratch;
    job->tops = scratch + rows_floats;
    logits_inputs inputs = {.normed = job->tops + tops, .rounded = (int16_t *)(job->tops + tops + padded)};
    inputs.words = inputs.rounded + 2 * padded;
    inputs.bytes = (int8_t *)(inputs.words + padded * count);
    job->words = inputs.words;
    job->bytes = inputs.bytes;
    for (int row = 0; row < rows; row++) prepare(&work, &inputs, row);

    int pieces = elk_pool_threads(pool) * 8;
    work.block = (job->panels + pieces - 1) / pieces;
    int chunks = (job->panels + work.block - 1) / work.block;
    if (is_coarse) {
        elk_pool_run(pool, chunks, coarse_chunk, &work);
        for (int row = 0; row < rows; row++) set_bars(&work, row);
    }
    elk_pool_run(pool, chunks, exact_chunk, &work);
}

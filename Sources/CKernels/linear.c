// Drivers of the products: how rows and panels are shared out.
#include "kernels.h"

#include <math.h>
#include <string.h>

static int panels_of(elk_precision precision, int n) {
    int columns = precision == ELK_HALF ? ELK_PANEL : ELK_DOT_PANEL;
    return (n + columns - 1) / columns;
}

size_t elk_matrix_bytes(elk_precision precision, int n, int k) {
    size_t panels = (size_t)panels_of(precision, n), depth = (size_t)k;
    switch (precision) {
    case ELK_HALF: return panels * ELK_PANEL * depth * sizeof(uint16_t);
    case ELK_BF16: return panels * ELK_DOT_PANEL * ((depth + 1) / 2 * 2) * sizeof(uint16_t);
    case ELK_INT16: return panels * ELK_DOT_PANEL * ((depth + 1) / 2 * 2 * sizeof(int16_t) + sizeof(float));
    case ELK_INT8: return panels * ELK_DOT_PANEL * ((depth + 3) / 4 * 4 + sizeof(float) + sizeof(int32_t));
    case ELK_NIBBLES: return 2 * elk_plane_bytes(n, k) + panels * ELK_DOT_PANEL * sizeof(float);
    }
    return 0;
}

static void pack_half(uint16_t *panels, int k, int row, int rows, const float *values) {
    const elk_kernels *kernels = elk_kernels_current();
    float *column = elk_scratch((size_t)k * ELK_PANEL);
    for (int first = 0; first < rows; first += ELK_PANEL) {
        int count = rows - first < ELK_PANEL ? rows - first : ELK_PANEL;
        for (int i = 0; i < ELK_PANEL; i++)
            for (int p = 0; p < k; p++) column[(size_t)p * ELK_PANEL + i] = i < count ? values[(size_t)(first + i) * k + p] : 0.0f;
        kernels->to_half(column, panels + (size_t)(row + first) * k, (size_t)k * ELK_PANEL);
    }
}

/// Steps in which a channel's weights are rounded, to 1: no weight may then be above 127 and no four together above ELK_INT8_FOUR, of which
/// rounding may add half a step to each.
static float int8_steps(const float *weights, int k) {
    // A maximum for each place in eight weights: the compiler makes vectors of it.
    float largest[8] = {0}, most[2] = {0};
    for (int p = 0; p < k; p += 8) {
        float magnitudes[8] = {0};
        for (int i = 0; i < 8 && p + i < k; i++) magnitudes[i] = fabsf(weights[p + i]);
        for (int i = 0; i < 8; i++) largest[i] = magnitudes[i] > largest[i] ? magnitudes[i] : largest[i];
        for (int i = 0; i < 2; i++) {
            const float *m = magnitudes + 2 * i;
            float four = m[0] + m[1] + m[4] + m[5];
            most[i] = four > most[i] ? four : most[i];
        }
    }
    for (int i = 1; i < 8; i++) largest[0] = fmaxf(largest[0], largest[i]);
    return largest[0] > 0 ? fminf(127 / largest[0], (ELK_INT8_FOUR - 2) / fmaxf(most[0], most[1])) : 0;
}

static void pack_int8(const elk_matrix *matrix, int8_t *panels, int row, int rows, const float *values) {
    int k = matrix->k, groups = (k + 3) / 4;
    float *scales = (float *)elk_int8_scales(panels, matrix->n, k);
    int32_t *sums = (int32_t *)elk_int8_sums(panels, matrix->n, k);
    for (int i = 0; i < rows; i++) {
        const float *source = values + (size_t)i * k;
        float steps = int8_steps(source, k);
        int column = (row + i) % ELK_DOT_PANEL;
        int8_t *target = panels + (size_t)(row + i - column) * groups * 4 + column * 4;
        int32_t sum = 0;
        for (int p = 0; p < k; p++) {
            int q = (int)lrintf(source[p] * steps);
            sum += q;
            target[(size_t)(p / 4) * ELK_DOT_PANEL * 4 + p % 4] = (int8_t)q;
        }
        for (int p = k; p < groups * 4; p++) target[(size_t)(p / 4) * ELK_DOT_PANEL * 4 + p % 4] = 0;
        scales[row + i] = steps > 0 ? 1 / steps : 0;
        sums[row + i] = sum;
    }
}

static float *nibble_scales(const void *data, int n, int k) { return (float *)((uint8_t *)data + 2 * elk_plane_bytes(n, k)); }

// Where the nibbles of inputs 8g ... 8g + 7 of a column lie in the upper plane.
static size_t nibble_offset(int k, int row) {
    int column = row % ELK_DOT_PANEL;
    return ((size_t)(row - column) * (size_t)((k + 7) / 8) + (size_t)column) * 4;
}

static void pack_nibbles(const elk_matrix *matrix, uint8_t *upper, int row, int rows, const float *values) {
    int k = matrix->k, padded = (k + 7) / 8 * 8;
    uint8_t *lower = upper + elk_plane_bytes(matrix->n, k);
    for (int i = 0; i < rows; i++) {
        const float *source = values + (size_t)i * k;
        float largest = 0;
        for (int p = 0; p < k; p++) largest = fabsf(source[p]) > largest ? fabsf(source[p]) : largest;
        float steps = largest > 0 ? 127 / largest : 0;
        size_t offset = nibble_offset(k, row + i);
        for (int p = 0; p < padded; p += 8, offset += 4 * ELK_DOT_PANEL)
            for (int j = 0; j < 4; j++) {
                int first = p + j < k ? (int)lrintf(source[p + j] * steps) + 128 : 128;
                int second = p + 4 + j < k ? (int)lrintf(source[p + 4 + j] * steps) + 128 : 128;
                upper[offset + (size_t)j] = (uint8_t)(first >> 4 | (second & 0xF0));
                lower[offset + (size_t)j] = (uint8_t)((first & 0x0F) | second << 4);
            }
        nibble_scales(upper, matrix->n, k)[row + i] = steps > 0 ? 1 / steps : 0;
    }
}

// As many steps as 13 bits and the sums of 32 allow, whatever the inputs.
static void pack_int16(const elk_matrix *matrix, int16_t *panels, int row, int rows, const float *values) {
    int k = matrix->k, pairs = (k + 1) / 2;
    float *scales = (float *)elk_int16_scales(panels, matrix->n, k);
    for (int i = 0; i < rows; i++) {
        const float *source = values + (size_t)i * k;
        float largest = 0, length = 0;
        for (int p = 0; p < k; p++) {
            largest = fabsf(source[p]) > largest ? fabsf(source[p]) : largest;
            length += fabsf(source[p]);
        }
        float most = (float)(INT32_MAX / ELK_WORD_TOP) - (float)k;
        float inverse = largest > 0 ? fminf(8191.0f / largest, most / length) : 0;
        int column = (row + i) % ELK_DOT_PANEL;
        int16_t *target = panels + (size_t)(row + i - column) * pairs * 2 + column * 2;
        for (int p = 0; p < 2 * pairs; p++)
            target[(size_t)(p / 2) * ELK_DOT_PANEL * 2 + p % 2] = p < k ? (int16_t)lrintf(source[p] * inverse) : 0;
        scales[row + i] = inverse > 0 ? 1 / inverse : 0;
    }
}

static void pack_bf16(uint16_t *panels, int k, int row, int rows, const float *values) {
    int pairs = (k + 1) / 2;
    for (int i = 0; i < rows; i++) {
        int column = (row + i) % ELK_DOT_PANEL;
        uint16_t *target = panels + (size_t)(row + i - column) * pairs * 2 + column * 2;
        for (int p = 0; p < 2 * pairs; p++)
            target[(size_t)(p / 2) * ELK_DOT_PANEL * 2 + p % 2] = p < k ? elk_to_bf16(values[(size_t)i * k + p]) : 0;
    }
}

void elk_matrix_pack(const elk_matrix *matrix, void *data, int row, int rows, const float *values) {
    switch (matrix->precision) {
    case ELK_HALF: pack_half(data, matrix->k, row, rows, values); break;
    case ELK_BF16: pack_bf16(data, matrix->k, row, rows, values); break;
    case ELK_INT16: pack_int16(matrix, data, row, rows, values); break;
    case ELK_INT8: pack_int8(matrix, data, row, rows, values); break;
    case ELK_NIBBLES: pack_nibbles(matrix, data, row, rows, values); break;
    }
}

static void row_half(const elk_matrix *matrix, int row, float *output) {
    int k = matrix->k;
    const uint16_t *panel = (const uint16_t *)matrix->data + (size_t)(row / ELK_PANEL) * ELK_PANEL * k + row % ELK_PANEL;
    uint16_t *halves = (uint16_t *)elk_scratch((size_t)k);
    for (int p = 0; p < k; p++) halves[p] = panel[(size_t)p * ELK_PANEL];
    elk_from_half(halves, output, (size_t)k);
}

static void row_bf16(const elk_matrix *matrix, int row, float *output) {
    int k = matrix->k, column = row % ELK_DOT_PANEL;
    const uint16_t *source = (const uint16_t *)matrix->data + (size_t)(row - column) * ((k + 1) / 2) * 2 + column * 2;
    for (int p = 0; p < k; p++) {
        uint32_t bits = (uint32_t)source[(size_t)(p / 2) * ELK_DOT_PANEL * 2 + p % 2] << 16;
        memcpy(output + p, &bits, sizeof bits);
    }
}

static void row_int8(const elk_matrix *matrix, int row, float *output) {
    int k = matrix->k, groups = (k + 3) / 4, column = row % ELK_DOT_PANEL;
    const int8_t *source = (const int8_t *)matrix->data + (size_t)(row - column) * groups * 4 + column * 4;
    float scale = elk_int8_scales(matrix->data, matrix->n, k)[row];
    for (int p = 0; p < k; p++) output[p] = scale * source[(size_t)(p / 4) * ELK_DOT_PANEL * 4 + p % 4];
}

static void row_nibbles(const elk_matrix *matrix, int row, float *output) {
    const uint8_t *upper = (const uint8_t *)matrix->data + nibble_offset(matrix->k, row);
    const uint8_t *lower = upper + elk_plane_bytes(matrix->n, matrix->k);
    float scale = nibble_scales(matrix->data, matrix->n, matrix->k)[row];
    for (int p = 0; p < matrix->k; p++) {
        size_t offset = (size_t)(p / 8) * ELK_DOT_PANEL * 4 + (size_t)(p % 4);
        int shift = p % 8 < 4 ? 0 : 4;
        output[p] = scale * (float)(((upper[offset] >> shift & 0x0F) << 4 | (lower[offset] >> shift & 0x0F)) - 128);
    }
}

static void row_int16(const elk_matrix *matrix, int row, float *output) {
    int k = matrix->k, column = row % ELK_DOT_PANEL;
    const int16_t *source = (const int16_t *)matrix->data + (size_t)(row - column) * ((k + 1) / 2) * 2 + column * 2;
    float scale = elk_int16_scales(matrix->data, matrix->n, k)[row];
    for (int p = 0; p < k; p++) output[p] = scale * source[(size_t)(p / 2) * ELK_DOT_PANEL * 2 + p % 2];
}

void elk_matrix_row(const elk_matrix *matrix, int row, float *output) {
    switch (matrix->precision) {
    case ELK_HALF: row_half(matrix, row, output); break;
    case ELK_BF16: row_bf16(matrix, row, output); break;
    case ELK_INT16: row_int16(matrix, row, output); break;
    case ELK_INT8: row_int8(matrix, row, output); break;
    case ELK_NIBBLES: row_nibbles(matrix, row, output); break;
    }
}

typedef void (*run_product)(const elk_product *, int, int, int, int, float *);

static run_product product_of(const elk_kernels *kernels, elk_precision precision) {
    switch (precision) {
    case ELK_HALF: return kernels->product_half;
    case ELK_BF16: return kernels->product_bf16;
    case ELK_INT16: return kernels->product_int16;
    case ELK_INT8: return kernels->product_int8;
    case ELK_NIBBLES: break;
    }
    return NULL;
}

void elk_run_product(const elk_kernels *kernels, elk_precision precision, const elk_product *product, int rows, float *scratch) {
    product_of(kernels, precision)(product, 0, rows, 0, panels_of(precision, product->n), scratch);
}

typedef struct {
    const elk_kernels *kernels;
    const elk_step *steps;
    /// Rows of a thread's share, and of each of the blocks that it is cut into.
    int count, rows, share_rows, row_block, blocks;
    /// Floats of the rows that a thread keeps to itself, and of what its products need.
    size_t kept, scratch;
} chain_work;

static void chain_chunk(void *context, int chunk) {
    const chain_work *work = context;
    int share = chunk / work->blocks, row = share * work->share_rows + chunk % work->blocks * work->row_block;
    int end = (share + 1) * work->share_rows < work->rows ? (share + 1) * work->share_rows : work->rows;
    int rows = end - row < work->row_block ? end - row : work->row_block;
    if (rows <= 0) return;
    float *scratch = elk_scratch(work->scratch + work->kept), *kept = scratch + work->scratch;
    for (int i = 0; i < work->count; i++) {
        const elk_step *step = &work->steps[i];
        const elk_matrix *matrix = &step->matrix;
        elk_product product = {
            .x = step->x ? step->x + (size_t)row * step->ldx : kept,
            .ldx = step->x ? step->ldx : (size_t)matrix->k,
            .data = matrix->data,
            .n = matrix->n,
            .k = matrix->k,
            .gain = step->gain,
            .shift = step->shift,
            .bias = step->bias,
            .flags = step->flags | ELK_MANY,
            .y = step->y ? step->y + (size_t)row * step->ldy : kept,
            .ldy = step->y ? step->ldy : (size_t)matrix->n,
        };
        elk_run_product(work->kernels, matrix->precision, &product, rows, scratch);
    }
}

// Each thread gets as many rows, in blocks of as many as stay in a core's second-level cache with what is made of them: whole tiles of six.
static void share_rows(chain_work *work, int threads) {
    int most = 54, tile = 6;
    for (int i = 0; i < work->count; i++)
        if (work->steps[i].matrix.k > 2048) most = 24;
    work->share_rows = ((work->rows + threads - 1) / threads + tile - 1) / tile * tile;
    work->blocks = (work->share_rows + most - 1) / most;
    work->row_block = ((work->share_rows + work->blocks - 1) / work->blocks + tile - 1) / tile * tile;
}

void elk_chain(elk_pool *pool, const elk_step *steps, int count, int rows) {
    chain_work work = {.kernels = elk_kernels_current(), .steps = steps, .count = count, .rows = rows};
    share_rows(&work, elk_pool_threads(pool));
    for (int i = 0; i < count; i++) {
        size_t scratch = (elk_product_scratch(work.row_block, steps[i].matrix.k) + 15) / 16 * 16;
        size_t kept = steps[i].y ? 0 : (size_t)work.row_block * (size_t)steps[i].matrix.n;
        if (scratch > work.scratch) work.scratch = scratch;
        if (kept > work.kept) work.kept = kept;
    }
    elk_pool_run(pool, elk_pool_threads(pool) * work.blocks, chain_chunk, &work);
}

// Weights that stay in a core's caches while the rows pass by. Each block of them prepares the inputs again.
enum { CACHED_BYTES = 1 << 20 };

typedef struct {
    elk_product product;
    run_product run;
    int rows;
    int panels;
    int panel_block;
    /// Rows that are computed together, and the panels that all of them meet in turn, as many as a core's cache holds.
    int row_block, cached_panels;
} linear_work;

static void linear_chunk(void *context, int chunk) {
    const linear_work *work = context;
    int end = (chunk + 1) * work->panel_block < work->panels ? (chunk + 1) * work->panel_block : work->panels;
    float *scratch = elk_scratch(elk_product_scratch(work->row_block, work->product.k));
    for (int panel = chunk * work->panel_block; panel < end; panel += work->cached_panels) {
        int panels = end - panel < work->cached_panels ? end - panel : work->cached_panels;
        for (int row = 0; row < work->rows; row += work->row_block) {
            int rows = work->rows - row < work->row_block ? work->rows - row : work->row_block;
            work->run(&work->product, row, rows, panel, panels, scratch);
        }
    }
}

static void share_panels(elk_pool *pool, const elk_step *step, int rows, int row_block) {
    // Of few rows the weights are shared out: every thread streams its own panels once for all rows. Each piece prepares the inputs
    // again, so small products are cut into as few as there are threads.
    const elk_matrix *matrix = &step->matrix;
    int threads = elk_pool_threads(pool), panels = panels_of(matrix->precision, matrix->n);
    bool large = (size_t)matrix->n * (size_t)matrix->k > 1 << 22;
    int pieces = threads == 1 ? 1 : threads * (large ? 8 : 1), panel_bytes = (int)(elk_matrix_bytes(matrix->precision, 1, matrix->k));
    linear_work work = {
        .product = {step->x, step->ldx, matrix->data, matrix->n, matrix->k, step->gain, step->shift, step->bias, step->flags, step->y,
                    step->ldy},
        .run = product_of(elk_kernels_current(), matrix->precision),
        .rows = rows,
        .panels = panels,
        .panel_block = (panels + pieces - 1) / pieces,
        .row_block = row_block,
        .cached_panels = rows <= row_block ? panels : CACHED_BYTES / panel_bytes > 1 ? CACHED_BYTES / panel_bytes : 1,
    };
    elk_pool_run(pool, (panels + work.panel_block - 1) / work.panel_block, linear_chunk, &work);
}

void elk_linear_steps(elk_pool *pool, const elk_step *step, int rows) {
    share_panels(pool, step, rows, rows < ELK_FINE_ROWS ? rows : ELK_FINE_ROWS);
}

void elk_linear(elk_pool *pool, const elk_step *step, int rows) {
    const elk_matrix *matrix = &step->matrix;
    // Many rows are shared out; a block's inputs stay in the second-level cache while all weights pass by.
    if (rows >= 96) {
        elk_chain(pool, step, 1, rows);
        return;
    }
    share_panels(pool, step, rows, rows);
}

typedef struct {
    const float *x, *gain, *bias;
    float *y;
    int rows, width, block;
    const elk_kernels *kernels;
} norm_work;

static void norm_chunk(void *context, int chunk) {
    const norm_work *work = context;
    int end = (chunk + 1) * work->block < work->rows ? (chunk + 1) * work->block : work->rows;
    for (int row = chunk * work->block; row < end; row++)
        work->kernels->layer_norm(work->x + (size_t)row * work->width, work->width, work->gain, work->bias,
                                  work->y + (size_t)row * work->width);
}

void elk_layer_norm(elk_pool *pool, const float *x, int rows, int width, const float *gain, const float *bias, float *y) {
    norm_work work = {x, gain, bias, y, rows, width, rows >= 64 ? 32 : rows, elk_kernels_current()};
    elk_pool_run(pool, (rows + work.block - 1) / work.block, norm_chunk, &work);
}

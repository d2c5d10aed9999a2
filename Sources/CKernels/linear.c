// Drivers of the products: how rows and panels are shared out.
#include "kernels.h"

#include <string.h>

static int panels_of(int n) { return (n + ELK_PANEL - 1) / ELK_PANEL; }

size_t elk_matrix_halves(int n, int k) { return (size_t)panels_of(n) * ELK_PANEL * (size_t)k; }

void elk_matrix_pack(uint16_t *panels, int k, int row, int rows, const float *values) {
    const elk_kernels *kernels = elk_kernels_current();
    float *column = elk_scratch((size_t)k * ELK_PANEL);
    for (int first = 0; first < rows; first += ELK_PANEL) {
        int count = rows - first < ELK_PANEL ? rows - first : ELK_PANEL;
        for (int i = 0; i < ELK_PANEL; i++)
            for (int p = 0; p < k; p++) column[(size_t)p * ELK_PANEL + i] = i < count ? values[(size_t)(first + i) * k + p] : 0.0f;
        kernels->to_half(column, panels + (size_t)(row + first) * k, (size_t)k * ELK_PANEL);
    }
}

void elk_matrix_row(const elk_matrix *matrix, int row, float *output) {
    const uint16_t *panel = matrix->panels + (size_t)(row / ELK_PANEL) * ELK_PANEL * matrix->k + row % ELK_PANEL;
    uint16_t *halves = (uint16_t *)elk_scratch((size_t)matrix->k);
    for (int p = 0; p < matrix->k; p++) halves[p] = panel[(size_t)p * ELK_PANEL];
    elk_from_half(halves, output, (size_t)matrix->k);
}

typedef struct {
    elk_product product;
    const elk_kernels *kernels;
    int rows;
    int row_block;
    int panel_block;
    int panel_blocks;
} linear_work;

static void linear_chunk(void *context, int chunk) {
    const linear_work *work = context;
    int row = chunk / work->panel_blocks * work->row_block, panel = chunk % work->panel_blocks * work->panel_block;
    int rows = work->rows - row < work->row_block ? work->rows - row : work->row_block;
    int panels = panels_of(work->product.n) - panel;
    if (panels > work->panel_block) panels = work->panel_block;
    float *scratch = rows > 4 ? elk_scratch((size_t)rows * work->product.k) : NULL;
    work->kernels->product(&work->product, row, rows, panel, panels, scratch);
}

void elk_linear(elk_pool *pool, const elk_matrix *matrix, const float *x, size_t ldx, int m, const float *bias, int flags, float *y,
                size_t ldy) {
    linear_work work = {
        .product = {x, ldx, matrix->panels, matrix->n, matrix->k, bias, flags, y, ldy},
        .kernels = elk_kernels_current(),
        .rows = m,
    };
    int panels = panels_of(matrix->n), threads = elk_pool_threads(pool);
    if (m >= 96) {
        // Rows are shared out; a block's inputs stay in the second-level cache while all weights pass by.
        int block = matrix->k > 2048 ? 24 : 48;
        work.row_block = block;
        work.panel_block = panels;
    } else {
        // Weights are shared out: every thread streams its own panels once for all rows.
        work.row_block = m;
        int blocks = threads == 1 ? 1 : threads * 4;
        work.panel_block = (panels + blocks - 1) / blocks;
    }
    work.panel_blocks = (panels + work.panel_block - 1) / work.panel_block;
    int chunks = (m + work.row_block - 1) / work.row_block * work.panel_blocks;
    elk_pool_run(pool, chunks, linear_chunk, &work);
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

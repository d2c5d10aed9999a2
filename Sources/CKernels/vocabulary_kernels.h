// Products with the vocabulary, whose weights lie in two planes of four bits (vocabulary.c). Written once over vectors of VW lanes;
// included after vector_kernels.h, as often as a file has ways to multiply. The including file defines
//   NIBBLES(name)          the symbol of this variant
//   NIBBLE_ROWS            rows of the coarse tile, NIBBLE_VECTORS vectors wide
//   nibble_dot(sums, first, second, x, next)
//                          adds to each lane the products of the four bytes of `first`, each 0 to 15, with those of x, each -127 to 127,
//                          and of `second` with next
//   word_dot(sums, a, b)   adds the products of two 16-bit integers to each lane
//
// Sums are of integers, so every variant gives the same logits of the same inputs.

enum {
    NIBBLES(WIDTH) = NIBBLE_VECTORS * VW,
    NIBBLES(PARTS) = ELK_STRIP / VW,
};

INLINE vi NIBBLES(bytes)(const void *p) {
    int32_t four;
    memcpy(&four, p, 4);
    return (vi){0} + four;
}

// Rows `row` and on times NIBBLE_VECTORS vectors of columns by the upper plane alone, with the mean of what the lower one may add.
// Returns each row's largest in `tops`.
INLINE void NIBBLES(tile)(const elk_logits_job *job, int rows, int row, int column, float *tops) {
#pragma clang fp contract(off)
    int within = column % ELK_DOT_PANEL, columns = job->n - column;
    const uint8_t *w = job->upper + ((size_t)(column - within) * job->groups + within) * 4;
    const int8_t *x = job->bytes + (size_t)row * job->groups * 8;
    size_t stride = (size_t)job->groups * 8;
    vi acc[NIBBLE_ROWS][NIBBLE_VECTORS];
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
        for (int v = 0; v < NIBBLE_VECTORS; v++) acc[i][v] = (vi){0};
    for (int g = 0; g < job->groups; g++, w += 4 * ELK_DOT_PANEL, x += 8) {
        vi packed[NIBBLE_VECTORS];
        for (int v = 0; v < NIBBLE_VECTORS; v++) __builtin_prefetch(w + ELK_AHEAD + v * VW * 4, 0, 2);
#pragma clang loop unroll(full)
        for (int v = 0; v < NIBBLE_VECTORS; v++) packed[v] = *(const vi_unaligned *)(w + v * VW * 4);
#pragma clang loop unroll(full)
        for (int v = 0; v < NIBBLE_VECTORS; v++) {
            vi first = packed[v] & 0x0F0F0F0F, second = (packed[v] >> 4) & 0x0F0F0F0F;
#pragma clang loop unroll(full)
            for (int i = 0; i < rows; i++)
                acc[i][v] = nibble_dot(acc[i][v], first, second, NIBBLES(bytes)(x + i * stride), NIBBLES(bytes)(x + i * stride + 4));
        }
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++) {
        const elk_logits_row *line = &job->rows[row + i];
        float *y = job->y + (size_t)(row + i) * job->ldy + column, edge[NIBBLES(WIDTH)];
        vf top = splat(-INFINITY);
#pragma clang loop unroll(full)
        for (int v = 0; v < NIBBLE_VECTORS; v++) {
            // A weight is 16 · upper + lower - 128, and the lower four bits are 7.5 in the mean.
            vf sum = __builtin_convertvector(acc[i][v] * 32 - 241 * line->byte_sum, vf);
            vf value = sum * (splat(0.5f * line->byte_step) * load(job->scales + column + v * VW)) - splat(line->excess);
            top = vmax(value, top);
            store((columns < NIBBLES(WIDTH) ? edge : y) + v * VW, value);
        }
        tops[i] = horizontal_max(top);
        if (columns >= NIBBLES(WIDTH)) continue;
        memcpy(y, edge, (size_t)columns * sizeof(float));
        tops[i] = -INFINITY;
        for (int c = 0; c < columns; c++) tops[i] = edge[c] > tops[i] ? edge[c] : tops[i];
    }
}

static void NIBBLES(any_tile)(const elk_logits_job *job, int rows, int row, int column, float *tops) {
    switch (rows) {
#define CASE(R)                                                                                                                    \
    case R:                                                                                                                        \
        if (R <= NIBBLE_ROWS) NIBBLES(tile)(job, R <= NIBBLE_ROWS ? R : 1, row, column, tops);                                      \
        break;
        CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6)
#undef CASE
    }
}

static void NIBBLES(coarse)(const elk_logits_job *job, int panel) {
    // Tiles of as many rows as each other.
    int tiles = (job->count + NIBBLE_ROWS - 1) / NIBBLE_ROWS;
    for (int t = 0; t < tiles; t++) {
        int row = job->count * t / tiles, rows = job->count * (t + 1) / tiles - row;
        float tops[NIBBLE_ROWS], best[NIBBLE_ROWS];
        for (int i = 0; i < rows; i++) best[i] = -INFINITY;
        for (int column = panel * ELK_DOT_PANEL; column < (panel + 1) * ELK_DOT_PANEL && column < job->n; column += NIBBLES(WIDTH)) {
            NIBBLES(any_tile)(job, rows, row, column, tops);
            for (int i = 0; i < rows; i++) best[i] = tops[i] > best[i] ? tops[i] : best[i];
        }
        for (int i = 0; i < rows; i++) job->tops[(size_t)(row + i) * job->panels + panel] = best[i];
    }
}

// A row times some strips next to each other by both planes.
INLINE void NIBBLES(strips)(const elk_logits_job *job, int row, int column, int strips) {
#pragma clang fp contract(off)
    int within = column % ELK_DOT_PANEL, parts = strips * NIBBLES(PARTS);
    size_t offset = ((size_t)(column - within) * job->groups + within) * 4;
    const uint8_t *upper = job->upper + offset, *lower = job->lower + offset;
    const int16_t *x = job->words + (size_t)row * job->groups * 8;
    vi acc[ELK_DOT_PANEL / VW];
#pragma clang loop unroll(full)
    for (int v = 0; v < parts; v++) acc[v] = (vi){0};
    for (int g = 0; g < job->groups; g++, upper += 4 * ELK_DOT_PANEL, lower += 4 * ELK_DOT_PANEL, x += 8) {
        vi inputs[4];
#pragma clang loop unroll(full)
        for (int j = 0; j < 4; j++) inputs[j] = NIBBLES(bytes)(x + 2 * j);
#pragma clang loop unroll(full)
        for (int v = 0; v < parts; v++) {
            vi high = *(const vi_unaligned *)(upper + v * VW * 4), low = *(const vi_unaligned *)(lower + v * VW * 4);
            vi first = ((high & 0x0F0F0F0F) << 4) | (low & 0x0F0F0F0F);
            vi second = (high & ~0x0F0F0F0F) | ((low >> 4) & 0x0F0F0F0F);
            acc[v] = word_dot(acc[v], first & 0x00FF00FF, inputs[0]);
            acc[v] = word_dot(acc[v], (first >> 8) & 0x00FF00FF, inputs[1]);
            acc[v] = word_dot(acc[v], second & 0x00FF00FF, inputs[2]);
            acc[v] = word_dot(acc[v], (second >> 8) & 0x00FF00FF, inputs[3]);
        }
    }
    const elk_logits_row *line = &job->rows[row];
    float values[ELK_DOT_PANEL];
    for (int v = 0; v < parts; v++) {
        vf sum = __builtin_convertvector(acc[v] - 128 * line->word_sum, vf);
        store(values + v * VW, sum * (splat(line->word_step) * load(job->scales + column + v * VW)));
    }
    int columns = job->n - column < strips * ELK_STRIP ? job->n - column : strips * ELK_STRIP;
    memcpy(job->y + (size_t)row * job->ldy + column, values, (size_t)columns * sizeof(float));
}

static void NIBBLES(exact)(const elk_logits_job *job, int row, int column) { NIBBLES(strips)(job, row, column, 1); }
static void NIBBLES(exact_panel)(const elk_logits_job *job, int row, int panel) {
    NIBBLES(strips)(job, row, panel * ELK_DOT_PANEL, ELK_DOT_PANEL / ELK_STRIP);
}
#undef NIBBLES
#undef nibble_dot
#undef word_dot

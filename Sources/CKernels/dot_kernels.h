// Products whose weights lie in groups of four bytes, as many as a dot-product instruction takes at once: four int8, two int16 or two
// bf16.
// Written once over vectors of VW 32-bit lanes; included after vector_kernels.h, as often as a file has ways to multiply. The
// including file defines
//   DOT(name)             the symbol of this variant
//   DOT_ROWS              rows of the register tile, DOT_VECTORS vectors wide
//   DOT_GROUP             values of a group: 4 for int8, 2 for int16 and bf16
//   DOT_WORDS             for int16
//   DOT_OFFSET            what `dot` wants added to int8 inputs: 0, or 128 where it takes them without a sign
//   dot(sums, weights, x) adds the products of a group to each lane; x is one group of inputs in every lane
//   DOT_FLIPS             for int8, where `dot` takes magnitudes and masks of the bytes that were negative, of two groups at once:
//                         dot(sums, weights, x, flips), each a pair of the two. Turning all bits of a weight makes it -weight - 1, so
//                         a row's sums lack what its negative magnitudes add up to, whatever the weights: they begin with it.
//
// The integer sums do not depend on the variant, so a model gives the same words on every machine but for float rounding.

#if DOT_GROUP == 4 || defined(DOT_WORDS)
typedef vi DOT(sums);
#else
typedef vf DOT(sums);
#endif

enum {
    DOT(STRIP) = DOT_VECTORS * VW,
    DOT(STRIPS) = ELK_DOT_PANEL / DOT(STRIP),
};

// Inputs of some rows as the tiles read them: a row's bytes, `stride` apart. Row i stands for step[i] · (its integers - zero[i]).
// `is_fine` inputs have two lines a row, the second with what rounding took off the first in steps of step[i] / 254: few rows wait for
// their weights anyway, and a decoder's inputs are where rounding costs words.
// With DOT_FLIPS the lines hold magnitudes, the masks lie `flips` bytes further on, and flipped[line] is what its sums begin with.
typedef struct {
    uint8_t *bytes;
    size_t stride, flips;
    float *step;
    int32_t *zero, *flipped;
    bool is_fine;
} DOT(inputs);

#if DOT_GROUP == 4
typedef int8_t DOT(narrow) __attribute__((vector_size(VW), aligned(1)));

// Rounds a row to 255 steps between its smallest and its largest value, zero among them: what GELU leaves is lopsided.
static void DOT(prepare)(const float *x, int k, DOT(inputs) * inputs, int row) {
#pragma clang fp contract(off) // Every level has to round alike, whether it has a fused multiply-add or not.
    uint8_t *q = inputs->bytes + (size_t)(inputs->is_fine ? 2 * row : row) * inputs->stride, *rest = q + inputs->stride;
    vf high = splat(0), low = splat(0), next_high = splat(0), next_low = splat(0);
    int i = 0;
    // Two at once, as one waits for the one before.
    for (; i + 2 * VW <= k; i += 2 * VW) {
        vf value = load(x + i), next = load(x + i + VW);
        high = vmax(high, value);
        low = vmin(low, value);
        next_high = vmax(next_high, next);
        next_low = vmin(next_low, next);
    }
    high = vmax(high, next_high);
    low = vmin(low, next_low);
    for (; i + VW <= k; i += VW) {
        vf value = load(x + i);
        high = vmax(high, value);
        low = vmin(low, value);
    }
    float top = horizontal_max(high), bottom = -horizontal_max(-low);
    for (; i < k; i++) {
        top = x[i] > top ? x[i] : top;
        bottom = x[i] < bottom ? x[i] : bottom;
    }
    // One step less than fit, as both ends are rounded.
    float range = top - bottom, inverse = range > 0 ? 254.0f / range : 0;
    // Adding 1.5 · 2²³ rounds to the nearest integer, which then lies in the low bits.
    const float magic = 12582912.0f;
    union {
        float f;
        int32_t i;
    } lowest = {bottom * inverse + magic}, rounded, fine;
    int32_t zero = -128 - (lowest.i - 0x4B400000), shift = zero + DOT_OFFSET - 0x4B400000;
    for (i = 0; i + VW <= k; i += VW) {
        vf scaled = load(x + i) * splat(inverse), whole = scaled + splat(magic);
        *(DOT(narrow) *)(q + i) = __builtin_convertvector((vi)whole + shift, DOT(narrow));
        if (!inputs->is_fine) continue;
        vf left = (scaled - (whole - splat(magic))) * splat(254) + splat(magic);
        *(DOT(narrow) *)(rest + i) = __builtin_convertvector((vi)left + (DOT_OFFSET - 0x4B400000), DOT(narrow));
    }
    for (; i < k; i++) {
        rounded.f = x[i] * inverse + magic;
        q[i] = (uint8_t)(rounded.i + shift);
        if (!inputs->is_fine) continue;
        fine.f = (x[i] * inverse - (rounded.f - magic)) * 254 + magic;
        rest[i] = (uint8_t)(fine.i + DOT_OFFSET - 0x4B400000);
    }
    inputs->step[row] = range / 254.0f;
    inputs->zero[row] = zero + DOT_OFFSET;
}

#ifdef DOT_FLIPS
typedef int8_t DOT(bytes) __attribute__((vector_size(VW * 4), aligned(4)));

static void DOT(split)(DOT(inputs) * inputs, size_t line, size_t bytes) {
    uint8_t *x = inputs->bytes + line * inputs->stride;
    vi sums = {0};
    memset(x + bytes, 0, inputs->stride - bytes);
    for (size_t i = 0; i < bytes; i += VW * 4) {
        DOT(bytes) value = *(DOT(bytes) *)(x + i), mask = value < 0;
        *(DOT(bytes) *)(x + i) = (value ^ mask) - mask;
        *(DOT(bytes) *)(x + i + inputs->flips) = mask;
        // Of pairs and pairs of pairs: magnitudes reach 128 and stand here without a sign.
        typedef uint16_t words __attribute__((vector_size(VW * 4)));
        words magnitudes = (words)((value ^ mask) - mask) & (words)mask;
        vi pairs = (vi)((magnitudes & 0xFF) + (magnitudes >> 8));
        sums += (pairs & 0xFFFF) + ((pairs >> 16) & 0xFFFF);
    }
    inputs->flipped[line] = 0;
    for (int lane = 0; lane < VW; lane++) inputs->flipped[line] += sums[lane];
}
#endif

// A sum and the sum of what rounding took off its inputs.
INLINE vf DOT(whole)(vf sum, vf rest) {
#pragma clang fp contract(off)
    return sum + rest * splat(1 / 254.0f);
}
#elif defined(DOT_WORDS)
typedef int16_t DOT(narrow) __attribute__((vector_size(VW * 2), aligned(2)));

// Rounds a row to ELK_WORD_TOP steps of its largest value.
static void DOT(prepare)(const float *x, int k, DOT(inputs) * inputs, int row) {
#pragma clang fp contract(off)
    int16_t *q = (int16_t *)(inputs->bytes + (size_t)row * inputs->stride);
    vf high = splat(0);
    float top = 0;
    int i = 0;
    for (; i + VW <= k; i += VW) high = vmax(high, vmax(load(x + i), -load(x + i)));
    for (; i < k; i++) top = fabsf(x[i]) > top ? fabsf(x[i]) : top;
    if (horizontal_max(high) > top) top = horizontal_max(high);
    float inverse = top > 0 ? ELK_WORD_TOP / top : 0;
    const float magic = 12582912.0f;
    for (i = 0; i + VW <= k; i += VW)
        *(DOT(narrow) *)(q + i) = __builtin_convertvector((vi)(load(x + i) * splat(inverse) + splat(magic)), DOT(narrow));
    for (; i < k; i++) q[i] = (int16_t)lrintf(x[i] * inverse);
    inputs->step[row] = top / ELK_WORD_TOP;
}
#else
// Rounds a row to bf16, to nearest even.
static void DOT(prepare)(const float *x, int k, DOT(inputs) * inputs, int row) {
    uint16_t *q = (uint16_t *)(inputs->bytes + (size_t)row * inputs->stride);
    int i = 0;
    for (; i + VW <= k; i += VW) {
        vi bits = (vi)load(x + i);
        bits = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16;
        typedef int16_t vs __attribute__((vector_size(VW * 2), aligned(2)));
        *(vs *)(q + i) = __builtin_convertvector(bits, vs);
    }
    for (; i < k; i++) q[i] = elk_to_bf16(x[i]);
}
#endif

#ifdef DOT_FLIPS
// Adds the products of two groups of each line with the weights of a strip.
INLINE void DOT(two_groups)(vi acc[][DOT_VECTORS], int lines, const DOT(inputs) * inputs, const uint8_t *a, const uint8_t *first,
                            const uint8_t *second) {
#pragma clang loop unroll(full)
    for (int i = 0; i < lines; i++, a += inputs->stride) {
        int32_t magnitudes[2], masks[2];
        memcpy(magnitudes, a, 8);
        memcpy(masks, a + inputs->flips, 8);
        vi x[2] = {(vi){0} + magnitudes[0], (vi){0} + magnitudes[1]}, flips[2] = {(vi){0} + masks[0], (vi){0} + masks[1]};
#pragma clang loop unroll(full)
        for (int v = 0; v < DOT_VECTORS; v++) {
            const vi_unaligned *weights[2] = {(const vi_unaligned *)(first + v * VW * 4), (const vi_unaligned *)(second + v * VW * 4)};
            acc[i][v] = dot(acc[i][v], weights, x, flips);
        }
    }
}
#endif

// Rows `row` and on times columns `column` to `column` + STRIP.
INLINE void DOT(tile)(const elk_product *job, int rows, int lines, const DOT(inputs) * inputs, int first, int row, int column) {
    int groups = (job->k + DOT_GROUP - 1) / DOT_GROUP, within = column % ELK_DOT_PANEL;
    const uint8_t *w = (const uint8_t *)job->data + ((size_t)(column - within) * groups + within) * 4;
    const uint8_t *a = inputs->bytes + (size_t)first * lines * inputs->stride;
    size_t stride = inputs->stride;
    int columns = job->n - column;
    bool partial = columns < DOT(STRIP);
    float edge[DOT_ROWS * DOT(STRIP)], edge_bias[DOT(STRIP)];
    const float *bias = job->bias ? job->bias + column : NULL;
    float *target = job->y + (size_t)row * job->ldy + column, *y = target;
    size_t ldy = job->ldy;
    if (partial) {
        if (bias) {
            memcpy(edge_bias, bias, (size_t)columns * sizeof(float));
            memset(edge_bias + columns, 0, (size_t)(DOT(STRIP) - columns) * sizeof(float));
            bias = edge_bias;
        }
        if (job->flags & ELK_ACCUMULATE)
            for (int i = 0; i < rows; i++) memcpy(edge + i * DOT(STRIP), y + i * ldy, (size_t)columns * sizeof(float));
        y = edge;
        ldy = DOT(STRIP);
    }
    DOT(sums) acc[DOT_ROWS][DOT_VECTORS];
#pragma clang loop unroll(full)
    for (int i = 0; i < rows * lines; i++)
#pragma clang loop unroll(full)
        for (int v = 0; v < DOT_VECTORS; v++)
#ifdef DOT_FLIPS
            acc[i][v] = (vi){0} + inputs->flipped[first * lines + i];
#else
            acc[i][v] = (DOT(sums)){0};
#endif
#ifdef DOT_FLIPS
    const uint8_t *end = w + (size_t)(groups / 2) * 8 * ELK_DOT_PANEL;
    for (; w != end; w += 8 * ELK_DOT_PANEL, a += 8) DOT(two_groups)(acc, rows * lines, inputs, a, w, w + 4 * ELK_DOT_PANEL);
    // The inputs behind a last odd group are zero: it does not matter which weights meet them.
    if (groups % 2) DOT(two_groups)(acc, rows * lines, inputs, a, w, w);
#else
    // Of many rows each of the first tiles fetches a quarter of the panel that comes next, a line with each group.
    int quarter = first / DOT_ROWS;
    const uint8_t *next = quarter < 4 ? w + (size_t)groups * (4 * ELK_DOT_PANEL + 64 * (size_t)quarter) : a;
    for (int g = 0; g < groups; g++, w += 4 * ELK_DOT_PANEL, a += 4) {
        vi b[DOT_VECTORS];
        if (lines == 1) __builtin_prefetch(next + (size_t)g * 64, 0, 2);
        if (lines == 2)
            for (int v = 0; v < DOT_VECTORS; v++) __builtin_prefetch(w + ELK_AHEAD + v * VW * 4, 0, 2);
#pragma clang loop unroll(full)
        for (int v = 0; v < DOT_VECTORS; v++) b[v] = *(const vi_unaligned *)(w + v * VW * 4);
#pragma clang loop unroll(full)
        for (int i = 0; i < rows * lines; i++) {
            int32_t group;
            memcpy(&group, a + (size_t)i * stride, 4);
            vi broadcast = (vi){0} + group;
#pragma clang loop unroll(full)
            for (int v = 0; v < DOT_VECTORS; v++) acc[i][v] = dot(acc[i][v], b[v], broadcast);
        }
    }
#endif
#if DOT_GROUP == 4
    const float *scales = elk_int8_scales(job->data, job->n, job->k) + column;
    const int32_t *sums = elk_int8_sums(job->data, job->n, job->k) + column;
#elif defined(DOT_WORDS)
    const float *scales = elk_int16_scales(job->data, job->n, job->k) + column;
#endif
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++) {
        vf values[DOT_VECTORS];
#pragma clang loop unroll(full)
        for (int v = 0; v < DOT_VECTORS; v++) {
#if DOT_GROUP == 4
            vi ones = *(const vi_unaligned *)(sums + v * VW);
            vf value = __builtin_convertvector(acc[i * lines][v] - ones * inputs->zero[first + i], vf);
            if (lines == 2) value = DOT(whole)(value, __builtin_convertvector(acc[i * lines + 1][v] - ones * DOT_OFFSET, vf));
            value *= splat(inputs->step[first + i]) * load(scales + v * VW);
#elif defined(DOT_WORDS)
            vf value = __builtin_convertvector(acc[i][v], vf) * (splat(inputs->step[first + i]) * load(scales + v * VW));
#else
            vf value = acc[i][v];
#endif
            if (bias) value += load(bias + v * VW);
            values[v] = value;
        }
        if (job->flags & ELK_GELU) vgelus(DOT_VECTORS, values);
#pragma clang loop unroll(full)
        for (int v = 0; v < DOT_VECTORS; v++) {
            if (job->flags & ELK_ACCUMULATE) values[v] += load(y + i * ldy + v * VW);
            store(y + i * ldy + v * VW, values[v]);
        }
    }
    if (partial)
        for (int i = 0; i < rows; i++) memcpy(target + i * job->ldy, edge + i * DOT(STRIP), (size_t)columns * sizeof(float));
}

static void DOT(any_tile)(const elk_product *job, int rows, const DOT(inputs) * inputs, int first, int row, int column) {
    switch (inputs->is_fine ? -rows : rows) {
#define CASE(R)                                                                                                                    \
    case R:                                                                                                                        \
        if (R <= DOT_ROWS) DOT(tile)(job, R <= DOT_ROWS ? R : 1, 1, inputs, first, row, column);                                    \
        break;
        CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6)
#undef CASE
#if DOT_GROUP == 4
#define CASE(R)                                                                                                                    \
    case -R:                                                                                                                       \
        if (2 * R <= DOT_ROWS) DOT(tile)(job, 2 * R <= DOT_ROWS ? R : 1, 2, inputs, first, row, column);                            \
        break;
        CASE(1) CASE(2) CASE(3)
#undef CASE
#endif
    }
}

static void DOT(product)(const elk_product *job, int row, int rows, int panel, int panels, float *scratch) {
    int k = job->k;
    bool is_fine = DOT_GROUP == 4 && elk_is_fine(job, rows);
    size_t padded = (size_t)(rows + 15) / 16 * 16, lines = is_fine ? 2 : 1;
    // A cache line more than a row has, lest all rows of a tile fall into the same cache sets.
    size_t bytes = (size_t)(k + DOT_GROUP - 1) / DOT_GROUP * 4, stride = (bytes + 63) / 64 * 64 + 64;
    float *normed = scratch + 4 * padded;
    DOT(inputs) inputs = {
        .bytes = (uint8_t *)(normed + (NORM_ROWS * k + 15) / 16 * 16),
        .stride = stride,
        .flips = stride * lines * (size_t)rows,
        .step = scratch,
        .zero = (int32_t *)(scratch + padded),
        .flipped = (int32_t *)(scratch + 2 * padded),
        .is_fine = is_fine,
    };
    for (int i = 0; i < rows; i++) {
        const float *source = job->x + (size_t)(row + i) * job->ldx;
        if (job->gain) {
            int within = i % NORM_ROWS;
            if (within == 0)
                layer_norms(rows - i < NORM_ROWS ? rows - i : NORM_ROWS, source, job->ldx, k, job->gain, job->shift, normed);
            source = normed + (size_t)within * (size_t)k;
        }
        // Weights behind the last column are zero; what meets them need only be a number.
        for (size_t line = 0; line < lines; line++) memset(inputs.bytes + ((size_t)i * lines + line) * stride + bytes - 4, 0, 4);
        DOT(prepare)(source, k, &inputs, i);
#ifdef DOT_FLIPS
        for (size_t line = 0; line < lines; line++) DOT(split)(&inputs, (size_t)i * lines + line, bytes);
#endif
    }
    int most = DOT_ROWS / (int)lines, end = (panel + panels) * ELK_DOT_PANEL < job->n ? (panel + panels) * ELK_DOT_PANEL : job->n;
    for (int column = panel * ELK_DOT_PANEL; column < end; column += DOT(STRIP))
        for (int r = 0; r < rows; r += most)
            DOT(any_tile)(job, rows - r < most ? rows - r : most, &inputs, r, row + r, column);
}
#undef DOT
#undef DOT_GROUP
#undef DOT_OFFSET
#undef DOT_WORDS
#undef DOT_FLIPS
#undef dot

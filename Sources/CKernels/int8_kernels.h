// Products with int8 weights, written once over vectors of VW 32-bit lanes; included after vector_kernels.h, as often as a file has
// ways to multiply. The including file defines
//   INT8(name)             the symbol of this variant
//   INT8_ROWS              rows of the register tile, INT8_VECTORS vectors wide
//   INT8_SIGNED            1 if `dot` takes the inputs as they are, 0 if it takes them plus 128
//   dot(sums, weights, x)  adds the products of four neighbouring bytes to each lane; x is one group of four in every lane
//
// The integer sums do not depend on the variant, so a model gives the same words on every machine but for float rounding.

enum {
    INT8(STRIP) = INT8_VECTORS * VW,
    INT8(STRIPS) = ELK_INT8_PANEL / INT8(STRIP),
};

// Rounds one row to -127 … 127 of its largest magnitude. Returns the step.
static float INT8(quantise)(const float *x, int k, int8_t *q) {
    vf top = splat(0);
    int i = 0;
    for (; i + VW <= k; i += VW) top = vmax(top, (vf)((vi)load(x + i) & 0x7FFFFFFF));
    float largest = horizontal_max(top);
    for (; i < k; i++) largest = fabsf(x[i]) > largest ? fabsf(x[i]) : largest;
    float inverse = largest > 0 ? 127.0f / largest : 0;
    // Adding 1.5 · 2²³ rounds to the nearest integer, which then lies in the low byte.
    for (i = 0; i + VW <= k; i += VW) {
        vf scaled = load(x + i) * splat(inverse);
        vi rounded = (vi)(scaled + splat(12582912.0f));
        typedef int8_t vb __attribute__((vector_size(VW), aligned(1)));
        *(vb *)(q + i) = __builtin_convertvector(rounded - 0x4B400000, vb);
    }
    for (; i < k; i++) {
        float scaled = x[i] * inverse;
        union {
            float f;
            int32_t i;
        } rounded = {scaled + 12582912.0f};
        q[i] = (int8_t)(rounded.i - 0x4B400000);
    }
    return largest / 127.0f;
}

INLINE void INT8(tile)(const elk_product *job, int rows, const int8_t *a, const float *steps, int row, int panel) {
    int groups = (job->k + 3) / 4;
    const int8_t *weights = (const int8_t *)job->data + (size_t)panel * groups * 4 * ELK_INT8_PANEL;
    const float *scales = elk_int8_scales(job->data, job->n, job->k) + (size_t)panel * ELK_INT8_PANEL;
    const int32_t *sums = elk_int8_sums(job->data, job->n, job->k) + (size_t)panel * ELK_INT8_PANEL;
    int columns = job->n - panel * ELK_INT8_PANEL;
    bool partial = columns < ELK_INT8_PANEL;
    float edge[INT8_ROWS * ELK_INT8_PANEL], edge_bias[ELK_INT8_PANEL];
    const float *bias = job->bias ? job->bias + (size_t)panel * ELK_INT8_PANEL : NULL;
    float *target = job->y + (size_t)row * job->ldy + (size_t)panel * ELK_INT8_PANEL, *y = target;
    size_t ldy = job->ldy;
    if (partial) {
        if (bias) {
            memcpy(edge_bias, bias, (size_t)columns * sizeof(float));
            memset(edge_bias + columns, 0, (size_t)(ELK_INT8_PANEL - columns) * sizeof(float));
            bias = edge_bias;
        }
        if (job->flags & ELK_ACCUMULATE)
            for (int i = 0; i < rows; i++) memcpy(edge + i * ELK_INT8_PANEL, y + i * ldy, (size_t)columns * sizeof(float));
        y = edge;
        ldy = ELK_INT8_PANEL;
    }
    for (int s = 0; s < INT8(STRIPS); s++) {
        vi acc[INT8_ROWS][INT8_VECTORS];
        const int8_t *w = weights + s * INT8(STRIP) * 4;
        const int8_t *x = a;
#pragma clang loop unroll(full)
        for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
            for (int v = 0; v < INT8_VECTORS; v++) acc[i][v] = (vi){0};
        for (int g = 0; g < groups; g++, w += 4 * ELK_INT8_PANEL, x += 4 * rows) {
            vi b[INT8_VECTORS];
#pragma clang loop unroll(full)
            for (int v = 0; v < INT8_VECTORS; v++) b[v] = *(const vi_unaligned *)(w + v * VW * 4);
#pragma clang loop unroll(full)
            for (int i = 0; i < rows; i++) {
                int32_t group;
                memcpy(&group, x + 4 * i, 4);
                vi broadcast = (vi){0} + group;
#pragma clang loop unroll(full)
                for (int v = 0; v < INT8_VECTORS; v++) acc[i][v] = dot(acc[i][v], b[v], broadcast);
            }
        }
#pragma clang loop unroll(full)
        for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
            for (int v = 0; v < INT8_VECTORS; v++) {
                int column = s * INT8(STRIP) + v * VW;
                vi whole = acc[i][v];
                if (!INT8_SIGNED) whole -= *(const vi_unaligned *)(sums + column) * 128;
                vf value = __builtin_convertvector(whole, vf) * (splat(steps[i]) * load(scales + column));
                if (bias) value += load(bias + column);
                if (job->flags & ELK_GELU) value = vgelu(value);
                if (job->flags & ELK_ACCUMULATE) value += load(y + i * ldy + column);
                store(y + i * ldy + column, value);
            }
    }
    if (partial)
        for (int i = 0; i < rows; i++) memcpy(target + i * job->ldy, edge + i * ELK_INT8_PANEL, (size_t)columns * sizeof(float));
}

static void INT8(any_tile)(const elk_product *job, int rows, const int8_t *a, const float *steps, int row, int panel) {
    switch (rows) {
#define CASE(R)                                                                                                                    \
    case R:                                                                                                                        \
        if (R <= INT8_ROWS) INT8(tile)(job, R <= INT8_ROWS ? R : 1, a, steps, row, panel);                                         \
        break;
        CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6)
#undef CASE
    }
}

static void INT8(product)(const elk_product *job, int row, int rows, int panel, int panels, float *scratch) {
    int k = job->k, groups = (k + 3) / 4;
    float *steps = scratch, *normed = steps + (rows + 15) / 16 * 16;
    int8_t *line = (int8_t *)(normed + (k + 15) / 16 * 16);
    int8_t *tiles = line + (groups * 4 + 63) / 64 * 64;
    memset(line + k, 0, (size_t)(groups * 4 - k));
    for (int r = 0; r < rows; r += INT8_ROWS) {
        int m = rows - r < INT8_ROWS ? rows - r : INT8_ROWS;
        int8_t *tile = tiles + (size_t)r * groups * 4;
        for (int i = 0; i < m; i++) {
            const float *source = job->x + (size_t)(row + r + i) * job->ldx;
            if (job->gain) {
                layer_norm(source, k, job->gain, job->shift, normed);
                source = normed;
            }
            steps[r + i] = INT8(quantise)(source, k, line);
            for (int g = 0; g < groups; g++) {
                uint32_t group;
                memcpy(&group, line + 4 * g, 4);
                if (!INT8_SIGNED) group ^= 0x80808080u;
                memcpy(tile + ((size_t)g * m + i) * 4, &group, 4);
            }
        }
    }
    for (int p = panel; p < panel + panels; p++)
        for (int r = 0; r < rows; r += INT8_ROWS) {
            int m = rows - r < INT8_ROWS ? rows - r : INT8_ROWS;
            INT8(any_tile)(job, m, tiles + (size_t)r * groups * 4, steps + r, row + r, p);
        }
}

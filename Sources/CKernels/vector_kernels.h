// The kernels, written once over vectors of VW floats and compiled once an instruction set. The including file defines
//   VW            lanes of a vector
//   TILE_ROWS     rows of the largest register tile (two vectors wide)
//   load_half(p) / store_half(p, v)    VW halves as floats and back
// and puts the target attribute around this file.

typedef float vf __attribute__((vector_size(VW * 4)));
typedef float vfu __attribute__((vector_size(VW * 4), aligned(4)));
typedef int32_t vi __attribute__((vector_size(VW * 4)));
typedef int32_t vi_unaligned __attribute__((vector_size(VW * 4), aligned(4)));

typedef float float4 __attribute__((vector_size(16)));
typedef float float8 __attribute__((vector_size(32)));

#define INLINE static inline __attribute__((always_inline))
enum { STRIP = 2 * VW, STRIPS = ELK_PANEL / STRIP };

INLINE vf splat(float x) { return (vf){0} + x; }
INLINE vf load(const float *p) { return *(const vfu *)p; }
INLINE void store(float *p, vf v) { *(vfu *)p = v; }
INLINE vf blend(vi mask, vf a, vf b) { return (vf)(((vi)a & mask) | ((vi)b & ~mask)); }
// Of vectors of any length; b where one of them is no number.
#define HIGHER(a, b) ((typeof(a))(((typeof(a > b))(a) & (a > b)) | ((typeof(a > b))(b) & ~(a > b))))
INLINE vf vmax(vf a, vf b) { return HIGHER(a, b); }
INLINE vf vmin(vf a, vf b) { return blend(a < b, a, b); }
// Halves are added to halves: log2(VW) steps instead of VW.
INLINE float horizontal_sum(vf v) {
#if VW == 16
    float8 h = __builtin_shufflevector(v, v, 0, 1, 2, 3, 4, 5, 6, 7) + __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15);
#elif VW == 8
    float8 h = v;
#endif
#if VW >= 8
    float4 q = __builtin_shufflevector(h, h, 0, 1, 2, 3) + __builtin_shufflevector(h, h, 4, 5, 6, 7);
#else
    float4 q = v;
#endif
    q += __builtin_shufflevector(q, q, 2, 3, 0, 1);
    return q[0] + q[1];
}
INLINE float horizontal_max(vf v) {
#if VW == 16
    float8 a = __builtin_shufflevector(v, v, 0, 1, 2, 3, 4, 5, 6, 7), b = __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15);
    float8 h = HIGHER(a, b);
#elif VW == 8
    float8 h = v;
#endif
#if VW >= 8
    float4 c = __builtin_shufflevector(h, h, 0, 1, 2, 3), d = __builtin_shufflevector(h, h, 4, 5, 6, 7), q = HIGHER(c, d);
#else
    float4 q = v;
#endif
    float4 swapped = __builtin_shufflevector(q, q, 2, 3, 0, 1);
    q = HIGHER(q, swapped);
    return q[0] > q[1] ? q[0] : q[1];
}
// VW vectors as the columns of what they were the rows of: log2(VW) times, the vectors of one half take turns with those of the other.
INLINE void transpose(vf v[VW]) {
#pragma clang loop unroll(full)
    for (int distance = 1; distance < VW; distance *= 2) {
        vf next[VW];
#pragma clang loop unroll(full)
        for (int i = 0; i < VW / 2; i++) {
            vf a = v[i], b = v[i + VW / 2];
#if VW == 16
            next[2 * i] = __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
            next[2 * i + 1] = __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
#elif VW == 8
            next[2 * i] = __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
            next[2 * i + 1] = __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
#else
            next[2 * i] = __builtin_shufflevector(a, b, 0, 4, 1, 5);
            next[2 * i + 1] = __builtin_shufflevector(a, b, 2, 6, 3, 7);
#endif
        }
#pragma clang loop unroll(full)
        for (int i = 0; i < VW; i++) v[i] = next[i];
    }
}
// The dot product of pairs of bf16 where the machine has none.
INLINE vf widened_dot(vf sums, vi weights, vi x) {
    const int upper = (int)0xFFFF0000;
    sums += (vf)(weights << 16) * (vf)(x << 16);
    return sums + (vf)(weights & upper) * (vf)(x & upper);
}

// exp by 2^n · e^r with |r| <= ln2 / 2 and a Taylor polynomial of degree 6: relative error below 2e-7. Arguments below -87 give 0.
INLINE vf vexp(vf x) {
    vi tiny = x < splat(-87.0f);
    x = vmin(vmax(x, splat(-87.0f)), splat(88.0f));
    vf rounded = (x * splat(1.44269504f) + splat(12582912.0f)) - splat(12582912.0f);
    vf r = x - rounded * splat(0.693359375f);
    r = r + rounded * splat(2.12194440e-4f);
    vf p = splat(1.0f / 720);
    p = p * r + splat(1.0f / 120);
    p = p * r + splat(1.0f / 24);
    p = p * r + splat(1.0f / 6);
    p = p * r + splat(0.5f);
    p = p * r + splat(1.0f);
    p = p * r + splat(1.0f);
    vi n = __builtin_convertvector(rounded, vi);
    vf result = (vf)((vi)p + (n << 23));
    return blend(tiny, splat(0.0f), result);
}

// GELU in its erf form: erf(z) = z · p(z²) up to 3.6, behind which it is 1 - 4e-7. p is a least-maximum fit of degree 12, found by
// iterated weighting, in u = 2z² / 3.6² - 1, where its coefficients stay small. Absolute error below 1.2e-6. Of several vectors at once,
// as each coefficient waits for the one before.
INLINE void vgelus(int count, vf *x) {
    static const float factors[] = {
        0.00180551533f, -0.00541303194f, 0.00669472869f, -0.00905969549f, 0.0192285331f, -0.0337439991f, 0.049163113f,
        -0.0677706079f, 0.089645566f, -0.113816676f, 0.143822271f, -0.19548999f, 0.392712003f,
    };
    enum { MOST = 4 };
    vf z[MOST], u[MOST], p[MOST];
#pragma clang loop unroll(full)
    for (int i = 0; i < count; i++) {
        z[i] = vmin(vmax(x[i] * splat(0.70710678f), splat(-3.6f)), splat(3.6f));
        u[i] = z[i] * z[i] * splat(2 / 12.96f) - splat(1.0f);
        p[i] = splat(factors[0]);
    }
#pragma clang loop unroll(full)
    for (size_t k = 1; k < sizeof factors / sizeof *factors; k++)
#pragma clang loop unroll(full)
        for (int i = 0; i < count; i++) p[i] = p[i] * u[i] + splat(factors[k]);
#pragma clang loop unroll(full)
    for (int i = 0; i < count; i++) {
        vf half = x[i] * splat(0.5f);
        x[i] = half + half * (p[i] * z[i]);
    }
}

INLINE vf vgelu(vf x) {
    vgelus(1, &x);
    return x;
}

// MARK: Products

// One register tile: `rows` rows of a, element (i, p) at a[i · row_step + p · depth_step], times one strip of a panel.
INLINE void tile_half(int rows, const float *a, size_t row_step, size_t depth_step, const uint16_t *panel, int k,
                      vf acc[TILE_ROWS][2]) {
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++) acc[i][0] = acc[i][1] = splat(0);
    // With few rows one chain of additions would wait for itself: use two.
    if (rows <= 4) {
        vf odd[4][2];
#pragma clang loop unroll(full)
        for (int i = 0; i < rows; i++) odd[i][0] = odd[i][1] = splat(0);
        int p = 0;
        for (; p + 2 <= k; p += 2, panel += 2 * ELK_PANEL, a += 2 * depth_step) {
            vf b0 = load_half(panel), b1 = load_half(panel + VW);
            vf c0 = load_half(panel + ELK_PANEL), c1 = load_half(panel + ELK_PANEL + VW);
            __builtin_prefetch(panel + ELK_AHEAD / 2, 0, 2);
            __builtin_prefetch(panel + ELK_AHEAD / 2 + ELK_PANEL, 0, 2);
#pragma clang loop unroll(full)
            for (int i = 0; i < rows; i++) {
                vf x = splat(a[i * row_step]), z = splat(a[i * row_step + depth_step]);
                acc[i][0] += x * b0;
                acc[i][1] += x * b1;
                odd[i][0] += z * c0;
                odd[i][1] += z * c1;
            }
        }
        for (; p < k; p++, panel += ELK_PANEL, a += depth_step) {
            vf b0 = load_half(panel), b1 = load_half(panel + VW);
#pragma clang loop unroll(full)
            for (int i = 0; i < rows; i++) {
                acc[i][0] += splat(a[i * row_step]) * b0;
                acc[i][1] += splat(a[i * row_step]) * b1;
            }
        }
#pragma clang loop unroll(full)
        for (int i = 0; i < rows; i++) {
            acc[i][0] += odd[i][0];
            acc[i][1] += odd[i][1];
        }
        return;
    }
    for (int p = 0; p < k; p++, panel += ELK_PANEL, a += depth_step) {
        vf b0 = load_half(panel), b1 = load_half(panel + VW);
        __builtin_prefetch(panel + ELK_AHEAD / 2, 0, 2);
#pragma clang loop unroll(full)
        for (int i = 0; i < rows; i++) {
            vf x = splat(a[i * row_step]);
            acc[i][0] += x * b0;
            acc[i][1] += x * b1;
        }
    }
}

// The same against a panel of floats [k][ELK_PANEL].
INLINE void tile_float(int rows, const float *a, size_t row_step, size_t depth_step, const float *panel, int k,
                       vf acc[TILE_ROWS][2]) {
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++) acc[i][0] = acc[i][1] = splat(0);
    for (int p = 0; p < k; p++, panel += ELK_PANEL, a += depth_step) {
        vf b0 = load(panel), b1 = load(panel + VW);
#pragma clang loop unroll(full)
        for (int i = 0; i < rows; i++) {
            vf x = splat(a[i * row_step]);
            acc[i][0] += x * b0;
            acc[i][1] += x * b1;
        }
    }
}

INLINE void product_tile(const elk_product *job, int rows, const float *a, size_t row_step, size_t depth_step, int row, int panel) {
    const uint16_t *weights = (const uint16_t *)job->data + (size_t)panel * job->k * ELK_PANEL;
    int columns = job->n - panel * ELK_PANEL;
    bool partial = columns < ELK_PANEL;
    float edge[TILE_ROWS * ELK_PANEL], bias[ELK_PANEL];
    const float *b = NULL;
    float *y = job->y + (size_t)row * job->ldy + (size_t)panel * ELK_PANEL;
    size_t ldy = job->ldy;
    if (job->bias) {
        b = job->bias + panel * ELK_PANEL;
        if (partial) {
            memset(bias, 0, sizeof bias);
            memcpy(bias, b, (size_t)columns * sizeof(float));
            b = bias;
        }
    }
    if (partial) {
        if (job->flags & ELK_ACCUMULATE)
            for (int i = 0; i < rows; i++) memcpy(edge + i * ELK_PANEL, y + i * ldy, (size_t)columns * sizeof(float));
        y = edge;
        ldy = ELK_PANEL;
    }
    for (int s = 0; s < STRIPS; s++) {
        vf acc[TILE_ROWS][2];
        tile_half(rows, a, row_step, depth_step, weights + s * STRIP, job->k, acc);
        vf b0 = b ? load(b + s * STRIP) : splat(0), b1 = b ? load(b + s * STRIP + VW) : splat(0);
#pragma clang loop unroll(full)
        for (int i = 0; i < rows; i++) {
            float *out = y + i * ldy + s * STRIP;
            vf v0 = acc[i][0] + b0, v1 = acc[i][1] + b1;
            if (job->flags & ELK_GELU) {
                v0 = vgelu(v0);
                v1 = vgelu(v1);
            }
            if (job->flags & ELK_ACCUMULATE) {
                v0 += load(out);
                v1 += load(out + VW);
            }
            store(out, v0);
            store(out + VW, v1);
        }
    }
    if (partial) {
        float *target = job->y + (size_t)row * job->ldy + (size_t)panel * ELK_PANEL;
        for (int i = 0; i < rows; i++) memcpy(target + i * job->ldy, edge + i * ELK_PANEL, (size_t)columns * sizeof(float));
    }
}

#define FOR_ROWS(CASE)                                                                                                             \
    CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6) CASE(7) CASE(8) CASE(9) CASE(10) CASE(11) CASE(12)

static void any_tile(const elk_product *job, int rows, const float *a, size_t row_step, size_t depth_step, int row, int panel) {
    switch (rows) {
#define CASE(R)                                                                                                                    \
    case R:                                                                                                                        \
        if (R <= TILE_ROWS) product_tile(job, R <= TILE_ROWS ? R : 1, a, row_step, depth_step, row, panel);                        \
        break;
        FOR_ROWS(CASE)
#undef CASE
    }
}

enum { NORM_ROWS = 4 };

// Normalises up to NORM_ROWS rows together, as the sums of one wait for themselves; `y` has them one behind the other.
INLINE void norm_rows(int rows, const float *x, size_t ldx, int width, const float *gain, const float *bias, float *y) {
    size_t ldy = (size_t)width;
    vf sums[NORM_ROWS] = {splat(0)}, squares[NORM_ROWS] = {splat(0)};
    float tails[NORM_ROWS] = {0}, means[NORM_ROWS], scales[NORM_ROWS];
    int i = 0;
    for (; i + VW <= width; i += VW)
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; r++) sums[r] += load(x + r * ldx + i);
    for (int r = 0; r < rows; r++) {
        for (int j = i; j < width; j++) tails[r] += x[r * ldx + j];
        means[r] = (horizontal_sum(sums[r]) + tails[r]) / (float)width;
        tails[r] = 0;
    }
    for (i = 0; i + VW <= width; i += VW)
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; r++) {
            vf d = load(x + r * ldx + i) - splat(means[r]);
            squares[r] += d * d;
        }
    for (int r = 0; r < rows; r++) {
        for (int j = i; j < width; j++) tails[r] += (x[r * ldx + j] - means[r]) * (x[r * ldx + j] - means[r]);
        scales[r] = 1.0f / sqrtf((horizontal_sum(squares[r]) + tails[r]) / (float)width + 1e-5f);
    }
    for (i = 0; i + VW <= width; i += VW) {
        vf g = load(gain + i), b = load(bias + i);
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; r++) store(y + r * ldy + i, (load(x + r * ldx + i) - splat(means[r])) * splat(scales[r]) * g + b);
    }
    for (; i < width; i++)
        for (int r = 0; r < rows; r++) y[r * ldy + i] = (x[r * ldx + i] - means[r]) * scales[r] * gain[i] + bias[i];
}

static void layer_norm(const float *x, int width, const float *gain, const float *bias, float *y) {
    norm_rows(1, x, 0, width, gain, bias, y);
}

// Each row becomes what it would be alone.
static void layer_norms(int rows, const float *x, size_t ldx, int width, const float *gain, const float *bias, float *y) {
    int r = 0;
    for (; r + NORM_ROWS <= rows; r += NORM_ROWS) norm_rows(NORM_ROWS, x + r * ldx, ldx, width, gain, bias, y + (size_t)r * (size_t)width);
    for (; r < rows; r++) layer_norm(x + r * ldx, width, gain, bias, y + (size_t)r * (size_t)width);
}

static void product_half(const elk_product *job, int row, int rows, int panel, int panels, float *scratch) {
    int k = job->k;
    size_t ldx = job->ldx;
    const float *x = job->x + (size_t)row * ldx;
    // Few rows are read where they lie; more would be too many streams for the inner loop.
    if (rows <= TILE_ROWS && rows <= 8) {
        if (job->gain) {
            layer_norms(rows, x, ldx, k, job->gain, job->shift, scratch);
            x = scratch;
            ldx = (size_t)k;
        }
        for (int p = panel; p < panel + panels; p++) any_tile(job, rows, x, ldx, 1, row, p);
        return;
    }
    // Interleave the rows of each tile so that the inner loop reads one cache line after the other.
    float *normed = scratch + (size_t)rows * k;
    for (int r = 0; r < rows; r += TILE_ROWS) {
        int m = rows - r < TILE_ROWS ? rows - r : TILE_ROWS;
        float *tile = scratch + (size_t)r * k;
        for (int i = 0; i < m; i++) {
            const float *source = x + (size_t)(r + i) * ldx;
            if (job->gain) {
                layer_norm(source, k, job->gain, job->shift, normed);
                source = normed;
            }
            for (int p = 0; p < k; p++) tile[(size_t)p * m + i] = source[p];
        }
    }
    for (int p = panel; p < panel + panels; p++)
        for (int r = 0; r < rows; r += TILE_ROWS) {
            int m = rows - r < TILE_ROWS ? rows - r : TILE_ROWS;
            any_tile(job, m, scratch + (size_t)r * k, 1, (size_t)m, row + r, p);
        }
}

// MARK: Rows

static float maximum(const float *x, int count) {
    // Several at once, as one waits for the one before.
    vf best[4] = {splat(-INFINITY), splat(-INFINITY), splat(-INFINITY), splat(-INFINITY)};
    int i = 0;
    for (; i + 4 * VW <= count; i += 4 * VW)
        for (int j = 0; j < 4; j++) best[j] = vmax(best[j], load(x + i + j * VW));
    for (; i + VW <= count; i += VW) best[0] = vmax(best[0], load(x + i));
    float m = horizontal_max(vmax(vmax(best[0], best[1]), vmax(best[2], best[3])));
    for (; i < count; i++) m = x[i] > m ? x[i] : m;
    return m;
}

static void softmax(float *x, int count, float scale, const float *weights) {
    float top = maximum(x, count) * scale;
    vf sum = splat(0);
    float tail = 0;
    int i = 0;
    for (; i + VW <= count; i += VW) {
        vf e = vexp(load(x + i) * splat(scale) - splat(top));
        store(x + i, e);
        sum += e;
    }
    for (; i < count; i++) tail += x[i] = expf(x[i] * scale - top);
    float inverse = 1.0f / (horizontal_sum(sum) + tail);
    if (weights) {
        for (i = 0; i + VW <= count; i += VW) store(x + i, load(x + i) * splat(inverse) * load(weights + i));
        for (; i < count; i++) x[i] *= inverse * weights[i];
    } else {
        for (i = 0; i + VW <= count; i += VW) store(x + i, load(x + i) * splat(inverse));
        for (; i < count; i++) x[i] *= inverse;
    }
}

static void to_half(const float *input, uint16_t *output, size_t count) {
    size_t i = 0;
    vf limit = splat(65504.0f);
    for (; i + VW <= count; i += VW) store_half(output + i, vmin(vmax(load(input + i), -limit), limit));
    if (i == count) return;
    float rest[VW] = {0};
    uint16_t halves[VW];
    memcpy(rest, input + i, (count - i) * sizeof(float));
    store_half(halves, vmin(vmax(load(rest), -limit), limit));
    memcpy(output + i, halves, (count - i) * sizeof(uint16_t));
}

static void from_half(const uint16_t *input, float *output, size_t count) {
    size_t i = 0;
    for (; i + VW <= count; i += VW) store(output + i, load_half(input + i));
    if (i == count) return;
    uint16_t rest[VW] = {0};
    float floats[VW];
    memcpy(rest, input + i, (count - i) * sizeof(uint16_t));
    store(floats, load_half(rest));
    memcpy(output + i, floats, (count - i) * sizeof(float));
}

// MARK: Attention

// Queries lie in the lanes: scores are [positions][32], so softmax runs down columns without any horizontal step, and the
// probabilities already are the panel of the second product.
INLINE void scores_tile(int rows, const float *tile, const float *panel, float *scores) {
    for (int s = 0; s < STRIPS; s++) {
        vf acc[TILE_ROWS][2];
        tile_float(rows, tile, 1, 12, panel + s * STRIP, HEAD, acc);
#pragma clang loop unroll(full)
        for (int i = 0; i < rows; i++) {
            store(scores + i * ELK_PANEL + s * STRIP, acc[i][0]);
            store(scores + i * ELK_PANEL + s * STRIP + VW, acc[i][1]);
        }
    }
}

INLINE void mix_tile(int rows, const float *values, const float *probabilities, int positions, float *mixed) {
    for (int s = 0; s < STRIPS; s++) {
        vf acc[TILE_ROWS][2];
        tile_float(rows, values, 1, HEAD, probabilities + s * STRIP, positions, acc);
#pragma clang loop unroll(full)
        for (int i = 0; i < rows; i++) {
            store(mixed + i * ELK_PANEL + s * STRIP, acc[i][0]);
            store(mixed + i * ELK_PANEL + s * STRIP + VW, acc[i][1]);
        }
    }
}

static void pack_head(const float *keys, const float *values, size_t ld, const float *log_counts, int positions, float *packed) {
    size_t tiles = (size_t)(positions + KEY_TILE - 1) / KEY_TILE;
    memset(packed + (tiles - 1) * KEY_TILE * HEAD, 0, KEY_TILE * HEAD * sizeof(float));
    float *packed_values = packed + tiles * KEY_TILE * HEAD, *logs = packed_values + (size_t)positions * HEAD;
    for (int t = 0; t < positions; t++) {
        float *tile = packed + (size_t)(t / KEY_TILE) * KEY_TILE * HEAD + t % KEY_TILE;
        for (int e = 0; e < HEAD; e++) tile[e * KEY_TILE] = keys[(size_t)t * ld + e];
        memcpy(packed_values + (size_t)t * HEAD, values + (size_t)t * ld, HEAD * sizeof(float));
        logs[t] = log_counts ? log_counts[t] : 0;
    }
}

// exp of scores [positions][32] and the logarithms of what their keys stand for in place, for each column less its maximum; writes
// 1 / column sum.
INLINE void exp_columns(float *scores, const float *logs, int positions, float *inverse) {
    for (int s = 0; s < ELK_PANEL; s += VW) {
        vf top = splat(-INFINITY), sum = splat(0);
        for (int t = 0; t < positions; t++) top = vmax(top, load(scores + (size_t)t * ELK_PANEL + s) + splat(logs[t]));
        for (int t = 0; t < positions; t++) {
            float *p = scores + (size_t)t * ELK_PANEL + s;
            vf e = vexp(load(p) + splat(logs[t]) - top);
            store(p, e);
            sum += e;
        }
        store(inverse + s, splat(1.0f) / sum);
    }
}

static void attend(const float *queries, size_t ldq, int count, const float *packed, int positions, float *scratch, float *output,
                   size_t ldo) {
    float *panel = scratch, *mixed = scratch + HEAD * ELK_PANEL, *scores = mixed + HEAD * ELK_PANEL;
    for (int q = 0; q < ELK_PANEL; q++)
        for (int e = 0; e < HEAD; e++) panel[e * ELK_PANEL + q] = q < count ? queries[q * ldq + e] * 0.125f : 0.0f;
    int t = 0;
    for (; t < positions; t += KEY_TILE)
        // Tiles are padded to 12 positions; the extra rows land behind the scores and are not read.
        for (int i = 0; i < KEY_TILE; i += TILE_ROWS)
            scores_tile(TILE_ROWS, packed + (size_t)t * HEAD + i, panel, scores + (size_t)(t + i) * ELK_PANEL);
    const float *values = packed + (size_t)t * HEAD;
    exp_columns(scores, values + (size_t)positions * HEAD, positions, panel);
    int e = 0;
    for (; e + TILE_ROWS <= HEAD; e += TILE_ROWS) mix_tile(TILE_ROWS, values + e, scores, positions, mixed + e * ELK_PANEL);
    if (HEAD % TILE_ROWS) mix_tile(HEAD % TILE_ROWS, values + e, scores, positions, mixed + e * ELK_PANEL);
    for (int q = 0; q < count; q++)
        for (int i = 0; i < HEAD; i++) output[q * ldo + i] = mixed[i * ELK_PANEL + q] * panel[q];
}

static void cached_scores(const elk_cached *cached, const float *query, float *scores) {
    enum { PARTS = HEAD / VW };
    vf q[PARTS];
    for (int i = 0; i < PARTS; i++) q[i] = load(query + i * VW);
    for (int p = cached->first; p < cached->positions; p++) {
        const uint16_t *key = cached->keys + (size_t)p * cached->stride + cached->slots[p] * cached->slot_stride;
        vf dot = splat(0);
        for (int i = 0; i < PARTS; i++) dot += q[i] * load_half(key + i * VW);
        scores[p] = horizontal_sum(dot);
    }
}

static void cached_mix(const elk_cached *cached, const float *shares, float *output) {
    enum { PARTS = HEAD / VW };
    vf mixed[PARTS];
    for (int i = 0; i < PARTS; i++) mixed[i] = splat(0);
    for (int p = cached->first; p < cached->positions; p++) {
        const uint16_t *value = cached->values + (size_t)p * cached->stride + cached->slots[p] * cached->slot_stride;
        for (int i = 0; i < PARTS; i++) mixed[i] += splat(shares[p]) * load_half(value + i * VW);
    }
    for (int i = 0; i < PARTS; i++) store(output + i * VW, mixed[i]);
}

// MARK: Front end

// One pass of a Stockham transform of 200 complex points: radix r, sub-transforms of length n at distance s.
INLINE void fft_pass(int r, int n, int s, const float *xr, const float *xi, float *yr, float *yi) {
    int m = n / r;
    for (int p = 0; p < m; p++)
        for (int q = 0; q < s; q++)
            for (int lane = 0; lane < FRAME_LANES; lane += VW) {
                vf ar[5], ai[5];
#pragma clang loop unroll(full)
                for (int j = 0; j < r; j++) {
                    ar[j] = load(xr + (size_t)(q + s * (p + m * j)) * FRAME_LANES + lane);
                    ai[j] = load(xi + (size_t)(q + s * (p + m * j)) * FRAME_LANES + lane);
                }
#pragma clang loop unroll(full)
                for (int k = 0; k < r; k++) {
                    vf br = ar[0], bi = ai[0];
#pragma clang loop unroll(full)
                    for (int j = 1; j < r; j++) {
                        int w = FFT_POINTS / r * ((j * k) % r);
                        vf c = splat(elk_twiddles.cosine[w]), d = splat(elk_twiddles.sine[w]);
                        br += ar[j] * c - ai[j] * d;
                        bi += ar[j] * d + ai[j] * c;
                    }
                    int w = FFT_POINTS / n * ((p * k) % n);
                    vf c = splat(elk_twiddles.cosine[w]), d = splat(elk_twiddles.sine[w]);
                    size_t out = (size_t)(q + s * (r * p + k)) * FRAME_LANES + lane;
                    store(yr + out, br * c - bi * d);
                    store(yi + out, br * d + bi * c);
                }
            }
}

// A real transform of 400 points is a complex one of 200 over the even and odd samples, and one more pass to part them.
static void power_spectrum(const float *frames, float *power, float *work) {
    enum { N = FFT_POINTS / 2 };
    float *ar = work, *ai = ar + N * FRAME_LANES, *br = ai + N * FRAME_LANES, *bi = br + N * FRAME_LANES;
    for (int i = 0; i < N; i++)
        for (int lane = 0; lane < FRAME_LANES; lane += VW) {
            store(ar + i * FRAME_LANES + lane, load(frames + (2 * i) * FRAME_LANES + lane));
            store(ai + i * FRAME_LANES + lane, load(frames + (2 * i + 1) * FRAME_LANES + lane));
        }
    fft_pass(5, 200, 1, ar, ai, br, bi);
    fft_pass(5, 40, 5, br, bi, ar, ai);
    fft_pass(4, 8, 25, ar, ai, br, bi);
    fft_pass(2, 2, 100, br, bi, ar, ai);
    for (int k = 0; k <= N; k++) {
        int a = k % N, b = (N - k) % N;
        for (int lane = 0; lane < FRAME_LANES; lane += VW) {
            vf zr = load(ar + a * FRAME_LANES + lane), zi = load(ai + a * FRAME_LANES + lane);
            vf yr = load(ar + b * FRAME_LANES + lane), yi = -load(ai + b * FRAME_LANES + lane);
            vf half = splat(0.5f), c = splat(elk_twiddles.cosine[k]), d = splat(elk_twiddles.sine[k]);
            vf er = half * (zr + yr), ei = half * (zi + yi);
            vf or = half * (zi - yi), oi = half * (yr - zr);
            vf re = er + or * c - oi * d, im = ei + or * d + oi * c;
            store(power + k * FRAME_LANES + lane, re * re + im * im);
        }
    }
}


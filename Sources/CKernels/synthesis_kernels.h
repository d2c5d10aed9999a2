// The loops of synthesis.c over vectors of VW floats, compiled once an instruction set. The including file defines VW and NAME, which
// gives a name its ending, and puts the target attribute around this file.

typedef float NAME(vec) __attribute__((vector_size(VW * 4)));
typedef float NAME(vecu) __attribute__((vector_size(VW * 4), aligned(4)));
typedef int32_t NAME(ivec) __attribute__((vector_size(VW * 4)));
#define vec NAME(vec)
#define vecu NAME(vecu)
#define ivec NAME(ivec)
#define load NAME(load)
#define store NAME(store)
#define choose NAME(choose)
#define exponential NAME(exponential)
#define hyperbolic NAME(hyperbolic)
#define gaussian_unit NAME(gaussian_unit)

INLINE vec load(const float *p) { return *(const vecu *)p; }
INLINE void store(float *p, vec v) { *(vecu *)p = v; }
INLINE vec choose(ivec mask, vec a, vec b) { return (vec)(((ivec)a & mask) | ((ivec)b & ~mask)); }

// 2^n · e^r with |r| <= ln2 / 2 and a Taylor polynomial of degree 6; arguments are held within ±87.
INLINE vec exponential(vec x) {
    const vec top = (vec){0} + 87.0f;
    x = choose(x > top, top, x);
    x = choose(x < -top, -top, x);
    vec shifted = x * 1.44269504f + 12582912.0f, n = shifted - 12582912.0f;
    vec r = x - n * 0.693359375f + n * 2.12194440e-4f;
    vec p = r * (1.0f / 720) + 1.0f / 120;
    p = p * r + 1.0f / 24;
    p = p * r + 1.0f / 6;
    p = p * r + 0.5f;
    p = p * r + 1;
    p = p * r + 1;
    return (vec)((ivec)p + ((ivec)shifted << 23));
}

INLINE vec hyperbolic(vec x) { return 1 - 2 / (exponential(x * 2) + 1); }

// GELU by the error function's approximation 7.1.26 of Abramowitz and Stegun, good to 1.5e-7.
INLINE vec gaussian_unit(vec x) {
    vec z = x * 0.70710678f;
    ivec negative = z < 0;
    z = choose(negative, -z, z);
    vec t = 1 / (z * 0.3275911f + 1);
    vec p = t * 1.061405429f - 1.453152027f;
    p = p * t + 1.421413741f;
    p = p * t - 0.284496736f;
    p = p * t + 0.254829592f;
    vec erf = 1 - p * t * exponential(-z * z);
    return x * 0.5f * (1 + choose(negative, -erf, erf));
}

// Four outputs times three vectors of columns.
INLINE void NAME(tile)(const elk_convolution_job *job, int output, const float *x, vec result[ELK_CONVOLUTION_ROWS][3]) {
    int taps = job->layer.taps;
    size_t step = (size_t)job->layer.dilation;
    const float *weights = job->layer.weights + (size_t)output * (size_t)job->layer.inputs * (size_t)taps;
    vec sums[ELK_CONVOLUTION_ROWS][3];
#pragma clang loop unroll(full)
    for (int row = 0; row < ELK_CONVOLUTION_ROWS; row++)
        for (int i = 0; i < 3; i++) sums[row][i] = (vec){0} + (job->layer.bias ? job->layer.bias[output + row] : 0);
    for (int input = 0; input < job->layer.inputs; input++, x += job->ldx) {
        const float *p = x;
        for (int tap = 0; tap < taps; tap++, p += step, weights += ELK_CONVOLUTION_ROWS) {
            vec a = load(p), b = load(p + VW), c = load(p + 2 * VW);
#pragma clang loop unroll(full)
            for (int row = 0; row < ELK_CONVOLUTION_ROWS; row++) {
                // One weight at a time: with two there are more values than AVX2 has registers.
                __asm__ volatile("" ::: "memory");
                float weight = weights[row];
                sums[row][0] += a * weight;
                sums[row][1] += b * weight;
                sums[row][2] += c * weight;
            }
        }
    }
#pragma clang loop unroll(full)
    for (int row = 0; row < ELK_CONVOLUTION_ROWS; row++)
        for (int i = 0; i < 3; i++) result[row][i] = sums[row][i];
}

// Output rows [first, last) in steps of four, columns [start, end).
static void NAME(convolve)(const elk_convolution_job *job, int first, int last, int start, int end) {
    for (int column = start; column < end; column += 3 * VW) {
        int columns = end - column < 3 * VW ? end - column : 3 * VW;
        for (int output = first; output < last; output += ELK_CONVOLUTION_ROWS) {
            vec sums[ELK_CONVOLUTION_ROWS][3];
            NAME(tile)(job, output, job->x + job->offset + column, sums);
            int rows = job->layer.outputs - output < ELK_CONVOLUTION_ROWS ? job->layer.outputs - output : ELK_CONVOLUTION_ROWS;
            for (int row = 0; row < rows; row++) {
                size_t r = (size_t)(output + row);
                const float *residual = job->residual ? job->residual + r * job->ldr + column : NULL;
                float *y = job->y ? job->y + r * job->ldy + column : NULL;
                float *activated = job->activated ? job->activated + r * job->lda + column : NULL;
                if (columns == 3 * VW) {
                    for (int i = 0; i < 3; i++) {
                        vec sum = sums[row][i];
                        if (residual) sum += load(residual + i * VW);
                        if (job->accumulates) sum += load(y + i * VW);
                        if (y) store(y + i * VW, sum);
                        if (activated) store(activated + i * VW, choose(sum < 0, sum * job->slope, sum));
                    }
                } else {
                    float values[3 * VW];
                    memcpy(values, sums[row], sizeof values);
                    for (int i = 0; i < columns; i++) {
                        float sum = values[i];
                        if (residual) sum += residual[i];
                        if (job->accumulates) sum += y[i];
                        if (y) y[i] = sum;
                        if (activated) activated[i] = sum < 0 ? sum * job->slope : sum;
                    }
                }
            }
        }
    }
}

static void NAME(gate)(const float *x, const float *gates, int count, float *y) {
    int i = 0;
    for (; i + VW <= count; i += VW) store(y + i, hyperbolic(load(x + i)) / (1 + exponential(-load(gates + i))));
    for (; i < count; i++) y[i] = tanhf(x[i]) / (1 + expf(-gates[i]));
}

static void NAME(tanh_row)(float *x, int count) {
    int i = 0;
    for (; i + VW <= count; i += VW) store(x + i, hyperbolic(load(x + i)));
    for (; i < count; i++) x[i] = tanhf(x[i]);
}

// Columns [start, start + VW); rows have memory for whole vectors.
static void NAME(normalize)(float *x, size_t ldx, int channels, const float *gain, const float *shift, bool gelu) {
    vec mean = (vec){0}, variance = (vec){0};
    for (int c = 0; c < channels; c++) mean += load(x + (size_t)c * ldx);
    mean = mean / (float)channels;
    for (int c = 0; c < channels; c++) {
        vec d = load(x + (size_t)c * ldx) - mean;
        variance += d * d;
    }
    variance = variance / (float)channels + 1e-5f;
    vec inverse;
    for (int i = 0; i < VW; i++) inverse[i] = 1 / sqrtf(variance[i]);
    for (int c = 0; c < channels; c++) {
        vec v = (load(x + (size_t)c * ldx) - mean) * inverse * gain[c] + shift[c];
        store(x + (size_t)c * ldx, gelu ? gaussian_unit(v) : v);
    }
}

static void NAME(softmax)(float *x, size_t ldx, int rows) {
    vec top = load(x), sum = (vec){0};
    for (int r = 1; r < rows; r++) {
        vec v = load(x + (size_t)r * ldx);
        top = choose(v > top, v, top);
    }
    for (int r = 0; r < rows; r++) {
        vec e = exponential(load(x + (size_t)r * ldx) - top);
        sum += e;
        store(x + (size_t)r * ldx, e);
    }
    sum = 1 / sum;
    for (int r = 0; r < rows; r++) store(x + (size_t)r * ldx, load(x + (size_t)r * ldx) * sum);
}

static const synthesis_kernels NAME(kernels) = {
    VW, NAME(convolve), NAME(gate), NAME(tanh_row), NAME(normalize), NAME(softmax),
};

#undef vec
#undef vecu
#undef ivec
#undef load
#undef store
#undef choose
#undef exponential
#undef hyperbolic
#undef gaussian_unit
#undef VW
#undef NAME

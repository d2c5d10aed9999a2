// int8 products of the few rows of a decoder step without a byte dot product: inputs are rounded to 16 bits anyway, so weights are
// widened and pairs of 16-bit integers multiplied, half of the work of two lines of bytes. Included by avx2.c after the int8 kernels,
// whose inputs these are: 254 times the first line plus the second.

// Bytes of the next panel that are fetched with each group of this one: memory is read evenly and in order, whatever the passes.
#define FINE_SHARE(vectors) ((vectors) * 32)
enum { FINE_ROWS = 6, FINE_GROUPS = 128, FINE_UNIT = 254 };

// A row of inputs as one 16-bit integer a value, step[i] / 254 each, off by 254 · zero[i].
static void fine_line(const int8_t *line, const int8_t *rest, size_t bytes, int16_t *words) {
    for (size_t i = 0; i < bytes; i++) words[i] = (int16_t)(line[i] * FINE_UNIT + rest[i]);
}

// `rows` rows times `vectors` times eight columns. |word| ≤ 32639 and |weight| ≤ 127: the sums of 512 products stay below 2³¹, longer
// ones go on as floats. Lanes hold the even and the odd pairs of a column's groups; they meet at the end.
INLINE void fine_tile(const elk_product *job, int rows, int vectors, const int8_inputs *inputs, const int16_t *words, size_t stride,
                      int first, int row, int column, const uint8_t *ahead) {
    int groups = (job->k + 3) / 4, within = column % ELK_DOT_PANEL;
    const uint8_t *w = (const uint8_t *)job->data + ((size_t)(column - within) * groups + within) * 4;
    const int16_t *a = words + (size_t)first * stride;
    vf total[FINE_ROWS][4];
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++) total[i][v] = splat(0);
    for (int start = 0; start < groups; start += FINE_GROUPS) {
        int end = groups - start < FINE_GROUPS ? groups : start + FINE_GROUPS;
        __m256i acc[FINE_ROWS][4][2];
#pragma clang loop unroll(full)
        for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
            for (int v = 0; v < vectors; v++) acc[i][v][0] = acc[i][v][1] = _mm256_setzero_si256();
        for (int g = start; g < end; g++, w += 4 * ELK_DOT_PANEL, a += 4) {
            if (ahead) {
                __builtin_prefetch(ahead + (size_t)g * FINE_SHARE(vectors), 0, 2);
                if (vectors == 4) __builtin_prefetch(ahead + (size_t)g * FINE_SHARE(vectors) + 64, 0, 2);
            }
#pragma clang loop unroll(full)
            for (int v = 0; v < vectors; v++) {
                __m256i low = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(w + v * 32)));
                __m256i high = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(w + v * 32 + 16)));
#pragma clang loop unroll(full)
                for (int i = 0; i < rows; i++) {
                    int64_t group;
                    memcpy(&group, a + (size_t)i * stride, 8);
                    __m256i x = _mm256_set1_epi64x(group);
                    acc[i][v][0] = _mm256_add_epi32(acc[i][v][0], _mm256_madd_epi16(low, x));
                    acc[i][v][1] = _mm256_add_epi32(acc[i][v][1], _mm256_madd_epi16(high, x));
                }
            }
        }
#pragma clang loop unroll(full)
        for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
            for (int v = 0; v < vectors; v++) {
                // Columns 0, 1, 4, 5 and 2, 3, 6, 7 after the addition within halves.
                __m256i sums = _mm256_hadd_epi32(acc[i][v][0], acc[i][v][1]);
                total[i][v] += __builtin_convertvector((vi)_mm256_permute4x64_epi64(sums, _MM_SHUFFLE(3, 1, 2, 0)), vf);
            }
    }
    const float *scales = elk_int8_scales(job->data, job->n, job->k) + column;
    const int32_t *ones = elk_int8_sums(job->data, job->n, job->k) + column;
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++) {
            int at = column + v * VW, columns = job->n - at < VW ? job->n - at : VW;
            if (columns <= 0) break;
            float *y = job->y + (size_t)(row + i) * job->ldy + at, edge[VW] = {0}, bias[VW] = {0};
            vi zero = *(const vi_unaligned *)(ones + v * VW) * inputs->zero[first + i];
            vf value = (total[i][v] * splat(1.0f / FINE_UNIT) - __builtin_convertvector(zero, vf)) *
                       (splat(inputs->step[first + i]) * load(scales + v * VW));
            if (job->bias) {
                memcpy(bias, job->bias + at, (size_t)columns * sizeof(float));
                value += load(bias);
            }
            if (job->flags & ELK_GELU) value = vgelu(value);
            if (job->flags & ELK_ACCUMULATE) {
                memcpy(edge, y, (size_t)columns * sizeof(float));
                value += load(edge);
            }
            if (columns == VW) {
                store(y, value);
                continue;
            }
            store(edge, value);
            memcpy(y, edge, (size_t)columns * sizeof(float));
        }
}

static void fine_any_tile(const elk_product *job, int rows, int vectors, const int8_inputs *inputs, const int16_t *words, size_t stride,
                          int first, int row, int column, const uint8_t *ahead) {
    // The last of several tiles may have a row less than the others, and goes on with as many columns.
    switch (rows * 8 + vectors) {
#define CASE(R, V)                                                                                                                 \
    case R * 8 + V: fine_tile(job, R, V, inputs, words, stride, first, row, column, ahead); break;
        CASE(1, 4) CASE(2, 2) CASE(3, 2) CASE(3, 1) CASE(4, 1) CASE(5, 1) CASE(6, 1)
#undef CASE
    }
}

static void fine_product(const elk_product *job, int row, int rows, int panel, int panels, float *scratch) {
    int k = job->k, tiles = (rows + FINE_ROWS - 1) / FINE_ROWS, most = (rows + tiles - 1) / tiles;
    int vectors = most == 1 ? 4 : most <= 3 ? 2 : 1;
    size_t bytes = (size_t)(k + 3) / 4 * 4, stride = (bytes + 63) / 64 * 64 + 64, panel_bytes = bytes * ELK_DOT_PANEL;
    float *normed = scratch + 4 * 16;
    int8_inputs inputs = {
        .bytes = (uint8_t *)(normed + (k + 15) / 16 * 16),
        .stride = stride,
        .step = scratch,
        .zero = (int32_t *)(scratch + 16),
        .is_fine = true,
    };
    int16_t *words = (int16_t *)(inputs.bytes + 2 * (size_t)rows * stride);
    for (int i = 0; i < rows; i++) {
        const float *source = job->x + (size_t)(row + i) * job->ldx;
        if (job->gain) {
            layer_norm(source, k, job->gain, job->shift, normed);
            source = normed;
        }
        uint8_t *line = inputs.bytes + 2 * (size_t)i * stride;
        memset(line + bytes - 4, 0, 4);
        memset(line + stride + bytes - 4, 0, 4);
        int8_prepare(source, k, &inputs, i);
        fine_line((const int8_t *)line, (const int8_t *)line + stride, bytes, words + (size_t)i * stride);
    }
    for (int p = panel; p < panel + panels; p++) {
        const uint8_t *next = (const uint8_t *)job->data + (size_t)(p + 1) * panel_bytes;
        for (int r = 0; r < rows; r += most) {
            int count = rows - r < most ? rows - r : most;
            for (int pass = 0; pass * vectors * VW < ELK_DOT_PANEL; pass++) {
                int column = p * ELK_DOT_PANEL + pass * vectors * VW;
                if (column >= job->n) break;
                const uint8_t *ahead = r == 0 ? next + (size_t)pass * (bytes / 4) * FINE_SHARE(vectors) : NULL;
                fine_any_tile(job, count, vectors, &inputs, words, stride, r, row + r, column, ahead);
            }
        }
    }
}

static void fine_or_int8_product(const elk_product *job, int row, int rows, int panel, int panels, float *scratch) {
    (elk_is_fine(job, rows) ? fine_product : int8_product)(job, row, rows, panel, panels, scratch);
}

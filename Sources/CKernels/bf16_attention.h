// Encoder attention with bf16 products: as in vector_kernels.h queries lie in the lanes, but two neighbours of the summed dimension
// share a lane: [pair][lane][2].

INLINE uint32_t bf16_pair(float low, float high) {
    __m128bh pair = _mm_cvtneps_pbh(_mm_setr_ps(low, high, 0, 0));
    uint32_t bits;
    memcpy(&bits, &pair, 4);
    return bits;
}

// Tiles of 12 keys [32 pairs of dimensions][12], then values [pairs of positions][64 dimensions].
static void bf16_pack_head(const float *keys, const float *values, size_t ld, int positions, float *packed) {
    uint32_t *tiles = (uint32_t *)packed;
    int count = (positions + KEY_TILE - 1) / KEY_TILE;
    for (int tile = 0; tile < count; tile++, tiles += KEY_TILE * HEAD / 2)
        for (int i = 0; i < KEY_TILE; i++) {
            int t = tile * KEY_TILE + i;
            uint32_t pairs[HEAD / 2] = {0};
            if (t < positions) {
                const float *key = keys + (size_t)t * ld;
                for (int e = 0; e < HEAD; e += 16) {
                    __m256bh half = _mm512_cvtneps_pbh(_mm512_loadu_ps(key + e));
                    memcpy(pairs + e / 2, &half, sizeof half);
                }
            }
            for (int p = 0; p < HEAD / 2; p++) tiles[p * KEY_TILE + i] = pairs[p];
        }
    const __m512 zero = _mm512_setzero_ps();
    for (int t = 0; t < positions; t += 2, tiles += HEAD)
        for (int e = 0; e < HEAD; e += 16) {
            __m512 low = _mm512_loadu_ps(values + (size_t)t * ld + e);
            __m512 high = t + 1 < positions ? _mm512_loadu_ps(values + (size_t)(t + 1) * ld + e) : zero;
            __m512i bits = _mm512_cvtepu16_epi32((__m256i)_mm512_cvtneps_pbh(low));
            __m512i upper = _mm512_slli_epi32(_mm512_cvtepu16_epi32((__m256i)_mm512_cvtneps_pbh(high)), 16);
            _mm512_storeu_si512(tiles + e, _mm512_or_si512(bits, upper));
        }
}

// 2^x for x ≤ 0 by vscalef and a polynomial of degree 4 on the fraction: relative error 4e-6, far below bf16's rounding.
INLINE __m512 exp2_nonpositive(__m512 x) {
    x = _mm512_max_ps(x, _mm512_set1_ps(-126));
    __m512 whole = _mm512_roundscale_ps(x, 0);
    __m512 r = _mm512_sub_ps(x, whole);
    __m512 p = _mm512_set1_ps(9.6181291e-3f);
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(5.5504109e-2f));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(2.4022651e-1f));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(6.9314718e-1f));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(1));
    return _mm512_scalef_ps(p, whole);
}

// rows × 32 lanes: element (i, pair) of `a` at a[i + pair · step].
// Where `top` is given, its two vectors become the largest of what they were and of each row.
INLINE void attention_tile(int rows, const uint32_t *a, size_t step, const uint32_t *panel, int pairs, float *output, __m512 *top) {
    __m512 acc[12][2];
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++) acc[i][0] = acc[i][1] = _mm512_setzero_ps();
    for (int p = 0; p < pairs; p++, panel += ELK_PANEL, a += step) {
        __m512bh b0 = (__m512bh)_mm512_loadu_si512(panel), b1 = (__m512bh)_mm512_loadu_si512(panel + 16);
#pragma clang loop unroll(full)
        for (int i = 0; i < rows; i++) {
            __m512bh x = (__m512bh)_mm512_set1_epi32((int)a[i]);
            acc[i][0] = _mm512_dpbf16_ps(acc[i][0], x, b0);
            acc[i][1] = _mm512_dpbf16_ps(acc[i][1], x, b1);
        }
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++) {
        _mm512_storeu_ps(output + i * ELK_PANEL, acc[i][0]);
        _mm512_storeu_ps(output + i * ELK_PANEL + 16, acc[i][1]);
    }
    if (!top) return;
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++) {
        top[0] = _mm512_max_ps(top[0], acc[i][0]);
        top[1] = _mm512_max_ps(top[1], acc[i][1]);
    }
}

static void bf16_attend(const float *queries, size_t ldq, int count, const float *packed, int positions, float *scratch,
                        float *output, size_t ldo) {
    float *mixed = scratch + HEAD * ELK_PANEL, *scores = mixed + HEAD * ELK_PANEL;
    uint32_t *panel = (uint32_t *)scratch;
    // log2(e) goes into the scale: the exponentials below are powers of two.
    const float scale = 0.125f * 1.44269504f;
    for (int q = 0; q < ELK_PANEL; q++)
        for (int p = 0; p < HEAD / 2; p++)
            panel[p * ELK_PANEL + q] =
                q < count ? bf16_pair(queries[q * ldq + 2 * p] * scale, queries[q * ldq + 2 * p + 1] * scale) : 0;
    const uint32_t *keys = (const uint32_t *)packed;
    __m512 top[2] = {_mm512_set1_ps(-INFINITY), _mm512_set1_ps(-INFINITY)};
    int t = 0;
    // The last tile may have positions that are not there, with scores of 0: they only make the exponentials a little smaller.
    for (; t < positions; t += KEY_TILE, keys += KEY_TILE * HEAD / 2)
        attention_tile(KEY_TILE, keys, KEY_TILE, panel, HEAD / 2, scores + (size_t)t * ELK_PANEL, top);

    // Two rows of probabilities become one row of pairs, in place: row t / 2 is written after rows t and t + 1 are read.
    float inverse[ELK_PANEL];
    uint32_t *pairs = (uint32_t *)scores;
    int pair_count = (positions + 1) / 2;
    __m512 sum0 = _mm512_setzero_ps(), sum1 = sum0;
    for (t = 0; t < pair_count; t++) {
        const float *row = scores + (size_t)2 * t * ELK_PANEL;
        bool both = 2 * t + 1 < positions;
        for (int s = 0; s < 2; s++) {
            __m512 low = exp2_nonpositive(_mm512_sub_ps(_mm512_loadu_ps(row + 16 * s), top[s]));
            __m512 high = both ? exp2_nonpositive(_mm512_sub_ps(_mm512_loadu_ps(row + ELK_PANEL + 16 * s), top[s])) : _mm512_setzero_ps();
            __m512 sum = _mm512_add_ps(low, high);
            if (s) sum1 = _mm512_add_ps(sum1, sum);
            else sum0 = _mm512_add_ps(sum0, sum);
            // Round to the upper halves and put them side by side.
            __m512i bias = _mm512_set1_epi32(0x8000);
            __m512i l = _mm512_srli_epi32(_mm512_add_epi32((__m512i)low, bias), 16);
            __m512i h = _mm512_add_epi32((__m512i)high, bias);
            _mm512_storeu_si512(pairs + (size_t)t * ELK_PANEL + 16 * s, _mm512_mask_blend_epi16(0xAAAAAAAA, l, h));
        }
    }
    _mm512_storeu_ps(inverse, _mm512_div_ps(_mm512_set1_ps(1), sum0));
    _mm512_storeu_ps(inverse + 16, _mm512_div_ps(_mm512_set1_ps(1), sum1));

    const uint32_t *values = keys;
    int e = 0;
    for (; e + 12 <= HEAD; e += 12) attention_tile(12, values + e, HEAD, pairs, pair_count, mixed + e * ELK_PANEL, NULL);
    attention_tile(HEAD % 12, values + e, HEAD, pairs, pair_count, mixed + e * ELK_PANEL, NULL);
    for (int q = 0; q < count; q++)
        for (int i = 0; i < HEAD; i++) output[q * ldo + i] = mixed[i * ELK_PANEL + q] * inverse[q];
}

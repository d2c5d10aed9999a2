// Encoder attention with bf16 products: as in vector_kernels.h queries lie in the lanes, but two neighbours of the summed dimension
// share a lane: [pair][lane][2].

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

// 2^x by vscalef and a cubic of least relative error, 7.5e-5, on the fraction: far below bf16's rounding. Too large gives infinity.
INLINE __m512 quick_exp2(__m512 x) {
    x = _mm512_max_ps(x, _mm512_set1_ps(-126));
    __m512 whole = _mm512_roundscale_ps(x, 0);
    __m512 r = _mm512_sub_ps(x, whole);
    __m512 p = _mm512_set1_ps(0.05517167f);
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(0.24261112f));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(0.69326099f));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(0.99992807f));
    return _mm512_scalef_ps(p, whole);
}

// acc[i] += row i of a (element (i, pair) at a[i + pair · step]) times a panel [pair][32 lanes][2].
INLINE void attention_tile(int rows, const uint32_t *a, size_t step, const uint32_t *panel, int pairs, __m512 acc[KEY_TILE][2]) {
    for (int p = 0; p < pairs; p++, panel += ELK_PANEL, a += step) {
        __m512bh b0 = (__m512bh)_mm512_loadu_si512(panel), b1 = (__m512bh)_mm512_loadu_si512(panel + 16);
#pragma clang loop unroll(full)
        for (int i = 0; i < rows; i++) {
            __m512bh x = (__m512bh)_mm512_set1_epi32((int)a[i]);
            acc[i][0] = _mm512_dpbf16_ps(acc[i][0], x, b0);
            acc[i][1] = _mm512_dpbf16_ps(acc[i][1], x, b1);
        }
    }
}

// Scores of a tile of keys for all lanes.
INLINE void score_keys(const uint32_t *keys, const uint32_t *queries, __m512 acc[KEY_TILE][2]) {
#pragma clang loop unroll(full)
    for (int i = 0; i < KEY_TILE; i++) acc[i][0] = acc[i][1] = _mm512_setzero_ps();
    attention_tile(KEY_TILE, keys, KEY_TILE, queries, HEAD / 2, acc);
}

// Exponentials of a tile's scores less `shift`, added to `sums` and written as pairs of neighbouring keys; keys from `count` on count
// for nothing.
INLINE void weigh_keys(const uint32_t *keys, int count, const uint32_t *queries, const __m512 shift[2], __m512 sums[2], uint32_t *pairs) {
    __m512 acc[KEY_TILE][2];
    score_keys(keys, queries, acc);
    const __m512i half = _mm512_set1_epi32(0x8000);
#pragma clang loop unroll(full)
    for (int i = 0; i < KEY_TILE; i += 2)
#pragma clang loop unroll(full)
        for (int s = 0; s < 2; s++) {
            __m512 low = quick_exp2(_mm512_sub_ps(acc[i][s], shift[s])), high = quick_exp2(_mm512_sub_ps(acc[i + 1][s], shift[s]));
            if (i >= count) low = _mm512_setzero_ps();
            if (i + 1 >= count) high = _mm512_setzero_ps();
            sums[s] = _mm512_add_ps(sums[s], _mm512_add_ps(low, high));
            // Rounded to the upper halves, which then lie side by side.
            __m512i l = _mm512_srli_epi32(_mm512_add_epi32((__m512i)low, half), 16), h = _mm512_add_epi32((__m512i)high, half);
            _mm512_storeu_si512(pairs + (i / 2) * ELK_PANEL + 16 * s, _mm512_mask_blend_epi16(0xAAAAAAAA, l, h));
        }
}

// mixed [dimensions][32 lanes] += values [pair][64]ᵀ · probabilities [pair][32 lanes], for some of the dimensions.
INLINE void mix_values(int dimensions, const uint32_t *values, const uint32_t *pairs, int count, float *mixed) {
    __m512 acc[KEY_TILE][2];
#pragma clang loop unroll(full)
    for (int i = 0; i < 2 * dimensions; i++) acc[i / 2][i % 2] = _mm512_loadu_ps(mixed + 16 * i);
    attention_tile(dimensions, values, HEAD, pairs, count, acc);
#pragma clang loop unroll(full)
    for (int i = 0; i < 2 * dimensions; i++) _mm512_storeu_ps(mixed + 16 * i, acc[i / 2][i % 2]);
}

// A block of keys at a time, so that its probabilities stay in the first-level cache. Writes the mixed values [64][32 lanes] and the
// sums they are yet to be divided by. Returns false when a sum is not a sane number.
static bool attend_shifted(const uint32_t *packed, int positions, const uint32_t *queries, const __m512 shift[2], __m512 sums[2],
                           float *mixed) {
    enum { BLOCK = 12 * KEY_TILE };
    uint32_t pairs[BLOCK / 2 * ELK_PANEL] __attribute__((aligned(64)));
    const uint32_t *values = packed + (size_t)(positions + KEY_TILE - 1) / KEY_TILE * KEY_TILE * HEAD / 2;
    sums[0] = sums[1] = _mm512_setzero_ps();
    memset(mixed, 0, HEAD * ELK_PANEL * sizeof(float));
    for (int first = 0; first < positions; first += BLOCK) {
        int count = positions - first < BLOCK ? positions - first : BLOCK, t = 0;
        const uint32_t *keys = packed + (size_t)first * HEAD / 2, *block = values + (size_t)first / 2 * HEAD;
        for (; t + KEY_TILE <= count; t += KEY_TILE)
            weigh_keys(keys + (size_t)t * HEAD / 2, KEY_TILE, queries, shift, sums, pairs + (size_t)t / 2 * ELK_PANEL);
        if (t < count) weigh_keys(keys + (size_t)t * HEAD / 2, count - t, queries, shift, sums, pairs + (size_t)t / 2 * ELK_PANEL);
        int e = 0;
        for (; e + KEY_TILE <= HEAD; e += KEY_TILE) mix_values(KEY_TILE, block + e, pairs, (count + 1) / 2, mixed + e * ELK_PANEL);
        mix_values(HEAD % KEY_TILE, block + e, pairs, (count + 1) / 2, mixed + e * ELK_PANEL);
    }
    __m512 least = _mm512_min_ps(sums[0], sums[1]), most = _mm512_max_ps(sums[0], sums[1]);
    return _mm512_cmp_ps_mask(least, _mm512_set1_ps(0x1p-64f), _CMP_GT_OQ) == 0xFFFF &&
           _mm512_cmp_ps_mask(most, _mm512_set1_ps(0x1p+100f), _CMP_LT_OQ) == 0xFFFF;
}

static void bf16_attend(const float *queries, size_t ldq, int count, const float *packed, int positions, float *scratch,
                        float *output, size_t ldo) {
    float *mixed = scratch + HEAD * ELK_PANEL;
    uint32_t *panel = (uint32_t *)scratch;
    // log2(e) goes into the scale: the exponentials are powers of two.
    const float scale = 0.125f * 1.44269504f;
    const __m512i lanes = _mm512_mullo_epi32(_mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15),
                                             _mm512_set1_epi32(ELK_PANEL));
    if (count < ELK_PANEL) memset(panel, 0, HEAD / 2 * ELK_PANEL * sizeof *panel);
    for (int q = 0; q < count; q++)
        for (int e = 0; e < HEAD; e += 32) {
            __m512 low = _mm512_loadu_ps(queries + q * ldq + e) * scale, high = _mm512_loadu_ps(queries + q * ldq + e + 16) * scale;
            _mm512_i32scatter_epi32(panel + e / 2 * ELK_PANEL + q, lanes, (__m512i)_mm512_cvtne2ps_pbh(high, low), 4);
        }
    const uint32_t *keys = (const uint32_t *)packed;
    // Scores are rarely so large that their exponentials leave the range of floats; then the largest is looked for first.
    __m512 shift[2] = {_mm512_setzero_ps(), _mm512_setzero_ps()}, sums[2];
    if (!attend_shifted(keys, positions, panel, shift, sums, mixed)) {
        shift[0] = shift[1] = _mm512_set1_ps(-INFINITY);
        for (int t = 0; t < positions; t += KEY_TILE) {
            __m512 acc[KEY_TILE][2];
            score_keys(keys + (size_t)t * HEAD / 2, panel, acc);
            for (int i = 0; i < KEY_TILE && t + i < positions; i++)
                for (int s = 0; s < 2; s++) shift[s] = _mm512_max_ps(shift[s], acc[i][s]);
        }
        attend_shifted(keys, positions, panel, shift, sums, mixed);
    }
    float inverse[ELK_PANEL];
    _mm512_storeu_ps(inverse, _mm512_div_ps(_mm512_set1_ps(1), sums[0]));
    _mm512_storeu_ps(inverse + 16, _mm512_div_ps(_mm512_set1_ps(1), sums[1]));
    for (int q = 0; q < count; q++)
        for (int i = 0; i < HEAD; i += 16)
            _mm512_storeu_ps(output + q * ldo + i, _mm512_i32gather_ps(lanes, mixed + i * ELK_PANEL + q, 4) * inverse[q]);
}

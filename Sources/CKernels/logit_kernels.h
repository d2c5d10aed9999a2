// Passes over one row of logits, compiled once an instruction set after vector_kernels.h.
//
// Sixteen lanes whatever the vector width, and no fused multiply-add: every machine rounds alike, so a seed gives the same tokens
// everywhere.

enum { LANES = 16 };

// exp for x in -87 ... 0 (less, and NaN, count as -87), error about 1e-7: 2^n times a polynomial in the remainder.
INLINE float exp_negative(float x) {
#pragma clang fp contract(off)
    x = x > -87.0f ? x : -87.0f;
    // Adding 1.5 * 2^23 rounds to the nearest integer and leaves it in the low bits.
    float shifted = x * 1.44269504f + 12582912.0f;
    float n = shifted - 12582912.0f;
    float r = x - n * 0.693359375f;
    r = r + n * 2.12194440e-4f;
    float p = 1.0f / 5040.0f;
    p = p * r + 1.0f / 720.0f;
    p = p * r + 1.0f / 120.0f;
    p = p * r + 1.0f / 24.0f;
    p = p * r + 1.0f / 6.0f;
    p = p * r + 0.5f;
    p = p * r + 1.0f;
    p = p * r + 1.0f;
    int32_t bits;
    memcpy(&bits, &shifted, sizeof bits);
    bits = (int32_t)((uint32_t)(bits + 127) << 23);
    float power;
    memcpy(&power, &bits, sizeof power);
    return p * power;
}

static float logit_max(const float *logits, size_t count) {
    float lanes[LANES];
    for (int k = 0; k < LANES; k++) lanes[k] = -INFINITY;
    size_t i = 0;
    for (; i + LANES <= count; i += LANES) {
        for (int k = 0; k < LANES; k++) lanes[k] = logits[i + k] > lanes[k] ? logits[i + k] : lanes[k];
    }
    for (int k = 0; i < count; i++, k++) lanes[k] = logits[i] > lanes[k] ? logits[i] : lanes[k];
    float best = lanes[0];
    for (int k = 1; k < LANES; k++) best = lanes[k] > best ? lanes[k] : best;
    return best;
}

static float logit_exp_sum(const float *logits, size_t count, float shift, float scale) {
#pragma clang fp contract(off)
    float lanes[LANES] = {0};
    size_t i = 0;
    for (; i + LANES <= count; i += LANES) {
        for (int k = 0; k < LANES; k++) lanes[k] += exp_negative((logits[i + k] - shift) * scale);
    }
    for (int k = 0; i < count; i++, k++) lanes[k] += exp_negative((logits[i] - shift) * scale);
    double sum = 0;
    for (int k = 0; k < LANES; k++) sum += lanes[k];
    return (float)sum;
}

static size_t logit_find(const float *logits, size_t count, float shift, float scale, double *target) {
#pragma clang fp contract(off)
    double left = *target;
    for (size_t i = 0; i < count; i++) {
        if (!(logits[i] > -INFINITY)) continue;
        left -= exp_negative((logits[i] - shift) * scale);
        if (left < 0) return i;
    }
    *target = left;
    return count;
}

INLINE bool any_above(const float *logits, float bar) {
    int found = 0;
    for (int k = 0; k < LANES; k++) found |= logits[k] > bar;
    return found;
}

static size_t logit_top(const float *logits, size_t first, size_t last, size_t limit, int32_t *ids, size_t filled) {
    float bar = filled == limit && limit > 0 ? logits[ids[limit - 1]] : -INFINITY;
    for (size_t i = first; i < last && limit > 0; i++) {
        // Most of a row is below the best few: pass over it in blocks.
        while (i + LANES <= last && !any_above(logits + i, bar)) i += LANES;
        if (i >= last) break;
        if (!(logits[i] > bar)) continue;
        size_t at = filled < limit ? filled++ : limit - 1;
        for (; at > 0 && logits[ids[at - 1]] < logits[i]; at--) ids[at] = ids[at - 1];
        ids[at] = (int32_t)i;
        if (filled == limit) bar = logits[ids[limit - 1]];
    }
    return filled;
}

// What a window's keys and values are rounded with. Written once over vectors of VW floats; included after vector_kernels.h.

// Rounds `rows` rows of HEAD values, `ld` floats apart, to 127 steps[row] of each row's largest.
static void round_rows(const float *x, size_t ld, int rows, int8_t *rounded, float *steps) {
#pragma clang fp contract(off) // Every level has to round alike, whether it has a fused multiply-add or not.
    typedef int8_t narrow __attribute__((vector_size(VW), aligned(1)));
    // Adding 1.5 · 2²³ rounds to the nearest integer, which then lies in the low bits.
    const float magic = 12582912.0f;
    for (int row = 0; row < rows; row++, x += ld, rounded += HEAD) {
        vf high = splat(0);
        for (int i = 0; i < HEAD; i += VW) high = vmax(high, vmax(load(x + i), -load(x + i)));
        float top = horizontal_max(high), inverse = top > 0 ? 127 / top : 0;
        for (int i = 0; i < HEAD; i += VW)
            *(narrow *)(rounded + i) = __builtin_convertvector((vi)(load(x + i) * splat(inverse) + splat(magic)), narrow);
        steps[row] = top / 127;
    }
}

// How a window's keys and values are rounded and laid out in int8. Written once over vectors of VW floats; included after vector_kernels.h.

typedef int8_t narrow_vector __attribute__((vector_size(VW), aligned(1)));

// Rounds `rows` rows of HEAD values, `ld` floats apart, to 127 steps[row] of each row's largest.
static void round_rows(const float *x, size_t ld, int rows, int8_t *rounded, float *steps) {
#pragma clang fp contract(off) // Every level has to round alike, whether it has a fused multiply-add or not.
    // Adding 1.5 · 2²³ rounds to the nearest integer, which then lies in the low bits.
    const float magic = 12582912.0f;
    for (int row = 0; row < rows; row++, x += ld, rounded += HEAD) {
        vf high = splat(0);
        for (int i = 0; i < HEAD; i += VW) high = vmax(high, vmax(load(x + i), -load(x + i)));
        float top = horizontal_max(high), inverse = top > 0 ? 127 / top : 0;
        for (int i = 0; i < HEAD; i += VW)
            *(narrow_vector *)(rounded + i) = __builtin_convertvector((vi)(load(x + i) * splat(inverse) + splat(magic)), narrow_vector);
        steps[row] = top / 127;
    }
}

// Rounded keys [ELK_DOT_PANEL][HEAD] as a panel of weights: groups of four bytes [HEAD / 4][ELK_DOT_PANEL], and what each key adds up to.
static void pack_keys(const int8_t *rounded, int32_t *panel, int32_t *sums) {
    for (int t = 0; t < ELK_DOT_PANEL; t += VW) {
        vi sum = {0};
        for (int g = 0; g < HEAD / 4; g += VW) {
            vf block[VW];
            for (int i = 0; i < VW; i++) block[i] = *(const vfu *)(rounded + (t + i) * HEAD + g * 4);
            transpose(block);
            for (int i = 0; i < VW; i++) {
                vi four = (vi)block[i];
                *(vi_unaligned *)(panel + (g + i) * ELK_DOT_PANEL + t) = four;
                sum += ((four << 24) >> 24) + ((four << 16) >> 24) + ((four << 8) >> 24) + (four >> 24);
            }
        }
        *(vi_unaligned *)(sums + t) = sum;
    }
}

// What `rows` rounded values [rows][HEAD] add up to.
static void sum_values(const int8_t *rounded, int rows, int32_t *sums) {
    for (int e = 0; e < HEAD; e += VW) {
        vi sum = {0};
        for (int t = 0; t < rows; t++) sum += __builtin_convertvector(*(const narrow_vector *)(rounded + t * HEAD + e), vi);
        *(vi_unaligned *)(sums + e) = sum;
    }
}

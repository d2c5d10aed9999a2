// Encoder attention with products of 16-bit integers, which every machine multiplies faster than floats, and which round less than
// bf16. Queries lie in the lanes, STRIP of them at a time; two neighbours of the summed dimension share a lane. Written once over
// vectors; included after vector_kernels.h. The including file defines
//   WORDS(name)                 the symbol of this variant
//   word_dot(sums, a, b)        adds the products of both 16-bit halves of each lane
//
// Integers of one query, one key or one dimension of the values share a step. Sums stay in 32 bits: 64 · 5790² < 2³¹ for a score,
// 144 · 8192 · 1820 < 2³¹ for the values mixed from a block of keys.

#ifndef ELK_WORD_ATTENTION
#define ELK_WORD_ATTENTION
enum { SCORE_TOP = 5790, VALUE_TOP = 1820, KEY_BLOCK = 12 * KEY_TILE };
// Adding 1.5 · 2²³ rounds to the nearest integer, which then lies in the low bits.
static const float round_magic = 12582912.0f, LOG2_E = 1.44269504f;

typedef int16_t word_vector __attribute__((vector_size(VW * 2), aligned(2)));

// A packed head: tiles of 12 keys [32 pairs of dimensions][12], values [pairs of positions][64 dimensions], steps of the values'
// dimensions and of the keys, and the logarithms (to 2) of how many positions each key stands for.
typedef struct {
    int32_t *keys, *values;
    float *value_steps, *key_steps, *key_logs;
} word_head;

static word_head word_head_at(const float *packed, int positions) {
    int tiles = (positions + KEY_TILE - 1) / KEY_TILE;
    word_head head = {.keys = (int32_t *)packed};
    head.values = head.keys + (size_t)tiles * KEY_TILE * HEAD / 2;
    head.value_steps = (float *)(head.values + (size_t)(positions + 1) / 2 * HEAD);
    head.key_steps = head.value_steps + HEAD;
    head.key_logs = head.key_steps + (size_t)tiles * KEY_TILE;
    return head;
}

INLINE vf vabs(vf x) { return (vf)((vi)x & 0x7FFFFFFF); }
INLINE vi words_of(vf x, vf inverse) { return (vi)(x * inverse + splat(round_magic)); }

// Rounds 64 values to `top` steps of the largest and returns the step.
INLINE float word_row(const float *x, const float *less, float top, int16_t *words) {
    vf most = splat(0);
    for (int e = 0; e < HEAD; e += VW) most = vmax(most, vabs(load(x + e) - load(less + e)));
    float largest = horizontal_max(most), inverse = largest > 0 ? top / largest : 0;
    for (int e = 0; e < HEAD; e += VW)
        *(word_vector *)(words + e) = __builtin_convertvector(words_of(load(x + e) - load(less + e), splat(inverse)), word_vector);
    return largest / top;
}

// What all keys have in common shifts all scores of a query alike, which changes no probability: it is taken off before rounding.
static void word_pack_head(const float *keys, const float *values, size_t ld, const float *log_counts, int positions, float *packed) {
    word_head head = word_head_at(packed, positions);
    float mean[HEAD], inverse[HEAD];
    // Row after row, as they lie: half of the dimensions at a time, which is what registers hold.
    for (int first = 0; first < HEAD; first += HEAD / 2) {
        vf sums[HEAD / 2 / VW], tops[HEAD / 2 / VW];
        for (int i = 0; i < HEAD / 2 / VW; i++) sums[i] = tops[i] = splat(0);
        for (int t = 0; t < positions; t++)
            for (int i = 0; i < HEAD / 2 / VW; i++) {
                size_t at = (size_t)t * ld + (size_t)(first + i * VW);
                sums[i] += load(keys + at);
                tops[i] = vmax(tops[i], vabs(load(values + at)));
            }
        for (int i = 0; i < HEAD / 2 / VW; i++) {
            int e = first + i * VW;
            store(mean + e, sums[i] * splat(1.0f / (float)positions));
            vi none = tops[i] == splat(0);
            store(inverse + e, blend(none, splat(0), splat(VALUE_TOP) / blend(none, splat(1), tops[i])));
            store(head.value_steps + e, tops[i] * splat(1.0f / VALUE_TOP));
        }
    }
    for (int t = 0; t < positions; t += KEY_TILE) {
        int32_t *tile = head.keys + (size_t)t * HEAD / 2, pairs[KEY_TILE + VW][HEAD / 2] = {0};
        for (int i = 0; i < KEY_TILE; i++) {
            bool is_key = t + i < positions;
            head.key_steps[t + i] = is_key ? word_row(keys + (size_t)(t + i) * ld, mean, SCORE_TOP, (int16_t *)pairs[i]) : 0;
            head.key_logs[t + i] = is_key && log_counts ? log_counts[t + i] * LOG2_E : 0;
        }
        // What goes past the twelve keys of a line is written over: by the next line, or by the keys before these, or by the values.
        for (int first = (KEY_TILE - 1) / VW * VW; first >= 0; first -= VW)
            for (int p = 0; p < HEAD / 2; p += VW) {
                vf block[VW];
                for (int i = 0; i < VW; i++) block[i] = *(const vfu *)(pairs[first + i] + p);
                transpose(block);
                for (int i = 0; i < VW; i++) store((float *)(tile + (size_t)(p + i) * KEY_TILE + first), block[i]);
            }
    }
    for (int t = 0; t < positions; t += 2)
        for (int e = 0; e < HEAD; e += VW) {
            vi low = words_of(load(values + (size_t)t * ld + e), load(inverse + e));
            vi high = t + 1 < positions ? words_of(load(values + (size_t)(t + 1) * ld + e), load(inverse + e)) : (vi){0};
            *(vi_unaligned *)(head.values + (size_t)t / 2 * HEAD + e) = (low & 0xFFFF) | (high << 16);
        }
}

// 2^x for x ≤ 13 as an integer in the low bits, by a cubic of least relative error, 7.5e-5, on the fraction.
INLINE vi word_exp2(vf x) {
    x = vmax(x, splat(-24));
    vf whole = x + splat(round_magic), r = x - (whole - splat(round_magic));
    vf p = splat(0.05517167f) * r + splat(0.24261112f);
    p = p * r + splat(0.69326099f);
    p = p * r + splat(0.99992807f);
    return (vi)((vf)((vi)p + ((vi)whole << 23)) + splat(round_magic));
}
#endif

// acc[i] += row i of a (element (i, pair) at a[i + pair · step]) times a panel [pair][`ld` lanes], STRIP of them.
INLINE void WORDS(tile)(int rows, const int32_t *a, size_t step, const int32_t *panel, size_t ld, int pairs, vi acc[TILE_ROWS][2]) {
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++) acc[i][0] = acc[i][1] = (vi){0};
    for (int p = 0; p < pairs; p++, panel += ld, a += step) {
        vi b0 = *(const vi_unaligned *)panel, b1 = *(const vi_unaligned *)(panel + VW);
#pragma clang loop unroll(full)
        for (int i = 0; i < rows; i++) {
            vi x = (vi){0} + a[i];
            acc[i][0] = word_dot(acc[i][0], b0, x);
            acc[i][1] = word_dot(acc[i][1], b1, x);
        }
    }
}

// Scores of some keys for a strip of queries, in steps of each query, `logs` being what 1 is in those; `top` rises to the largest of the
// first `count`.
INLINE void WORDS(score)(word_head head, int at, int count, const int32_t *queries, const vf *logs, vf top[2], float *scores) {
    const int32_t *keys = head.keys + (size_t)(at / KEY_TILE) * KEY_TILE * HEAD / 2 + at % KEY_TILE;
    vi acc[TILE_ROWS][2];
    WORDS(tile)(TILE_ROWS, keys, KEY_TILE, queries, ELK_PANEL, HEAD / 2, acc);
#pragma clang loop unroll(full)
    for (int i = 0; i < TILE_ROWS; i++)
#pragma clang loop unroll(full)
        for (int v = 0; v < 2; v++) {
            vf score = __builtin_convertvector(acc[i][v], vf) * splat(head.key_steps[at + i]);
            if (logs) score += logs[v] * splat(head.key_logs[at + i]);
            if (i < count) top[v] = vmax(top[v], score);
            store(scores + i * STRIP + v * VW, score);
        }
}

// mixed = mixed · keep + values [pair][64]ᵀ · probabilities [pair][STRIP], for some of the dimensions.
INLINE void WORDS(mix)(int dimensions, const int32_t *values, const int32_t *pairs, int count, const vf keep[2], float *mixed) {
    vi acc[TILE_ROWS][2];
    WORDS(tile)(dimensions, values, HEAD, pairs, STRIP, count, acc);
#pragma clang loop unroll(full)
    for (int i = 0; i < dimensions; i++)
#pragma clang loop unroll(full)
        for (int v = 0; v < 2; v++) {
            float *line = mixed + i * STRIP + v * VW;
            store(line, load(line) * keep[v] + __builtin_convertvector(acc[i][v], vf));
        }
}

// A block of keys at a time, so that its scores stay in the first-level cache; when the largest score so far rises, what was mixed
// before shrinks. Writes the mixed values [64][STRIP], in steps of their dimensions, and the sums they are yet to be divided by. `logs` is
// null where every key stands for itself.
INLINE void WORDS(strip)(word_head head, int positions, const int32_t *queries, const vf steps[2], const vf *logs, float *mixed,
                         vf sums[2]) {
    // Pairs of probabilities take the place of the scores they were made from.
    union {
        float scores[KEY_BLOCK * STRIP];
        int32_t pairs[KEY_BLOCK * STRIP];
    } block __attribute__((aligned(64)));
    vf top[2] = {splat(-1e30f), splat(-1e30f)};
    sums[0] = sums[1] = splat(0);
    memset(mixed, 0, HEAD * STRIP * sizeof *mixed);
    for (int first = 0; first < positions; first += KEY_BLOCK) {
        int count = positions - first < KEY_BLOCK ? positions - first : KEY_BLOCK, pairs = (count + 1) / 2;
        vf before[2] = {top[0], top[1]}, keep[2];
        for (int t = 0; t < count; t += TILE_ROWS) {
            float *scores = block.scores + t * STRIP;
            if (t + TILE_ROWS <= count)
                WORDS(score)(head, first + t, TILE_ROWS, queries, logs, top, scores);
            else
                WORDS(score)(head, first + t, count - t, queries, logs, top, scores);
        }
        for (int v = 0; v < 2; v++) {
            vi total = {0};
            vf shift = top[v] * steps[v] - splat(13);
            for (int p = 0; p < pairs; p++) {
                const float *line = block.scores + (size_t)p * 2 * STRIP + v * VW;
                vi low = word_exp2(load(line) * steps[v] - shift);
                vi high = 2 * p + 1 < count ? word_exp2(load(line + STRIP) * steps[v] - shift) : (vi)splat(round_magic);
                vi pair = (low & 0xFFFF) | (high << 16);
                total = word_dot(total, pair, (vi){0} + 0x00010001);
                *(vi_unaligned *)(block.pairs + (size_t)p * STRIP + v * VW) = pair;
            }
            // The first block has nothing before it; its factor, of a huge difference, only meets zeros.
            keep[v] = vexp(vmax((before[v] - top[v]) * steps[v], splat(-120)) * splat(0.69314718f));
            sums[v] = sums[v] * keep[v] + __builtin_convertvector(total, vf);
        }
        const int32_t *values = head.values + (size_t)first / 2 * HEAD;
        int e = 0;
        for (; e + TILE_ROWS <= HEAD; e += TILE_ROWS)
            WORDS(mix)(TILE_ROWS, values + e, block.pairs, pairs, keep, mixed + e * STRIP);
        if (HEAD % TILE_ROWS)
            WORDS(mix)(HEAD % TILE_ROWS, values + e, block.pairs, pairs, keep, mixed + e * STRIP);
    }
}

// Rounds up to VW queries: pairs of dimensions p of query q at panel[p · ELK_PANEL + q].
INLINE void WORDS(pack_queries)(const float *queries, size_t ldq, int count, int32_t *panel, float *steps) {
    static const float nothing[HEAD];
    int32_t pairs[VW][HEAD / 2] = {0};
    for (int q = 0; q < VW; q++) {
        float step = q < count ? word_row(queries + q * ldq, nothing, SCORE_TOP, (int16_t *)pairs[q]) : 0;
        // log2(e) goes into the scale: the exponentials are powers of two. Where all is zero any step will do.
        steps[q] = step == 0 ? 1 : step * (0.125f * LOG2_E);
    }
    for (int p = 0; p < HEAD / 2; p += VW) {
        vf block[VW];
        for (int q = 0; q < VW; q++) block[q] = (vf)*(const vi_unaligned *)(pairs[q] + p);
        transpose(block);
        for (int i = 0; i < VW; i++) *(vi_unaligned *)(panel + (size_t)(p + i) * ELK_PANEL) = (vi)block[i];
    }
}

static void WORDS(attend)(const float *queries, size_t ldq, int count, const float *packed, int positions, float *scratch,
                          float *output, size_t ldo) {
    word_head head = word_head_at(packed, positions);
    float *mixed = scratch + HEAD * ELK_PANEL, steps[ELK_PANEL];
    bool has_logs = false;
    for (int t = 0; t < positions; t++) has_logs |= head.key_logs[t] != 0;
    int32_t *panel = (int32_t *)scratch;
    for (int q = 0; q < ELK_PANEL; q += VW) {
        int some = count - q < 0 ? 0 : count - q < VW ? count - q : VW;
        WORDS(pack_queries)(queries + (size_t)q * ldq, ldq, some, panel + q, steps + q);
    }
    for (int s = 0; s < count; s += STRIP) {
        vf sums[2], strip_steps[2] = {load(steps + s), load(steps + s + VW)};
        vf logs[2] = {splat(1) / strip_steps[0], splat(1) / strip_steps[1]};
        if (has_logs)
            WORDS(strip)(head, positions, panel + s, strip_steps, logs, mixed, sums);
        else
            WORDS(strip)(head, positions, panel + s, strip_steps, NULL, mixed, sums);
        for (int v = 0; v < 2; v++) {
            int first = s + v * VW, some = count - first < VW ? count - first : VW;
            vf inverse = splat(1) / sums[v];
            for (int e = 0; e < HEAD; e += VW) {
                vf block[VW];
                for (int i = 0; i < VW; i++) block[i] = load(mixed + (e + i) * STRIP + v * VW) * (inverse * splat(head.value_steps[e + i]));
                transpose(block);
                for (int q = 0; q < some; q++) store(output + (size_t)(first + q) * ldo + e, block[q]);
            }
        }
    }
}
#undef WORDS
#undef word_dot

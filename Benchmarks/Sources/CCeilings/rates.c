#include "CCeilings.h"
#include "team.h"

typedef struct {
    const char *instructions;
    team_task task;
    /// Operations of one round of one thread.
    double operations;
} loop;

// A result that is used: the loops must not be thrown away.
static volatile float float_sink;
static volatile int integer_sink;

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>

// Independent sums hide the latency: 2 pipes times 4 to 5 cycles, and some to spare. The 16 ymm registers hold fewer.
enum { WIDE = 24, NARROW = 12, STEPS = 1000 };

#define LOOP(name, isa, sums, type, zero, step, sink)                                                                              \
    __attribute__((target(isa))) static void name(long rounds, int thread, void *context) {                                        \
        (void)thread, (void)context;                                                                                               \
        type acc[sums];                                                                                                            \
        type x = zero, w = zero;                                                                                                   \
        __asm__ volatile("" : "+v"(x), "+v"(w));                                                                                   \
        for (int i = 0; i < sums; i++) acc[i] = zero;                                                                              \
        for (long round = 0; round < rounds * STEPS; round++) {                                                                    \
            _Pragma("clang loop unroll(full)") for (int i = 0; i < sums; i++) acc[i] = step;                                       \
        }                                                                                                                          \
        for (int i = 1; i < sums; i++) acc[0] += acc[i];                                                                           \
        sink;                                                                                                                      \
    }

#define FLOAT_SINK(vector) float_sink = ((float *)&vector)[0]
#define INTEGER_SINK(vector) integer_sink = ((int *)&vector)[0]

LOOP(int8_zmm, "avx512f,avx512vnni", WIDE, __m512i, _mm512_setzero_si512(), _mm512_dpbusd_epi32(acc[i], x, w), INTEGER_SINK(acc[0]))
LOOP(int8_vnni_ymm, "avx2,avxvnni", NARROW, __m256i, _mm256_setzero_si256(), _mm256_dpbusd_avx_epi32(acc[i], x, w),
     INTEGER_SINK(acc[0]))
LOOP(int16_zmm, "avx512f,avx512vnni", WIDE, __m512i, _mm512_setzero_si512(), _mm512_dpwssd_epi32(acc[i], x, w), INTEGER_SINK(acc[0]))
LOOP(int16_vnni_ymm, "avx2,avxvnni", NARROW, __m256i, _mm256_setzero_si256(), _mm256_dpwssd_avx_epi32(acc[i], x, w),
     INTEGER_SINK(acc[0]))
LOOP(bf16_zmm, "avx512f,avx512bf16", WIDE, __m512, _mm512_setzero_ps(), _mm512_dpbf16_ps(acc[i], (__m512bh)x, (__m512bh)w),
     FLOAT_SINK(acc[0]))
LOOP(f32_zmm, "avx512f", WIDE, __m512, _mm512_setzero_ps(), _mm512_fmadd_ps(x, w, acc[i]), FLOAT_SINK(acc[0]))
LOOP(f32_ymm, "avx2,fma", NARROW, __m256, _mm256_setzero_ps(), _mm256_fmadd_ps(x, w, acc[i]), FLOAT_SINK(acc[0]))

// Two products to 16 bits, their sums to 32, and those added: what there is without a dot product. The compiler must not know the
// inputs, as products with zeros are none, and they change with every sum, else the products would be computed once.
__attribute__((target("avx2"))) static void int8_ymm(long rounds, int thread, void *context) {
    (void)thread, (void)context;
    __m256i acc[NARROW], x = _mm256_setzero_si256(), w = x, ones = _mm256_set1_epi16(1);
    __asm__ volatile("" : "+x"(x), "+x"(w), "+x"(ones));
    for (int i = 0; i < NARROW; i++) acc[i] = x;
    for (long round = 0; round < rounds * STEPS; round++) {
        _Pragma("clang loop unroll(full)") for (int i = 0; i < NARROW; i++) {
            __asm__("" : "+x"(x));
            acc[i] = _mm256_add_epi32(acc[i], _mm256_madd_epi16(_mm256_maddubs_epi16(x, w), ones));
        }
    }
    for (int i = 1; i < NARROW; i++) acc[0] = _mm256_add_epi32(acc[0], acc[i]);
    INTEGER_SINK(acc[0]);
}

__attribute__((target("avx2"))) static void int16_ymm(long rounds, int thread, void *context) {
    (void)thread, (void)context;
    __m256i acc[NARROW], x = _mm256_setzero_si256(), w = x;
    __asm__ volatile("" : "+x"(x), "+x"(w));
    for (int i = 0; i < NARROW; i++) acc[i] = x;
    for (long round = 0; round < rounds * STEPS; round++) {
        _Pragma("clang loop unroll(full)") for (int i = 0; i < NARROW; i++) {
            __asm__("" : "+x"(x));
            acc[i] = _mm256_add_epi32(acc[i], _mm256_madd_epi16(x, w));
        }
    }
    for (int i = 1; i < NARROW; i++) acc[0] = _mm256_add_epi32(acc[0], acc[i]);
    INTEGER_SINK(acc[0]);
}

// exp as softmax needs it, of numbers up to 0: the power of two goes into the exponent, a polynomial of degree 4 does the rest.
#define EXP_LOOP(name, isa, sums, lanes)                                                                                           \
    __attribute__((target(isa))) static void name(long rounds, int thread, void *context) {                                        \
        typedef float floats __attribute__((vector_size(4 * lanes)));                                                              \
        typedef int integers __attribute__((vector_size(4 * lanes)));                                                              \
        (void)thread, (void)context;                                                                                               \
        floats acc[sums], magic = (floats){0} + 12582912.0f;                                                                       \
        floats c4 = (floats){0} + 0.0096f, c3 = (floats){0} + 0.0555f, c2 = (floats){0} + 0.2402f, c1 = (floats){0} + 0.6931f;     \
        __asm__("" : "+v"(c4), "+v"(c3), "+v"(c2), "+v"(c1), "+v"(magic));                                                         \
        for (int i = 0; i < sums; i++) acc[i] = (floats){0} - 1.0f;                                                                \
        for (long round = 0; round < rounds * STEPS; round++) {                                                                    \
            _Pragma("clang loop unroll(full)") for (int i = 0; i < sums; i++) {                                                    \
                floats shifted = acc[i] + magic, r = acc[i] - (shifted - magic);                                                   \
                floats p = (((c4 * r + c3) * r + c2) * r + c1) * r + 1.0f;                                                         \
                acc[i] = (floats)((integers)p + ((integers)shifted << 23));                                                        \
            }                                                                                                                      \
        }                                                                                                                          \
        for (int i = 1; i < sums; i++) acc[0] += acc[i];                                                                           \
        FLOAT_SINK(acc[0]);                                                                                                        \
    }

#pragma STDC FP_CONTRACT ON
EXP_LOOP(exp_zmm, "avx512f", 16, 16)
EXP_LOOP(exp_ymm, "avx2,fma", 8, 8)

static int has_avxvnni(void) {
    unsigned a, b, c, d;
    return __builtin_cpu_supports("avx2") && __get_cpuid_count(7, 1, &a, &b, &c, &d) && (a & (1u << 4)) != 0;
}

static loop best_loop(ceiling_kind kind) {
    int wide = __builtin_cpu_supports("avx512f"), narrow = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    double zmm = 2.0 * 16 * WIDE * STEPS, ymm = 2.0 * 8 * NARROW * STEPS;
    switch (kind) {
    case CEILING_INT8:
        if (wide && __builtin_cpu_supports("avx512vnni")) return (loop){"vpdpbusd zmm", int8_zmm, 4 * zmm};
        if (has_avxvnni()) return (loop){"vpdpbusd ymm", int8_vnni_ymm, 4 * ymm};
        if (narrow) return (loop){"vpmaddubsw, vpmaddwd, vpaddd ymm", int8_ymm, 4 * ymm};
        break;
    case CEILING_INT16:
        if (wide && __builtin_cpu_supports("avx512vnni")) return (loop){"vpdpwssd zmm", int16_zmm, 2 * zmm};
        if (has_avxvnni()) return (loop){"vpdpwssd ymm", int16_vnni_ymm, 2 * ymm};
        if (narrow) return (loop){"vpmaddwd, vpaddd ymm", int16_ymm, 2 * ymm};
        break;
    case CEILING_BF16:
        if (wide && __builtin_cpu_supports("avx512bf16")) return (loop){"vdpbf16ps zmm", bf16_zmm, 2 * zmm};
        // Without it floats are multiplied.
        return best_loop(CEILING_F32);
    case CEILING_F32:
        if (wide) return (loop){"vfmadd zmm", f32_zmm, zmm};
        if (narrow) return (loop){"vfmadd ymm", f32_ymm, ymm};
        break;
    case CEILING_EXP:
        if (wide) return (loop){"exp zmm", exp_zmm, 16.0 * 16 * STEPS};
        if (narrow) return (loop){"exp ymm", exp_ymm, 8.0 * 8 * STEPS};
        break;
    case CEILINGS: break;
    }
    return (loop){"none", 0, 0};
}
#else
static loop best_loop(ceiling_kind kind) {
    (void)kind;
    return (loop){"none", 0, 0};
}
#endif

double ceiling_rate(ceiling_kind kind, int threads) {
    loop best = best_loop(kind);
    return best.task ? best.operations * threads * team_rate(best.task, threads, 0) : 0;
}

const char *ceiling_instructions(ceiling_kind kind) { return best_loop(kind).instructions; }

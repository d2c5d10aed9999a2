#include "kernels.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[ELK_LEVELS] = {"portable", "avx2", "avxvnni", "avx512", "avx512bf16"};
static _Atomic int forced = -1;

const char *elk_level_name(elk_level level) { return level >= 0 && level < ELK_LEVELS ? names[level] : "unknown"; }

#if defined(__x86_64__)
#include <cpuid.h>

// CPUID leaf 7, subleaf 1, EAX bit 4; the compiler's run-time library may not know the name yet.
static bool has_avxvnni(void) {
    unsigned a, b, c, d;
    return __get_cpuid_count(7, 1, &a, &b, &c, &d) && (a & (1u << 4));
}
#endif

bool elk_level_available(elk_level level) {
    switch (level) {
    case ELK_PORTABLE: return true;
#if defined(__x86_64__)
    case ELK_AVX2:
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
    case ELK_AVXVNNI: return elk_level_available(ELK_AVX2) && has_avxvnni();
    case ELK_AVX512:
        return elk_level_available(ELK_AVX2) && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
               __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vnni");
    case ELK_AVX512BF16: return elk_level_available(ELK_AVX512) && __builtin_cpu_supports("avx512bf16");
#endif
    default: return false;
    }
}

static elk_level choose(void) {
    const char *wanted = getenv("ELK_KERNELS");
    for (int level = 0; wanted && level < ELK_LEVELS; level++)
        if (strcmp(wanted, names[level]) == 0 && elk_level_available((elk_level)level)) return (elk_level)level;
    for (int level = ELK_LEVELS - 1; level > 0; level--)
        if (elk_level_available((elk_level)level)) return (elk_level)level;
    return ELK_PORTABLE;
}

elk_level elk_level_current(void) {
    int level = atomic_load_explicit(&forced, memory_order_relaxed);
    if (level < 0) {
        level = choose();
        atomic_store_explicit(&forced, level, memory_order_relaxed);
    }
    return (elk_level)level;
}

bool elk_level_force(elk_level level) {
    if (!elk_level_available(level)) return false;
    atomic_store(&forced, (int)level);
    return true;
}

const elk_kernels *elk_kernels_current(void) {
    switch (elk_level_current()) {
#if defined(__x86_64__)
    case ELK_AVX512BF16: return &elk_kernels_avx512bf16;
    case ELK_AVX512: return &elk_kernels_avx512;
    case ELK_AVXVNNI: return &elk_kernels_avxvnni;
    case ELK_AVX2: return &elk_kernels_avx2;
#endif
    default: return &elk_kernels_portable;
    }
}

typedef struct {
    float *memory;
    size_t floats;
} scratch_block;

static pthread_key_t scratch_key;
static pthread_once_t scratch_once = PTHREAD_ONCE_INIT;

static void free_scratch(void *value) {
    scratch_block *block = value;
    free(block->memory);
    free(block);
}
static void make_key(void) { pthread_key_create(&scratch_key, free_scratch); }

float *elk_scratch(size_t floats) {
    pthread_once(&scratch_once, make_key);
    scratch_block *block = pthread_getspecific(scratch_key);
    if (!block) {
        block = calloc(1, sizeof *block);
        if (!block) abort();
        pthread_setspecific(scratch_key, block);
    }
    if (block->floats < floats) {
        free(block->memory);
        size_t bytes = (floats * sizeof(float) + 4095) / 4096 * 4096;
        block->memory = aligned_alloc(64, bytes);
        if (!block->memory) abort();
        block->floats = bytes / sizeof(float);
    }
    return block->memory;
}

void elk_softmax(float *x, int count, float scale) { elk_kernels_current()->softmax(x, count, scale, NULL); }
void elk_to_half(const float *input, uint16_t *output, size_t count) { elk_kernels_current()->to_half(input, output, count); }
void elk_from_half(const uint16_t *input, float *output, size_t count) { elk_kernels_current()->from_half(input, output, count); }

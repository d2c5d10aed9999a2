#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "CCeilings.h"
#include "team.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>

typedef struct {
    const uint64_t *words;
    /// Bytes of a thread, and of all.
    size_t slice, whole;
} memory;

static volatile uint64_t sink;

#if defined(__x86_64__)
#define CLONED __attribute__((target_clones("default", "avx2", "avx512f")))
#else
#define CLONED
#endif

// Eight sums of 64 bytes each: more loads in flight than the core can have.
typedef uint64_t line __attribute__((vector_size(64)));

CLONED static uint64_t read_all(const line *lines, size_t count) {
    line sums[8] = {0};
    for (size_t i = 0; i + 8 <= count; i += 8)
        for (int k = 0; k < 8; k++) sums[k] += lines[i + (size_t)k];
    for (int k = 1; k < 8; k++) sums[0] += sums[k];
    return sums[0][0] + sums[0][7];
}

static void read_slice(long rounds, int thread, void *context) {
    const memory *shared = context;
    const line *lines = (const line *)(shared->words + (size_t)thread * shared->slice / sizeof(uint64_t));
    uint64_t sum = 0;
    for (long round = 0; round < rounds; round++) {
        // A new round for the compiler, too.
        __asm__ volatile("" ::: "memory");
        sum += read_all(lines, shared->slice / sizeof(line));
    }
    sink = sum;
}

static bool map_memory(memory *mapped, size_t bytes, int threads) {
    mapped->slice = bytes / (size_t)threads / 512 * 512;
    mapped->whole = mapped->slice * (size_t)threads;
    if (mapped->slice == 0) return false;
    uint64_t *words = mmap(NULL, mapped->whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (words == MAP_FAILED) return false;
    madvise(words, mapped->whole, MADV_HUGEPAGE);
    for (size_t i = 0; i < mapped->whole / sizeof(uint64_t); i++) words[i] = i;
    mapped->words = words;
    return true;
}

static void unmap_memory(memory *mapped) { munmap((void *)mapped->words, mapped->whole); }

double ceiling_bandwidth(size_t bytes, int threads) {
    memory read;
    if (!map_memory(&read, bytes, threads)) return 0;
    double rate = team_rate(read_slice, threads, &read);
    unmap_memory(&read);
    return rate * (double)read.whole;
}

double ceiling_bandwidth_behind(size_t others, size_t bytes, int passes, int threads) {
    memory other, read;
    if (!map_memory(&other, others, threads)) return 0;
    if (!map_memory(&read, bytes, threads)) {
        unmap_memory(&other);
        return 0;
    }
    double shortest = INFINITY;
    for (int tries = 0; tries < TEAM_TRIES; tries++) {
        team_seconds(read_slice, 1, threads, &other);
        shortest = fmin(shortest, team_seconds(read_slice, passes, threads, &read));
    }
    unmap_memory(&read);
    unmap_memory(&other);
    return passes * (double)read.whole / shortest;
}

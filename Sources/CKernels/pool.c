#include "CKernels.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#if defined(__linux__)
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>
static void wait_while(_Atomic uint32_t *word, uint32_t value) {
    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0);
}
static void wake_all(_Atomic uint32_t *word) { syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1 << 30, NULL, NULL, 0); }
#else
#include <sched.h>
static void wait_while(_Atomic uint32_t *word, uint32_t value) {
    if (atomic_load(word) == value) sched_yield();
}
static void wake_all(_Atomic uint32_t *word) { (void)word; }
#endif

// Waking a thread that sleeps costs about 30 µs, a decoder step needs some 40 hand-overs: spin about one sleep's worth, no longer.
enum { SPIN_NANOSECONDS = 60 * 1000 };

// One word says which operation runs, how many chunks it has and which is next, so that a worker that comes late can never take a
// chunk of one operation with the function of another: 24 bits generation, 20 bits chunks, 20 bits next.
#define CHUNK_BITS 20
#define CHUNK_MASK ((1u << CHUNK_BITS) - 1)

struct elk_pool {
    _Alignas(64) _Atomic uint64_t ticket;
    _Alignas(64) _Atomic uint32_t done;
    _Alignas(64) _Atomic uint32_t epoch;
    _Atomic uint32_t sleepers;
    _Atomic uint32_t caller_sleeps;
    _Atomic bool stopping;
    void (*task)(void *, int);
    void *context;
    pthread_mutex_t busy;
    int threads;
    uint32_t generation;
    pthread_t workers[];
};

static inline void pause_briefly(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static bool has_chunks(uint64_t ticket) { return (ticket & CHUNK_MASK) < ((ticket >> CHUNK_BITS) & CHUNK_MASK); }

static void work(elk_pool *pool) {
    while (has_chunks(atomic_load_explicit(&pool->ticket, memory_order_relaxed))) {
        uint64_t mine = atomic_fetch_add_explicit(&pool->ticket, 1, memory_order_acquire);
        if (!has_chunks(mine)) return;
        uint32_t chunks = (mine >> CHUNK_BITS) & CHUNK_MASK;
        pool->task(pool->context, (int)(mine & CHUNK_MASK));
        uint32_t ended = atomic_fetch_add_explicit(&pool->done, 1, memory_order_acq_rel) + 1;
        if (ended == chunks && atomic_load(&pool->caller_sleeps)) wake_all(&pool->done);
    }
}

static void *worker_main(void *argument) {
    elk_pool *pool = argument;
    while (!atomic_load_explicit(&pool->stopping, memory_order_acquire)) {
        uint32_t seen = atomic_load_explicit(&pool->epoch, memory_order_acquire);
        work(pool);
        uint64_t deadline = now_ns() + SPIN_NANOSECONDS;
        bool spun_out = false;
        while (atomic_load_explicit(&pool->epoch, memory_order_acquire) == seen) {
            for (int i = 0; i < 64 && atomic_load_explicit(&pool->epoch, memory_order_relaxed) == seen; i++) pause_briefly();
            if (now_ns() > deadline) {
                spun_out = true;
                break;
            }
        }
        if (spun_out) {
            atomic_fetch_add(&pool->sleepers, 1);
            if (!atomic_load(&pool->stopping)) wait_while(&pool->epoch, seen);
            atomic_fetch_sub(&pool->sleepers, 1);
        }
    }
    return NULL;
}

elk_pool *elk_pool_create(int threads) {
    if (threads < 1) threads = 1;
    if (threads > 256) threads = 256;
    size_t bytes = sizeof(elk_pool) + sizeof(pthread_t) * (size_t)threads;
    elk_pool *pool = aligned_alloc(64, (bytes + 63) / 64 * 64);
    if (!pool) return NULL;
    *pool = (elk_pool){.threads = 1};
    pthread_mutex_init(&pool->busy, NULL);
    for (int i = 1; i < threads; i++) {
        if (pthread_create(&pool->workers[pool->threads - 1], NULL, worker_main, pool) != 0) break;
        pool->threads++;
    }
    return pool;
}

void elk_pool_destroy(elk_pool *pool) {
    atomic_store(&pool->stopping, true);
    atomic_fetch_add(&pool->epoch, 1);
    wake_all(&pool->epoch);
    for (int i = 0; i + 1 < pool->threads; i++) pthread_join(pool->workers[i], NULL);
    pthread_mutex_destroy(&pool->busy);
    free(pool);
}

int elk_pool_threads(const elk_pool *pool) { return pool->threads; }

void elk_pool_run(elk_pool *pool, int chunks, void (*task)(void *, int), void *context) {
    if (chunks <= 0) return;
    bool alone = pool->threads == 1 || chunks == 1 || chunks > (int)CHUNK_MASK - 1024;
    if (alone || pthread_mutex_trylock(&pool->busy) != 0) {
        for (int i = 0; i < chunks; i++) task(context, i);
        return;
    }
    pool->task = task;
    pool->context = context;
    atomic_store_explicit(&pool->done, 0, memory_order_relaxed);
    pool->generation = (pool->generation + 1) & 0xFFFFFF;
    uint64_t ticket = ((uint64_t)pool->generation << (2 * CHUNK_BITS)) | ((uint64_t)chunks << CHUNK_BITS);
    atomic_store_explicit(&pool->ticket, ticket, memory_order_release);
    atomic_fetch_add(&pool->epoch, 1);
    if (atomic_load(&pool->sleepers)) wake_all(&pool->epoch);

    work(pool);

    // All chunks are taken; those that workers still hold end soon, unless their core was taken away: then sleep too.
    uint64_t deadline = 0;
    for (uint32_t spins = 0;; spins++) {
        uint32_t ended = atomic_load_explicit(&pool->done, memory_order_acquire);
        if (ended == (uint32_t)chunks) break;
        pause_briefly();
        if ((spins & 63) != 63) continue;
        if (deadline == 0) deadline = now_ns() + 2 * SPIN_NANOSECONDS;
        if (now_ns() > deadline) {
            atomic_store(&pool->caller_sleeps, 1);
            ended = atomic_load(&pool->done);
            if (ended != (uint32_t)chunks) wait_while(&pool->done, ended);
            atomic_store(&pool->caller_sleeps, 0);
        }
    }
    pthread_mutex_unlock(&pool->busy);
}

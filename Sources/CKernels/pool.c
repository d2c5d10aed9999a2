#if defined(__linux__)
#define _GNU_SOURCE // pthread_setname_np
#endif
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
enum { SPIN_NANOSECONDS = 60 * 1000, MOST_THREADS = 256 };

// Every thread has a share of an operation's chunks: always the same one, so that the weights and activations that it touched last time
// are in its own caches (the cores of a virtual machine need not share a third level). It takes its chunks from the front; who has
// nothing left takes those of others from the back.
//
// One word a share says which operation it is of and which chunks are left, so that a thread that comes late can never take a chunk of
// one operation with the function of another: 24 bits generation, 20 bits end, 20 bits next.
#define CHUNK_BITS 20
#define CHUNK_MASK ((1u << CHUNK_BITS) - 1)

typedef struct {
    _Alignas(64) _Atomic uint64_t chunks;
} elk_share;

struct elk_pool {
    _Alignas(64) _Atomic uint32_t done;
    _Alignas(64) _Atomic uint32_t epoch;
    _Atomic uint32_t sleepers;
    _Atomic uint32_t caller_sleeps;
    _Atomic bool stopping;
    void (*task)(void *, int);
    void *context;
    uint32_t chunks, generation;
    pthread_mutex_t busy;
    /// Shares, the first of them the caller's, and threads that could be created for the others.
    int threads, created;
    _Atomic int started;
    elk_share shares[MOST_THREADS];
    pthread_t workers[MOST_THREADS];
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

static uint32_t next_of(uint64_t share) { return share & CHUNK_MASK; }
static uint32_t end_of(uint64_t share) { return (share >> CHUNK_BITS) & CHUNK_MASK; }

// A chunk of a share, the first or the last that is left, or -1.
static int take(elk_share *share, bool first) {
    uint64_t left = atomic_load_explicit(&share->chunks, memory_order_relaxed);
    while (next_of(left) < end_of(left)) {
        uint64_t rest = first ? left + 1 : left - (1u << CHUNK_BITS);
        if (atomic_compare_exchange_weak_explicit(&share->chunks, &left, rest, memory_order_acquire, memory_order_relaxed))
            return (int)(first ? next_of(left) : end_of(left) - 1);
    }
    return -1;
}

static void work(elk_pool *pool, int index) {
    for (int i = 0; i < pool->threads; i++) {
        elk_share *share = &pool->shares[(index + i) % pool->threads];
        for (int chunk; (chunk = take(share, i == 0)) >= 0;) {
            uint32_t chunks = pool->chunks;
            pool->task(pool->context, chunk);
            uint32_t ended = atomic_fetch_add(&pool->done, 1) + 1;
            if (ended == chunks && atomic_load(&pool->caller_sleeps)) wake_all(&pool->done);
        }
    }
}

static void *worker_main(void *argument) {
    elk_pool *pool = argument;
#if defined(__linux__)
    pthread_setname_np(pthread_self(), "elk-compute");
#endif
    int index = atomic_fetch_add(&pool->started, 1) + 1;
    while (!atomic_load_explicit(&pool->stopping, memory_order_acquire)) {
        uint32_t seen = atomic_load_explicit(&pool->epoch, memory_order_acquire);
        work(pool, index);
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
    if (threads > MOST_THREADS) threads = MOST_THREADS;
    elk_pool *pool = aligned_alloc(64, sizeof(elk_pool));
    if (!pool) return NULL;
    *pool = (elk_pool){.threads = threads};
    pthread_mutex_init(&pool->busy, NULL);
    while (pool->created < threads - 1 && pthread_create(&pool->workers[pool->created], NULL, worker_main, pool) == 0) pool->created++;
    return pool;
}

void elk_pool_destroy(elk_pool *pool) {
    atomic_store(&pool->stopping, true);
    atomic_fetch_add(&pool->epoch, 1);
    wake_all(&pool->epoch);
    for (int i = 0; i < pool->created; i++) pthread_join(pool->workers[i], NULL);
    pthread_mutex_destroy(&pool->busy);
    free(pool);
}

int elk_pool_threads(const elk_pool *pool) { return pool->threads; }

void elk_pool_run(elk_pool *pool, int chunks, void (*task)(void *, int), void *context) {
    if (chunks <= 0) return;
    bool alone = pool->threads == 1 || chunks == 1 || chunks > (int)CHUNK_MASK;
    if (alone || pthread_mutex_trylock(&pool->busy) != 0) {
        for (int i = 0; i < chunks; i++) task(context, i);
        return;
    }
    pool->task = task;
    pool->context = context;
    atomic_store_explicit(&pool->done, 0, memory_order_relaxed);
    pool->chunks = (uint32_t)chunks;
    pool->generation = (pool->generation + 1) & 0xFFFFFF;
    for (int i = 0; i < pool->threads; i++) {
        uint64_t next = (uint64_t)chunks * i / pool->threads, end = (uint64_t)chunks * (i + 1) / pool->threads;
        uint64_t share = ((uint64_t)pool->generation << (2 * CHUNK_BITS)) | (end << CHUNK_BITS) | next;
        atomic_store_explicit(&pool->shares[i].chunks, share, memory_order_release);
    }
    atomic_fetch_add(&pool->epoch, 1);
    if (atomic_load(&pool->sleepers)) wake_all(&pool->epoch);

    work(pool, 0);

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

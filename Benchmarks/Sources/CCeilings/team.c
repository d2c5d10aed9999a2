#include "team.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

enum { MOST_THREADS = 256 };

typedef struct {
    team_task task;
    long rounds;
    int thread;
    void *context;
    int threads;
    _Atomic int *ready;
    double start;
    double end;
} member;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void *member_main(void *argument) {
    member *self = argument;
    atomic_fetch_add(self->ready, 1);
    while (atomic_load(self->ready) < self->threads) {}
    self->start = now();
    self->task(self->rounds, self->thread, self->context);
    self->end = now();
    return NULL;
}

double team_seconds(team_task task, long rounds, int threads, void *context) {
    if (threads > MOST_THREADS) threads = MOST_THREADS;
    _Atomic int ready = 0;
    member members[MOST_THREADS];
    pthread_t handles[MOST_THREADS];
    int started = 1;
    for (int i = 0; i < threads; i++)
        members[i] = (member){task, rounds, i, context, threads, &ready, 0, 0};
    for (; started < threads; started++)
        if (pthread_create(&handles[started], NULL, member_main, &members[started]) != 0) break;
    // Those that did start must not wait for ever.
    atomic_fetch_add(&ready, threads - started);
    member_main(&members[0]);
    double start = members[0].start, end = members[0].end;
    for (int i = 1; i < started; i++) {
        pthread_join(handles[i], NULL);
        if (members[i].start < start) start = members[i].start;
        if (members[i].end > end) end = members[i].end;
    }
    return end - start;
}

double team_rate(team_task task, int threads, void *context) {
    double best = 0;
    long rounds = 1;
    for (int tries = 0; tries < TEAM_TRIES;) {
        double seconds = team_seconds(task, rounds, threads, context);
        double rate = (double)rounds / seconds;
        if (rate > best) best = rate;
        // A try that was long only because its core was taken away does not make the next ones short.
        if ((double)rounds / best < 0.015 && rounds < 1L << 40) rounds *= 2;
        else tries++;
    }
    return best;
}

#ifndef ELK_CEILINGS_TEAM_H
#define ELK_CEILINGS_TEAM_H

/// How often a rate is measured; the best counts.
enum { TEAM_TRIES = 7 };

/// Work of one thread: `rounds` rounds of it, with `context`.
typedef void (*team_task)(long rounds, int thread, void *context);

/// Seconds from the common start until the last of `threads` threads has done `rounds` rounds.
double team_seconds(team_task task, long rounds, int threads, void *context);

/// Rounds a second of one thread while all of them work: the best of TEAM_TRIES tries of some 20 ms.
double team_rate(team_task task, int threads, void *context);

#endif

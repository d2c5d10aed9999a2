// A provider that answers at once: one thread, epoll, TCP_NODELAY. What it does follows from a mark in the request's body.
//
//   mock PORT
//
//   mode:chunks    a stream of 50 events, one every 10 ms, each with the time it was written in nanoseconds
//   mode:burst     a stream of 50 events at once
//   mode:open      a stream that sends an event a second and never ends
//   mode:big       a stream of 10 MiB as fast as it is taken
//   anything else  a whole answer
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum mode { WHOLE, CHUNKS, BURST, OPEN, BIG };
enum { EVENTS = 50, BIG_EVENTS = 640, IN = 64 << 10 };

struct conn {
    int fd;
    char *in;
    size_t filled, room;
    // The rest of a body that is read past.
    size_t skip;
    enum mode mode;
    int left;       // events to come
    long long next; // when
    char *out;
    size_t out_start, out_end, out_room;
    struct conn *prev, *next_timed;
    int timed, dead;
};

static int epfd;
static struct conn *timed;

static const char whole[] =
    "{\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"gpt-4o-mini\",\"choices\":[{\"index\":0,"
    "\"message\":{\"role\":\"assistant\",\"content\":\"The quick brown fox jumps over the lazy dog, and then it sleeps until the "
    "evening comes and the air is cool.\",\"refusal\":null},\"logprobs\":null,\"finish_reason\":\"stop\"}],\"usage\":{"
    "\"prompt_tokens\":200,\"completion_tokens\":24,\"total_tokens\":224},\"system_fingerprint\":\"fp_bench\"}";

static long long now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void want(struct conn *c, uint32_t events) {
    struct epoll_event e = {.events = events, .data.ptr = c};
    epoll_ctl(epfd, EPOLL_CTL_MOD, c->fd, &e);
}

static void untime(struct conn *c) {
    if (!c->timed) return;
    if (c->prev) c->prev->next_timed = c->next_timed; else timed = c->next_timed;
    if (c->next_timed) c->next_timed->prev = c->prev;
    c->timed = 0;
}

static void flush(struct conn *c) {
    while (c->out_start < c->out_end) {
        ssize_t n = write(c->fd, c->out + c->out_start, c->out_end - c->out_start);
        if (n < 0) {
            if (errno == EAGAIN) want(c, EPOLLIN | EPOLLOUT); else c->dead = 1;
            return;
        }
        c->out_start += n;
    }
    c->out_start = c->out_end = 0;
}

static void put(struct conn *c, const char *bytes, size_t n) {
    if (c->out_end + n > c->out_room) {
        c->out_room = (c->out_end + n) * 2;
        c->out = realloc(c->out, c->out_room);
    }
    memcpy(c->out + c->out_end, bytes, n);
    c->out_end += n;
}

static void put_chunk(struct conn *c, const char *text, size_t n) {
    char size[16];
    put(c, size, sprintf(size, "%zx\r\n", n));
    put(c, text, n);
    put(c, "\r\n", 2);
}

static void put_event(struct conn *c, int is_big) {
    static char filler[16 << 10];
    static char event[32 << 10];
    if (!filler[0]) memset(filler, 'x', sizeof filler - 1);
    int n = snprintf(event, sizeof event,
        "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"gpt-4o-mini\",\"choices\":[{\"index\":0,"
        "\"delta\":{\"content\":\"t=%lld %s\"},\"finish_reason\":null}]}\n\n", now_ns(), is_big ? filler : "and so on");
    put_chunk(c, event, n);
}

static void put_end(struct conn *c) {
    static const char last[] =
        "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"gpt-4o-mini\",\"choices\":[{\"index\":0,"
        "\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
        "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"gpt-4o-mini\",\"choices\":[],\"usage\":{"
        "\"prompt_tokens\":200,\"completion_tokens\":24,\"total_tokens\":224}}\n\n"
        "data: [DONE]\n\n";
    put_chunk(c, last, sizeof last - 1);
    put(c, "0\r\n\r\n", 5);
}

static void answer(struct conn *c) {
    if (c->mode == WHOLE) {
        char head[200];
        put(c, head, sprintf(head, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n", sizeof whole - 1));
        put(c, whole, sizeof whole - 1);
        return flush(c);
    }
    static const char head[] = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
    put(c, head, sizeof head - 1);
    if (c->mode == BURST) {
        for (int i = 0; i < EVENTS; i++) put_event(c, 0);
        put_end(c);
        return flush(c);
    }
    c->left = c->mode == CHUNKS ? EVENTS : c->mode == BIG ? BIG_EVENTS : 1 << 30;
    if (c->mode == BIG) return flush(c);
    put_event(c, 0);
    c->left--;
    flush(c);
    c->next = now_ns() + (c->mode == OPEN ? 1000000000LL : 10000000LL);
    c->timed = 1;
    c->prev = NULL;
    c->next_timed = timed;
    if (timed) timed->prev = c;
    timed = c;
}

static void go_on(struct conn *c) {
    while (c->mode == BIG && c->left > 0 && c->out_start == c->out_end && !c->dead) {
        put_event(c, 1);
        if (--c->left == 0) put_end(c);
        flush(c);
    }
}

static void shut(struct conn *c) {
    untime(c);
    close(c->fd);
    free(c->in);
    free(c->out);
    free(c);
}

static enum mode mode_of(const char *body, size_t n) {
    const char *m = memmem(body, n, "mode:", 5);
    if (!m || body + n - m < 12) return WHOLE;
    if (!memcmp(m + 5, "chunks", 6)) return CHUNKS;
    if (!memcmp(m + 5, "burst", 5)) return BURST;
    if (!memcmp(m + 5, "open", 4)) return OPEN;
    if (!memcmp(m + 5, "big", 3)) return BIG;
    return WHOLE;
}

// Takes whole requests out of what was read; bodies that do not fit are read past.
static void take(struct conn *c) {
    while (c->filled > 0 && !c->dead) {
        if (c->skip) {
            size_t n = c->skip < c->filled ? c->skip : c->filled;
            memmove(c->in, c->in + n, c->filled - n);
            c->filled -= n;
            c->skip -= n;
            if (c->skip == 0) answer(c);
            continue;
        }
        char *end = memmem(c->in, c->filled, "\r\n\r\n", 4);
        if (!end) {
            if (c->filled == c->room) c->dead = 1;
            return;
        }
        size_t head = end + 4 - c->in, length = 0;
        int chunked = 0;
        for (char *line = c->in; line < end; line = memchr(line, '\n', end + 4 - line) + 1) {
            if (!strncasecmp(line, "content-length:", 15)) length = strtoull(line + 15, NULL, 10);
            if (!strncasecmp(line, "transfer-encoding:", 18)) chunked = 1;
        }
        size_t got = c->filled - head;
        if (chunked) {
            // Only seen with small bodies here: wait for the last chunk.
            if (got < 5 || memcmp(c->in + c->filled - 5, "0\r\n\r\n", 5)) {
                if (c->filled == c->room) c->in = realloc(c->in, c->room *= 2);
                return;
            }
            length = got;
        }
        // The mark stands at the beginning of the body.
        size_t needed = length < 512 ? length : 512;
        if (got < needed) return;
        c->mode = mode_of(c->in + head, got < length ? got : length);
        size_t used = got < length ? got : length;
        memmove(c->in, c->in + head + used, c->filled - head - used);
        c->filled -= head + used;
        c->skip = length - used;
        if (c->skip == 0) answer(c);
    }
}

static void serve(struct conn *c, uint32_t events) {
    if (events & EPOLLOUT) {
        flush(c);
        if (!c->dead && c->out_start == c->out_end) {
            want(c, EPOLLIN);
            go_on(c);
        }
    }
    if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
        ssize_t n = read(c->fd, c->in + c->filled, c->room - c->filled);
        if (n == 0 || (n < 0 && errno != EAGAIN)) return shut(c);
        if (n > 0) {
            c->filled += n;
            take(c);
            if (c->mode == BIG) go_on(c);
        }
    }
    if (c->dead) shut(c);
}

static void tick(long long now) {
    for (struct conn *c = timed, *following; c; c = following) {
        following = c->next_timed;
        if (c->next > now) continue;
        c->next += c->mode == OPEN ? 1000000000LL : 10000000LL;
        put_event(c, 0);
        if (--c->left == 0) {
            put_end(c);
            untime(c);
        }
        flush(c);
        if (c->dead) shut(c);
    }
}

int main(int argc, char **argv) {
    if (argc != 2) return 2;
    signal(SIGPIPE, SIG_IGN);
    struct rlimit files = {65536, 65536};
    setrlimit(RLIMIT_NOFILE, &files);
    int one = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (bind(listener, (struct sockaddr *)&at, sizeof at) || listen(listener, 4096)) return perror("mock"), 1;
    epfd = epoll_create1(0);
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = NULL};
    epoll_ctl(epfd, EPOLL_CTL_ADD, listener, &e);
    printf("ready\n");
    fflush(stdout);
    struct epoll_event ready[256];
    for (;;) {
        int n = epoll_wait(epfd, ready, 256, timed ? 1 : -1);
        for (int i = 0; i < n; i++) {
            if (ready[i].data.ptr) {
                serve(ready[i].data.ptr, ready[i].events);
                continue;
            }
            for (int fd; (fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0;) {
                setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
                struct conn *c = calloc(1, sizeof *c);
                c->fd = fd;
                c->in = malloc(c->room = IN);
                struct epoll_event added = {.events = EPOLLIN, .data.ptr = c};
                epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &added);
            }
        }
        if (timed) tick(now_ns());
    }
}

// Clients of a gateway: one thread, epoll, keep-alive, each with one request under way.
//
//   load rate PORT CONNECTIONS SECONDS BODY [KEY]    answers one after the other for so long
//   load hold PORT CONNECTIONS SECONDS BODY [KEY]    opens streams, says `ready`, reads them until the time is over
//   load slow PORT CONNECTIONS SECONDS BODY [KEY]    as hold, but each reads 1 KiB a second
//
// Prints one line of JSON: answers, errors, requests a second, and the microseconds of an answer and of a streamed event (from the
// time in it) at p50, p90, p99 and at most.
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

enum kind { RATE, HOLD, SLOW };
enum { IN = 256 << 10 };

struct conn {
    int fd, is_open;
    size_t sent;
    long long began;
    char *in;
    size_t filled;
    int in_body, chunked, saw_event;
    size_t length, taken;
};

// Latencies in microseconds, exact to a 64th.
struct histogram {
    long long count, max, slots[64 * 64];
};

static struct histogram answers_us, events_us;
static long long answers, errors, bytes_read;
static char *request;
static size_t request_length;
static int epfd;
static enum kind kind;
static struct sockaddr_in at;
static int ready_count;

static long long now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static int slot(long long v) {
    if (v < 64) return v < 0 ? 0 : (int)v;
    int shift = 63 - __builtin_clzll(v) - 6;
    int s = (shift + 1) * 64 + (int)((v >> shift) - 64);
    return s < 64 * 64 ? s : 64 * 64 - 1;
}

static void note(struct histogram *h, long long us) {
    h->count++;
    if (us > h->max) h->max = us;
    h->slots[slot(us * 4)]++;
}

static double quantile(struct histogram *h, double q) {
    long long wanted = (long long)(h->count * q), seen = 0;
    for (int s = 0; s < 64 * 64; s++) {
        seen += h->slots[s];
        if (seen > wanted) {
            if (s < 64) return s / 4.0;
            int shift = s / 64 - 1;
            return (double)((long long)(s % 64 + 64) << shift) / 4.0;
        }
    }
    return h->max;
}

static void begin(struct conn *c);

static void dial(struct conn *c) {
    int one = 1;
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (kind == SLOW) {
        int small = 4096;
        setsockopt(c->fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    }
    if (connect(c->fd, (struct sockaddr *)&at, sizeof at) && errno != EINPROGRESS) errors++;
    struct epoll_event e = {.events = EPOLLIN | EPOLLOUT, .data.ptr = c};
    epoll_ctl(epfd, EPOLL_CTL_ADD, c->fd, &e);
    c->is_open = 1;
    begin(c);
}

static void lost(struct conn *c) {
    errors++;
    close(c->fd);
    c->is_open = 0;
    if (kind == RATE && errors < 100000) dial(c);
}

static void send_more(struct conn *c) {
    while (c->sent < request_length) {
        ssize_t n = write(c->fd, request + c->sent, request_length - c->sent);
        if (n < 0) {
            if (errno != EAGAIN && errno != ENOTCONN) lost(c);
            return;
        }
        c->sent += n;
    }
    // Only reading is of interest from here; a request that went out in one piece costs no call for that.
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};
    epoll_ctl(epfd, EPOLL_CTL_MOD, c->fd, &e);
}

static void begin(struct conn *c) {
    c->sent = 0;
    c->in_body = c->saw_event = 0;
    c->filled = c->taken = 0;
    c->began = now_ns();
}

static void again(struct conn *c) {
    answers++;
    note(&answers_us, (now_ns() - c->began) / 1000);
    begin(c);
    ssize_t n = write(c->fd, request, request_length);
    c->sent = n < 0 ? 0 : n;
    if (c->sent < request_length) {
        struct epoll_event e = {.events = EPOLLIN | EPOLLOUT, .data.ptr = c};
        epoll_ctl(epfd, EPOLL_CTL_MOD, c->fd, &e);
    }
}

// Times of the events in the bytes just read.
static void times(const char *p, size_t n, long long now) {
    const char *end = p + n;
    while (p < end && (p = memmem(p, end - p, "\"t=", 3))) {
        long long sent = atoll(p + 3);
        if (sent > 0) note(&events_us, (now - sent) / 1000);
        p += 3;
    }
}

static void parse(struct conn *c, size_t from) {
    if (!c->in_body) {
        char *end = memmem(c->in, c->filled, "\r\n\r\n", 4);
        if (!end) return;
        if (c->filled < 12 || memcmp(c->in + 9, "200", 3)) {
            if (errors++ < 3) fprintf(stderr, "%.*s\n", (int)(c->filled < 600 ? c->filled : 600), c->in);
            close(c->fd);
            c->is_open = 0;
            if (kind == RATE && errors < 1000) dial(c);
            return;
        }
        c->length = c->chunked = 0;
        for (char *line = c->in; line < end; line = memchr(line, '\n', end + 4 - line) + 1) {
            if (!strncasecmp(line, "content-length:", 15)) c->length = strtoull(line + 15, NULL, 10);
            if (!strncasecmp(line, "transfer-encoding:", 18)) c->chunked = 1;
        }
        c->in_body = 1;
        size_t head = end + 4 - c->in;
        from = head;
    }
    long long now = now_ns();
    times(c->in + from, c->filled - from, now);
    c->taken += c->filled - from;
    if (!c->saw_event && c->taken > 0) {
        c->saw_event = 1;
        ready_count++;
    }
    int ends = c->chunked ? c->filled >= 5 && !memcmp(c->in + c->filled - 5, "0\r\n\r\n", 5) : c->taken >= c->length;
    if (ends) {
        if (kind == RATE) return again(c);
        answers++;
        return;
    }
    // Of a body only the end of what came is needed: the last chunk may be split.
    if (c->filled > IN / 2) {
        memmove(c->in, c->in + c->filled - 5, 5);
        c->filled = 5;
    }
}

static void receive(struct conn *c, size_t limit) {
    size_t room = IN - c->filled;
    if (room > limit) room = limit;
    ssize_t n = read(c->fd, c->in + c->filled, room);
    if (n == 0 || (n < 0 && errno != EAGAIN)) return lost(c);
    if (n < 0) return;
    size_t from = c->filled;
    c->filled += n;
    bytes_read += n;
    parse(c, from);
}

static void load(char **argv) {
    FILE *file = fopen(argv[5], "rb");
    if (!file) exit(2);
    fseek(file, 0, SEEK_END);
    long size = ftell(file);
    rewind(file);
    request = malloc(size + 1024);
    const char *key = argv[6] ? argv[6] : "sk-none";
    request_length = sprintf(request,
        "POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:%s\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\n"
        "User-Agent: gateway-load\r\nAccept: */*\r\nContent-Length: %ld\r\n\r\n", argv[2], key, size);
    request_length += fread(request + request_length, 1, size, file);
    fclose(file);
}

static void print(const char *name, struct histogram *h) {
    printf(",\"%s\":{\"count\":%lld,\"p50\":%.2f,\"p90\":%.2f,\"p99\":%.2f,\"max\":%lld}", name, h->count, quantile(h, .5),
        quantile(h, .9), quantile(h, .99), h->max);
}

int main(int argc, char **argv) {
    if (argc < 6) return 2;
    kind = !strcmp(argv[1], "hold") ? HOLD : !strcmp(argv[1], "slow") ? SLOW : RATE;
    signal(SIGPIPE, SIG_IGN);
    struct rlimit files = {65536, 65536};
    setrlimit(RLIMIT_NOFILE, &files);
    at = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(atoi(argv[2])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int count = atoi(argv[3]);
    double seconds = atof(argv[4]);
    load(argv);
    epfd = epoll_create1(0);
    struct conn *conns = calloc(count, sizeof *conns);
    for (int i = 0; i < count; i++) {
        conns[i].in = malloc(IN);
        dial(&conns[i]);
        // A listen queue is no longer than 128 here and there.
        if (i % 64 == 63) usleep(5000);
    }
    long long start = now_ns(), end = start + (long long)(seconds * 1e9), next_slow = start;
    // The first tenth warms up.
    long long warm = kind == RATE ? start + (end - start) / 10 : 0;
    struct epoll_event ready[256];
    int said = 0;
    while (now_ns() < end) {
        int n = epoll_wait(epfd, ready, 256, 100);
        for (int i = 0; i < n; i++) {
            struct conn *c = ready[i].data.ptr;
            if (ready[i].events & EPOLLOUT && c->is_open && c->sent < request_length) send_more(c);
            if (ready[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR) && c->is_open) {
                if (kind != SLOW) receive(c, IN);
                else if (!c->saw_event) receive(c, 1024);
                else {
                    // Left unread until its turn.
                    struct epoll_event none = {.events = 0, .data.ptr = c};
                    epoll_ctl(epfd, EPOLL_CTL_MOD, c->fd, &none);
                }
            }
        }
        long long now = now_ns();
        if (kind == SLOW && now >= next_slow + 1000000000LL) {
            next_slow = now;
            for (int i = 0; i < count; i++)
                if (conns[i].is_open && conns[i].saw_event) receive(&conns[i], 1024);
        }
        if (kind != RATE && !said && ready_count == count) {
            printf("ready\n");
            fflush(stdout);
            said = 1;
        }
        if (warm && now >= warm) {
            memset(&answers_us, 0, sizeof answers_us);
            memset(&events_us, 0, sizeof events_us);
            answers = 0;
            start = now;
            warm = 0;
        }
    }
    double elapsed = (now_ns() - start) / 1e9;
    int open = 0;
    for (int i = 0; i < count; i++) open += conns[i].is_open;
    printf("{\"answers\":%lld,\"errors\":%lld,\"open\":%d,\"bytes\":%lld,\"rate\":%.1f", answers, errors, open, bytes_read,
        answers / elapsed);
    print("answer_us", &answers_us);
    print("event_us", &events_us);
    printf("}\n");
    return 0;
}

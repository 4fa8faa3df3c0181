/* The load generator: makes work for an echo server on the loopback, checks every byte that comes back, counts.
 *
 *     load ping  PORT CONNECTIONS SIZE SECONDS   each connection sends a message and waits for its echo, again and again
 *     load churn PORT CONNECTIONS SIZE SECONDS   connect, one message, its echo, close; so many at a time
 *     load bulk  PORT CONNECTIONS SIZE SECONDS   each connection sends messages without waiting, up to 8 ahead of the echo
 *     load udp   PORT SOCKETS     SIZE SECONDS   ping with datagrams; one that is lost is sent again
 *     load idle  PORT CONNECTIONS SIZE           opens them (one echo each), says "ready", holds them until stdin ends
 *
 * Prints one line of JSON. Ends with status 1 and a sentence when the server hangs up or sends back something else, and
 * never lives longer than SECONDS (idle: than stdin). One thread, one epoll; about 130,000 echoes a second on one core,
 * so that a server in Python is always the slower side.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 256, PATIENCE_MS = 10000, RESEND_MS = 100, AHEAD = 8, STRIDE = 61 };

/* One socket and what it has on the way: a message, for bulk a stream of messages. */
typedef struct {
    int fd;
    int blocked;           /* bulk: the kernel did not take all, so we wait for EPOLLOUT */
    size_t sent, received; /* bytes of the message, for bulk of the stream */
    const char *message; /* a window into `pattern`, another one for each socket: a crossed echo is noticed */
    uint64_t serial;     /* udp: the datagram that is on its way, its first eight bytes */
    double sentAt;       /* udp: when */
} Line;

static int epoll, port, count;
static size_t size;
static char *pattern, *incoming;
static Line *lines;
static uint64_t operations, lost;

static void fail(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fputs("load: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    exit(1);
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void watch(Line *line, int operation, uint32_t events) {
    struct epoll_event event = {.events = events, .data.ptr = line};
    if (epoll_ctl(epoll, operation, line->fd, &event) < 0) fail("epoll_ctl: %s", strerror(errno));
}

/* A connected socket. Each comes from the next of 250 source addresses, so that a churn of 20,000 a second does not run
 * out of ports that wait in TIME_WAIT. Connecting blocks; on the loopback that is no wait while the backlog has room. */
static void dial(Line *line, int type) {
    static unsigned turn;
    int on = 1;
    struct sockaddr_in source = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + turn++ % 250)};
    struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    line->fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
    if (line->fd < 0) fail("socket: %s", strerror(errno));
    setsockopt(line->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    if (bind(line->fd, (struct sockaddr *)&source, sizeof source) < 0) fail("bind: %s", strerror(errno));
    if (connect(line->fd, (struct sockaddr *)&server, sizeof server) < 0) fail("connect to port %d: %s", port, strerror(errno));
    if (type == SOCK_STREAM) setsockopt(line->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    watch(line, EPOLL_CTL_ADD, EPOLLIN);
}

/* Send what is left of the message; ask for EPOLLOUT only as long as the kernel did not take all of it. */
static void push(Line *line) {
    size_t before = line->sent;
    ssize_t n = send(line->fd, line->message + before, size - before, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN) fail("send after %llu operations: %s", (unsigned long long)operations, strerror(errno));
    if (n > 0) line->sent += (size_t)n;
    if (line->sent < size)
        watch(line, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
    else if (before > 0)
        watch(line, EPOLL_CTL_MOD, EPOLLIN);
}

static void begin(Line *line) {
    line->sent = line->received = 0;
    push(line);
}

/* Take what came of the message; true when its echo is complete. */
static int pull(Line *line) {
    size_t at = line->received % size;
    ssize_t n = recv(line->fd, incoming, size - at, MSG_DONTWAIT);
    if (n < 0 && errno == EAGAIN) return 0;
    if (n < 0) fail("recv after %llu operations: %s", (unsigned long long)operations, strerror(errno));
    if (n == 0) fail("the server hung up after %llu operations", (unsigned long long)operations);
    if (memcmp(incoming, line->message + at, (size_t)n)) fail("the echo differs from what was sent");
    line->received += (size_t)n;
    return line->received % size == 0;
}

static void finishPing(Line *line) {
    begin(line);
}

static void finishChurn(Line *line) {
    close(line->fd);
    dial(line, SOCK_STREAM);
    begin(line);
}

static void finishIdle(Line *line) {
    (void)line;
}

/* Serve events until the deadline, or until `enough` operations are done. */
static void stream(double deadline, uint64_t enough, void (*finish)(Line *)) {
    struct epoll_event events[BATCH];
    for (double t = now(); t < deadline && operations < enough; t = now()) {
        int ready = epoll_wait(epoll, events, BATCH, (int)((deadline - t) * 1000) + 1);
        for (int i = 0; i < ready; i++) {
            Line *line = events[i].data.ptr;
            if (events[i].events & EPOLLOUT) push(line);
            if (events[i].events & ~(uint32_t)EPOLLOUT && pull(line)) {
                operations++;
                finish(line);
            }
        }
    }
}

/* Send messages until eight are on their way or the kernel takes no more. */
static void flood(Line *line) {
    int blocked = 0;
    while (!blocked && line->sent - line->received < AHEAD * size) {
        size_t at = line->sent % size;
        ssize_t n = send(line->fd, line->message + at, size - at, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0 && errno != EAGAIN) fail("send after %llu operations: %s", (unsigned long long)operations, strerror(errno));
        if (n > 0) line->sent += (size_t)n;
        blocked = n < (ssize_t)(size - at);
    }
    if (blocked != line->blocked) watch(line, EPOLL_CTL_MOD, blocked ? EPOLLIN | EPOLLOUT : EPOLLIN);
    line->blocked = blocked;
}

static void bulk(double deadline) {
    struct epoll_event events[BATCH];
    for (int i = 0; i < count; i++) flood(&lines[i]);
    for (double t = now(); t < deadline; t = now()) {
        int ready = epoll_wait(epoll, events, BATCH, (int)((deadline - t) * 1000) + 1);
        for (int i = 0; i < ready; i++) {
            Line *line = events[i].data.ptr;
            if (events[i].events & ~(uint32_t)EPOLLOUT) operations += (uint64_t)pull(line);
            flood(line);
        }
    }
}

static void shoot(Line *line, double t) {
    char datagram[size];
    memcpy(datagram, line->message, size);
    memcpy(datagram, &line->serial, sizeof line->serial);
    line->sentAt = t;
    if (send(line->fd, datagram, size, 0) < 0 && errno != EAGAIN) fail("send: %s", strerror(errno));
}

/* A datagram came back: the one that is awaited (true), or the late echo of one that was already sent again. */
static int caught(Line *line) {
    uint64_t serial;
    ssize_t n = recv(line->fd, incoming, size, MSG_DONTWAIT);
    if (n < 0 && errno == EAGAIN) return 0;
    if (n < 0) fail("recv after %llu operations: %s", (unsigned long long)operations, strerror(errno));
    memcpy(&serial, incoming, sizeof serial);
    if ((size_t)n != size || memcmp(incoming + sizeof serial, line->message + sizeof serial, size - sizeof serial))
        fail("the echo differs from what was sent");
    return serial == line->serial;
}

static void datagrams(double deadline) {
    struct epoll_event events[BATCH];
    double t = now(), nextSweep = t + RESEND_MS / 1e3;
    for (int i = 0; i < count; i++) shoot(&lines[i], t);
    for (; t < deadline; t = now()) {
        int ready = epoll_wait(epoll, events, BATCH, RESEND_MS);
        for (int i = 0; i < ready; i++) {
            Line *line = events[i].data.ptr;
            if (!caught(line)) continue;
            operations++;
            line->serial++;
            shoot(line, t);
        }
        if (t < nextSweep) continue;
        nextSweep = t + RESEND_MS / 1e3;
        for (int i = 0; i < count; i++)
            if (t - lines[i].sentAt > RESEND_MS / 1e3) {
                lost++;
                shoot(&lines[i], t);
            }
    }
}

static void report(double seconds) {
    printf("{\"operations\": %llu, \"bytes\": %llu, \"lost\": %llu, \"seconds\": %.6f}\n", (unsigned long long)operations,
           (unsigned long long)(operations * size), (unsigned long long)lost, seconds);
    fflush(stdout);
}

int main(int argc, char **argv) {
    const char *mode = argc > 1 ? argv[1] : "";
    int idle = !strcmp(mode, "idle"), udp = !strcmp(mode, "udp"), churn = !strcmp(mode, "churn"),
        streams = !strcmp(mode, "bulk");
    if (argc != (idle ? 5 : 6) || !(idle || udp || churn || streams || !strcmp(mode, "ping")))
        fail("usage: load ping|churn|bulk|udp PORT CONNECTIONS SIZE SECONDS, or load idle PORT CONNECTIONS SIZE");
    port = atoi(argv[2]), count = atoi(argv[3]), size = (size_t)atol(argv[4]);
    if (count < 1 || size < 16) fail("at least 1 connection and 16 bytes, not %d and %zu", count, size);

    lines = calloc((size_t)count, sizeof *lines);
    incoming = malloc(size);
    pattern = malloc(size + STRIDE * 251);
    uint32_t seed = 2463534242; /* xorshift, so that no two places look alike */
    for (size_t i = 0; i < size + STRIDE * 251; i++) {
        seed ^= seed << 13, seed ^= seed >> 17, seed ^= seed << 5;
        pattern[i] = (char)(seed >> 8);
    }

    epoll = epoll_create1(EPOLL_CLOEXEC);
    for (int i = 0; i < count; i++) lines[i].message = pattern + STRIDE * (i % 251);
    if (!idle)
        for (int i = 0; i < count; i++) dial(&lines[i], udp ? SOCK_DGRAM : SOCK_STREAM);

    double start = now();
    if (idle) {
        /* A hundred at a time: the backlog never overflows, however slow the server. */
        for (int i = 0; i < count; i++) {
            dial(&lines[i], SOCK_STREAM);
            begin(&lines[i]);
            if (i % 100 == 99 || i == count - 1) stream(now() + PATIENCE_MS / 1e3, (uint64_t)i + 1, finishIdle);
            if ((i % 100 == 99 || i == count - 1) && operations <= (uint64_t)i)
                fail("%llu of %d connections were answered within %d s", (unsigned long long)operations, count, PATIENCE_MS / 1000);
        }
        puts("ready");
        fflush(stdout);
        while (getchar() != EOF) {}
    } else if (udp) {
        datagrams(start + atof(argv[5]));
    } else if (streams) {
        bulk(start + atof(argv[5]));
    } else {
        for (int i = 0; i < count; i++) begin(&lines[i]);
        stream(start + atof(argv[5]), UINT64_MAX, churn ? finishChurn : finishPing);
    }
    report(now() - start);
    return 0;
}

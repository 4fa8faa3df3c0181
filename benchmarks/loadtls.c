/* The load generator for TLS: as `load.c`, for an echo server on the loopback that speaks TLS.
 *
 *     loadtls ping      PORT CONNECTIONS SIZE SECONDS   each connection sends a message and waits for its echo, again and again
 *     loadtls bulk      PORT CONNECTIONS SIZE SECONDS   each sends messages without waiting, up to 8 ahead of the echo
 *     loadtls handshake PORT CONNECTIONS SIZE SECONDS   connect, full handshake, one message, its echo, close; so many at a time
 *     loadtls idle      PORT CONNECTIONS SIZE           opens them (one echo each), says "ready", holds them until stdin ends
 *
 * Every byte that comes back is checked, the certificate is not: it is one for a day. Sessions are never resumed. Prints
 * one line of JSON. Ends with status 1 and a sentence when the server hangs up or sends back something else.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 256, PATIENCE_MS = 20000, AHEAD = 8, STRIDE = 61 };

typedef enum { PING, BULK, HANDSHAKE, IDLE } Mode;
static const char *const MODES[] = {"ping", "bulk", "handshake", "idle"};

/* One connection, and how far its stream of messages has come. */
typedef struct {
    int fd;
    SSL *ssl;
    uint32_t events;       /* what epoll watches for */
    size_t sent, received; /* bytes of the stream */
    const char *message;   /* a window into `pattern`, another one for each connection: a crossed echo is noticed */
} Line;

static Mode mode;
static int epoll, port, count;
static size_t size;
static char *pattern, *incoming;
static Line *lines;
static SSL_CTX *context;
static uint64_t operations;

static void fail(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fputs("loadtls: ", stderr);
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
    line->events = events;
    if (epoll_ctl(epoll, operation, line->fd, &event) < 0) fail("epoll_ctl: %s", strerror(errno));
}

/* A connected socket with an SSL on it that has said nothing yet. Source addresses take turns, as in `load.c`. */
static void dial(Line *line) {
    static unsigned turn;
    int on = 1;
    struct sockaddr_in source = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + turn++ % 250)};
    struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    line->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (line->fd < 0) fail("socket: %s", strerror(errno));
    setsockopt(line->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    if (bind(line->fd, (struct sockaddr *)&source, sizeof source) < 0) fail("bind: %s", strerror(errno));
    if (connect(line->fd, (struct sockaddr *)&server, sizeof server) < 0) fail("connect to port %d: %s", port, strerror(errno));
    setsockopt(line->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    int flags = SOCK_NONBLOCK;
    if (ioctl(line->fd, FIONBIO, &flags) < 0) fail("ioctl: %s", strerror(errno));
    line->sent = line->received = 0;
    line->ssl = SSL_new(context);
    if (!line->ssl || !SSL_set_fd(line->ssl, line->fd)) fail("no memory for another SSL");
    SSL_set_connect_state(line->ssl);
    watch(line, EPOLL_CTL_ADD, EPOLLIN);
}

static void hangUp(Line *line) {
    SSL_shutdown(line->ssl);
    SSL_free(line->ssl);
    close(line->fd);
}

/* True when an SSL call that did nothing only has to wait; sets what for. */
static int mustWait(Line *line, int result, uint32_t *events) {
    int error = SSL_get_error(line->ssl, result);
    if (error == SSL_ERROR_WANT_WRITE) *events |= EPOLLOUT;
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return 1;
    if (error == SSL_ERROR_ZERO_RETURN || (error == SSL_ERROR_SYSCALL && !ERR_peek_error()))
        fail("the server hung up after %llu operations", (unsigned long long)operations);
    fail("TLS failed after %llu operations: %s", (unsigned long long)operations, ERR_error_string(ERR_get_error(), NULL));
    return 0;
}

/* How far the stream may be sent by now. */
static size_t goal(const Line *line) {
    if (mode == BULK) return line->received + AHEAD * size;
    if (mode == IDLE) return size;
    return (line->received / size + 1) * size;
}

/* Send and take what can be sent and taken, until there is nothing left to do but to wait. */
static void drive(Line *line) {
    uint32_t events = EPOLLIN;
    for (;;) {
        while (!(events & EPOLLOUT) && line->sent < goal(line)) {
            size_t at = line->sent % size;
            int n = SSL_write(line->ssl, line->message + at, (int)(size - at));
            if (n > 0)
                line->sent += (size_t)n;
            else if (mustWait(line, n, &events))
                break;
        }
        size_t at = line->received % size;
        int n = SSL_read(line->ssl, incoming, (int)(size - at));
        if (n <= 0 && mustWait(line, n, &events)) break;
        if (memcmp(incoming, line->message + at, (size_t)n)) fail("the echo differs from what was sent");
        line->received += (size_t)n;
        if (line->received % size) continue;
        operations++;
        if (mode == HANDSHAKE) {
            hangUp(line);
            dial(line);
            events = EPOLLIN;
        }
    }
    if (events != line->events) watch(line, EPOLL_CTL_MOD, events);
}

/* Serve events until the deadline, or until `enough` operations are done. */
static void serve(double deadline, uint64_t enough) {
    struct epoll_event events[BATCH];
    for (double t = now(); t < deadline && operations < enough; t = now()) {
        int ready = epoll_wait(epoll, events, BATCH, (int)((deadline - t) * 1000) + 1);
        for (int i = 0; i < ready; i++) drive(events[i].data.ptr);
    }
}

/* Open them a hundred at a time: the backlog never overflows, however slow the server. */
static void openIdle(void) {
    for (int i = 0; i < count; i++) {
        dial(&lines[i]);
        drive(&lines[i]);
        if (i % 100 != 99 && i != count - 1) continue;
        serve(now() + PATIENCE_MS / 1e3, (uint64_t)i + 1);
        if (operations <= (uint64_t)i)
            fail("%llu of %d connections were answered within %d s", (unsigned long long)operations, count, PATIENCE_MS / 1000);
    }
    puts("ready");
    fflush(stdout);
    while (getchar() != EOF) {}
}

int main(int argc, char **argv) {
    for (mode = PING; mode <= IDLE && (argc < 2 || strcmp(argv[1], MODES[mode])); mode++) {}
    if (mode > IDLE || argc != (mode == IDLE ? 5 : 6))
        fail("usage: loadtls ping|bulk|handshake PORT CONNECTIONS SIZE SECONDS, or loadtls idle PORT CONNECTIONS SIZE");
    port = atoi(argv[2]), count = atoi(argv[3]), size = (size_t)atol(argv[4]);
    if (count < 1 || size < 16) fail("at least 1 connection and 16 bytes, not %d and %zu", count, size);

    context = SSL_CTX_new(TLS_client_method());
    if (!context) fail("OpenSSL does not start");
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_read_ahead(context, mode == PING || mode == BULK);

    lines = calloc((size_t)count, sizeof *lines);
    incoming = malloc(size);
    pattern = malloc(size + STRIDE * 251);
    uint32_t seed = 2463534242; /* xorshift, so that no two places look alike */
    for (size_t i = 0; i < size + STRIDE * 251; i++) {
        seed ^= seed << 13, seed ^= seed >> 17, seed ^= seed << 5;
        pattern[i] = (char)(seed >> 8);
    }
    for (int i = 0; i < count; i++) lines[i].message = pattern + STRIDE * (i % 251);

    epoll = epoll_create1(EPOLL_CLOEXEC);
    double start = now();
    if (mode == IDLE) {
        openIdle();
    } else {
        for (int i = 0; i < count; i++) dial(&lines[i]), drive(&lines[i]);
        serve(start + atof(argv[5]), UINT64_MAX);
    }
    printf("{\"operations\": %llu, \"bytes\": %llu, \"lost\": 0, \"seconds\": %.6f}\n", (unsigned long long)operations,
           (unsigned long long)(operations * size), now() - start);
    return 0;
}

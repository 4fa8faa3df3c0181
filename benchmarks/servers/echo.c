/* The limit: an echo server with nothing between it and the kernel.
 *
 *     echo tcp|udp
 *
 * Binds a free port of the loopback, prints its number, serves until killed. One epoll, one buffer. A connection whose
 * peer does not read is not read from either until its bytes are out. ("chatty" is served by the same program: one send
 * is what eight small writes have to become.)
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BATCH = 256, CHUNK = 1 << 18 };

/* A connection; `rest` are the bytes that the kernel did not take yet. */
typedef struct {
    int fd;
    char *rest;
    size_t length;
} Peer;

static int epoll;
static char buffer[CHUNK];

static void die(const char *what) {
    perror(what);
    exit(1);
}

static void watch(Peer *peer, int operation, uint32_t events) {
    struct epoll_event event = {.events = events, .data.ptr = peer};
    if (epoll_ctl(epoll, operation, peer->fd, &event) < 0) die("epoll_ctl");
}

static void hangUp(Peer *peer) {
    close(peer->fd);
    free(peer->rest);
    free(peer);
}

/* Accept until the backlog is empty. */
static void welcome(int listener) {
    int fd, on = 1;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        Peer *peer = calloc(1, sizeof *peer);
        peer->fd = fd;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        watch(peer, EPOLL_CTL_ADD, EPOLLIN);
    }
}

/* Keep what a short send left over, and stop reading until it is out. */
static void keep(Peer *peer, const char *rest, size_t length) {
    char *copy = malloc(length);
    memcpy(copy, rest, length);
    free(peer->rest);
    peer->rest = copy;
    peer->length = length;
    watch(peer, EPOLL_CTL_MOD, EPOLLOUT);
}

static void echo(Peer *peer) {
    ssize_t n = recv(peer->fd, buffer, CHUNK, 0);
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) return hangUp(peer);
    ssize_t sent = send(peer->fd, buffer, (size_t)n, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) return hangUp(peer);
    if (sent < 0) sent = 0;
    if (sent < n) keep(peer, buffer + sent, (size_t)(n - sent));
}

static void drain(Peer *peer) {
    ssize_t sent = send(peer->fd, peer->rest, peer->length, MSG_NOSIGNAL);
    if (sent < 0 && errno == EAGAIN) return;
    if (sent < 0) return hangUp(peer);
    if ((size_t)sent < peer->length) return keep(peer, peer->rest + sent, peer->length - (size_t)sent);
    free(peer->rest);
    peer->rest = NULL;
    watch(peer, EPOLL_CTL_MOD, EPOLLIN);
}

static void bounce(int fd) {
    struct sockaddr_in from;
    socklen_t length = sizeof from;
    ssize_t n;
    while ((n = recvfrom(fd, buffer, CHUNK, MSG_DONTWAIT, (struct sockaddr *)&from, &length)) >= 0) {
        sendto(fd, buffer, (size_t)n, MSG_DONTWAIT, (struct sockaddr *)&from, length);
        length = sizeof from;
    }
}

int main(int argc, char **argv) {
    int udp = argc > 1 && !strcmp(argv[1], "udp");
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof here;
    Peer listener = {.fd = socket(AF_INET, (udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    if (listener.fd < 0 || bind(listener.fd, (struct sockaddr *)&here, length) < 0) die("bind");
    if (!udp && listen(listener.fd, 1024) < 0) die("listen");
    getsockname(listener.fd, (struct sockaddr *)&here, &length);
    printf("%d\n", ntohs(here.sin_port));
    fflush(stdout);

    epoll = epoll_create1(EPOLL_CLOEXEC);
    watch(&listener, EPOLL_CTL_ADD, EPOLLIN);
    for (;;) {
        struct epoll_event events[BATCH];
        int ready = epoll_wait(epoll, events, BATCH, -1);
        for (int i = 0; i < ready; i++) {
            Peer *peer = events[i].data.ptr;
            if (peer == &listener)
                udp ? bounce(listener.fd) : welcome(listener.fd);
            else if (peer->rest)
                drain(peer);
            else
                echo(peer);
        }
    }
}

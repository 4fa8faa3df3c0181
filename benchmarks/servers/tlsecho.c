/* The limit with TLS: an echo server with nothing but OpenSSL between it and the kernel.
 *
 *     tlsecho PEM        a file with the key and the certificate
 *
 * Binds a free port of the loopback, prints its number, serves until killed. One epoll. A connection whose peer does not
 * read is not read from either until its bytes are out.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BATCH = 256, CHUNK = 16384 };

/* A connection; `rest` are bytes that OpenSSL could not write yet, and has to be given again. */
typedef struct {
    int fd;
    SSL *ssl;
    uint32_t events;
    char *rest;
    int length;
} Peer;

static int epoll;
static SSL_CTX *context;
static char buffer[CHUNK];

static void die(const char *what) {
    perror(what);
    ERR_print_errors_fp(stderr);
    exit(1);
}

static void watch(Peer *peer, int operation, uint32_t events) {
    struct epoll_event event = {.events = events, .data.ptr = peer};
    peer->events = events;
    if (epoll_ctl(epoll, operation, peer->fd, &event) < 0) die("epoll_ctl");
}

static void hangUp(Peer *peer) {
    SSL_shutdown(peer->ssl);
    SSL_free(peer->ssl);
    close(peer->fd);
    free(peer->rest);
    free(peer);
}

static void welcome(int listener) {
    int fd, on = 1;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        Peer *peer = calloc(1, sizeof *peer);
        peer->fd = fd;
        peer->ssl = SSL_new(context);
        SSL_set_fd(peer->ssl, fd);
        SSL_set_accept_state(peer->ssl);
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        watch(peer, EPOLL_CTL_ADD, EPOLLIN);
    }
}

/* What to wait for after a call that did nothing; 0 when the connection is over. */
static uint32_t waitFor(Peer *peer, int result) {
    switch (SSL_get_error(peer->ssl, result)) {
    case SSL_ERROR_WANT_READ: return EPOLLIN;
    case SSL_ERROR_WANT_WRITE: return EPOLLOUT;
    default: ERR_clear_error(); return 0;
    }
}

/* Keep what OpenSSL could not write. */
static void keep(Peer *peer, const char *data, int length) {
    char *copy = malloc((size_t)length);
    memcpy(copy, data, (size_t)length);
    free(peer->rest);
    peer->rest = copy;
    peer->length = length;
}

/* Read and send back, until there is nothing to do but to wait. */
static void serve(Peer *peer) {
    uint32_t events = 0;
    while (!events) {
        int n;
        if (peer->rest) {
            n = SSL_write(peer->ssl, peer->rest, peer->length);
            if (n > 0) {
                free(peer->rest);
                peer->rest = NULL;
                continue;
            }
        } else {
            n = SSL_read(peer->ssl, buffer, CHUNK);
            if (n > 0) {
                int sent = SSL_write(peer->ssl, buffer, n);
                if (sent > 0) continue;
                keep(peer, buffer, n);
                n = sent;
            }
        }
        events = waitFor(peer, n);
        if (!events) return hangUp(peer);
    }
    if (events != peer->events) watch(peer, EPOLL_CTL_MOD, events);
}

int main(int argc, char **argv) {
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof here;
    signal(SIGPIPE, SIG_IGN); /* a farewell may come too late */
    context = SSL_CTX_new(TLS_server_method());
    if (argc != 2 || SSL_CTX_use_certificate_chain_file(context, argv[1]) != 1 ||
        SSL_CTX_use_PrivateKey_file(context, argv[1], SSL_FILETYPE_PEM) != 1)
        die("tlsecho needs a PEM file with a key and a certificate");
    SSL_CTX_set_mode(context, SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_read_ahead(context, 1);
    Peer listener = {.fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    if (listener.fd < 0 || bind(listener.fd, (struct sockaddr *)&here, length) < 0) die("bind");
    if (listen(listener.fd, 1024) < 0) die("listen");
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
                welcome(listener.fd);
            else
                serve(peer);
        }
    }
}

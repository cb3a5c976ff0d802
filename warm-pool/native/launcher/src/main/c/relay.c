#define _GNU_SOURCE
#include "relay.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernel.h"

enum { FINISH_MS = 2000 };

bool relay_open(struct relay *relay) {
    int pipe[2], pair[2];
    relay->program = relay->from = relay->to = relay->launcher = -1;
    relay->at = relay->length = 0;
    if (pipe2(pipe, O_CLOEXEC) != 0) return false;
    relay->from = pipe[0];
    relay->program = pipe[1];
    /* A program may open its output again (/dev/stdout), whoever it is. */
    if (fcntl(relay->from, F_SETFL, O_NONBLOCK) != 0 || fchmod(relay->program, 0622) != 0) return false;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) != 0) return false;
    relay->to = pair[0];
    relay->launcher = pair[1];
    return true;
}

void relay_close(struct relay *relay) {
    close_fd(&relay->program);
    close_fd(&relay->from);
    close_fd(&relay->to);
    close_fd(&relay->launcher);
}

static bool send_some(struct relay *relay) {
    ssize_t sent = send(relay->to, relay->bytes + relay->at, relay->length - relay->at, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) sent = relay->length - relay->at; /* Nobody takes it any more. */
    if (sent > 0) relay->at += sent;
    if (relay->at == relay->length) relay->at = relay->length = 0;
    return relay->length == 0;
}

void relay_pump(struct relay *relay) {
    while (relay->length == 0 || send_some(relay)) {
        if (relay->from < 0) return;
        ssize_t got = read(relay->from, relay->bytes, sizeof relay->bytes);
        if (got > 0) {
            relay->length = got;
            continue;
        }
        if (got == 0 || (errno != EAGAIN && errno != EINTR)) close_fd(&relay->from);
        return;
    }
}

bool relay_finished(const struct relay *relay) { return relay->from < 0 && relay->length == 0; }

struct pollfd relay_wants(const struct relay *relay) {
    if (relay->length > 0) return (struct pollfd){relay->to, POLLOUT, 0};
    return (struct pollfd){relay->from, POLLIN, 0}; /* A negative one is passed over. */
}

void relay_finish(struct relay *relay) {
    relay_pump(relay);
    while (relay->length > 0) {
        struct pollfd room = relay_wants(relay);
        if (poll(&room, 1, FINISH_MS) <= 0) break;
        relay_pump(relay);
    }
    relay_close(relay);
}

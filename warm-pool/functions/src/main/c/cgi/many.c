/* Serves for ever: a process for each connection, so that what one of them does to itself is its own affair. */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "serve.h"
#include "signals.h"

enum { PAUSE_MS = 50 };

static pid_t serving[CONNECTIONS_MAX];
static int count;

/* Requests on one connection until either side has enough. */
static void converse(struct connection *connection, const struct function *function) {
    static struct head head;
    struct refusal why;
    for (;;) {
        switch (connection_head(connection, &head, &why)) {
        case HEAD_PARTIAL:
            connection_patience(connection, connection->at < connection->end ? HEAD_SECONDS : 0);
            if (connection_fill(connection) <= 0) return;
            break;
        case HEAD_REFUSED:
            connection_say(connection, why.status, why.detail, true, false);
            return;
        case HEAD_WHOLE:
            if (!serve_request(connection, &head, function, head.close)) return;
        }
    }
}

static _Noreturn void serve_connection(int fd, const struct function *function, pid_t parent) {
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent) _exit(0);
    struct connection *connection = connection_new(fd);
    if (connection) {
        converse(connection, function);
        connection_end(connection);
    }
    _exit(0);
}

/* As the first process of a sandbox this one is also given whatever programs have left behind. */
static void see_off(void) {
    for (pid_t pid; (pid = waitpid(-1, NULL, WNOHANG)) > 0;)
        for (int i = 0; i < count; i++)
            if (serving[i] == pid) {
                serving[i] = serving[--count];
                break;
            }
}

void serve_many(int listener, const struct function *function) {
    pid_t self = getpid();
    for (;;) {
        struct pollfd door = {listener, POLLIN, 0};
        see_off();
        if (ppoll(&door, 1, NULL, signals_while_waiting()) <= 0) continue;
        int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0) { /* Out of descriptors, or the other side has left: neither lasts. */
            dprintf(2, "accept: %m\n");
            nanosleep(&(struct timespec){0, PAUSE_MS * 1000000L}, NULL);
            continue;
        }
        see_off();
        pid_t pid = count < CONNECTIONS_MAX ? fork() : -1;
        if (pid == 0) {
            close(listener);
            serve_connection(fd, function, self);
        }
        if (pid < 0) {
            connection_turn_away(fd, "This instance has as many connections as it can.");
        } else {
            serving[count++] = pid;
            close(fd);
        }
    }
}

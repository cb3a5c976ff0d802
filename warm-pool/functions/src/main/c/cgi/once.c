/* Answers one request and ends. Questions for readiness before it do not count. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "serve.h"

enum { TICK_MS = 1000, PAUSE_MS = 50 };

static const char HAD_IT[] = "This instance answers one request and has had it.";

static struct connection *waiting[WAITING_MAX];
static time_t until[WAITING_MAX]; /* when its head has to be here; 0: nothing of it has come */
static int count;
static struct head head;

static time_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec;
}

static void let_in(int listener) {
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    struct connection *connection = fd >= 0 && count < WAITING_MAX ? connection_new(fd) : NULL;
    if (connection) {
        connection_patience(connection, HEAD_SECONDS);
        waiting[count] = connection;
        until[count++] = 0;
    } else if (fd >= 0) {
        close(fd);
    } else {
        dprintf(2, "accept: %m\n");
        nanosleep(&(struct timespec){0, PAUSE_MS * 1000000L}, NULL);
    }
}

static void forget(int at) {
    waiting[at] = waiting[--count];
    until[at] = until[count];
}

enum advance { NOT_YET, THE_ONE, OVER };

/* Reads on, and answers questions for readiness. */
static enum advance advance(struct connection *connection, const struct function *function) {
    struct refusal why;
    if (connection_fill(connection) <= 0) return OVER;
    for (;;) {
        switch (connection_head(connection, &head, &why)) {
        case HEAD_PARTIAL: return NOT_YET;
        case HEAD_REFUSED: connection_say(connection, why.status, why.detail, true, false); return OVER;
        case HEAD_WHOLE:
            if (!head_asks_for_readiness(&head)) return THE_ONE;
            if (!serve_request(connection, &head, function, head.close)) return OVER;
        }
    }
}

static void end_those_that_are_late(void) {
    for (int i = count - 1; i >= 0; i--)
        if (until[i] && now() > until[i]) {
            connection_say(waiting[i], 408, "head: not here in time", true, false);
            connection_end(waiting[i]);
            forget(i);
        }
}

/* The connection whose request is the one. */
static struct connection *first(int listener, const struct function *function) {
    for (;;) {
        struct pollfd polled[1 + WAITING_MAX] = {{listener, POLLIN, 0}};
        for (int i = 0; i < count; i++) polled[1 + i] = (struct pollfd){waiting[i]->fd, POLLIN, 0};
        int before = count;
        if (poll(polled, 1 + count, count ? TICK_MS : -1) < 0) continue;
        for (int i = before - 1; i >= 0; i--) { /* From the end: forgetting moves the last one. */
            if (!polled[1 + i].revents) continue;
            struct connection *connection = waiting[i];
            enum advance advanced = advance(connection, function);
            if (advanced == NOT_YET) {
                if (!until[i]) until[i] = now() + HEAD_SECONDS;
                continue;
            }
            forget(i);
            if (advanced == THE_ONE) return connection;
            connection_end(connection);
        }
        if (polled[0].revents) let_in(listener);
        end_those_that_are_late();
    }
}

/* Lets nobody in any more: whoever connects is refused before a byte is sent, whoever waits already is told. */
static void close_door(int listener) {
    shutdown(listener, SHUT_RDWR);
    fcntl(listener, F_SETFL, O_NONBLOCK);
    for (int fd; (fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC)) >= 0;) connection_turn_away(fd, HAD_IT);
    close(listener);
    while (count > 0) connection_turn_away(waiting[--count]->fd, HAD_IT);
}

void serve_once(int listener, const struct function *function) {
    struct connection *connection = first(listener, function);
    close_door(listener);
    serve_request(connection, &head, function, true);
    connection_end(connection);
    _exit(0); /* What the program left running has ended with it. */
}

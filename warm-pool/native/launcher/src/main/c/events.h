/* What the launcher listens to, and what of it has something to say. Must not know what is then done about it. */
#ifndef MAYFLY_EVENTS_H
#define MAYFLY_EVENTS_H

#include <stdbool.h>
#include <stdint.h>

/* Who has something to say. */
enum source {
    FROM_LISTENER = 1, FROM_SERVER, FROM_NETWORKS, FROM_SIGNALS, FROM_SLOT, FROM_SHELL, FROM_OUTPUT, FROM_ERRORS, FROM_ZYGOTE,
};

struct event {
    enum source source;
    uint32_t number; /* of the slot or zygote */
    bool readable;   /* or at its end */
};

enum { EVENTS_MAX = 64 };

/* 0, or -1 with errno, as the next one. */
int events_open(void);
int events_watch(int fd, enum source, uint32_t number);
/* Of what is watched: whether it is an event that it can be written to. */
void events_watch_writes(int fd, enum source, bool wanted);
void events_unwatch(int fd);
/* Waits for events, at most EVENTS_MAX, no longer than so many ms (-1: for ever). Returns how many; 0 also if a signal came first. */
int events_wait(struct event *, int timeout_ms);

#endif

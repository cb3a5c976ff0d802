/* The tenant's program: one process group for each request. */
#ifndef MAYFLY_PROGRAM_H
#define MAYFLY_PROGRAM_H

#include <poll.h>
#include <stdbool.h>
#include <sys/types.h>

#include "refusal.h"

struct program {
    pid_t pid; /* 0: none, or seen off */
    int output;
    bool ended;
    bool by_signal;
    int code; /* of its exit, or the signal */
};

/* Whether it is there and can be run; says why not. */
bool program_check(const char *path, char *why, size_t size);
/* Starts it with this standard input. */
bool program_start(struct program *, char *const argv[], char *const environment[], int input, struct refusal *);
/* Polls; also returns, with 0 or -1, when the program ends. Waits no longer if it has ended. */
int program_poll(struct program *, struct pollfd *, nfds_t, int milliseconds);
/* Waits for its end, no longer than this. */
void program_await(struct program *, int milliseconds);
/* Ends it and all that it left running. */
void program_end(struct program *);
/* "exit code 3", "signal 11" */
void program_say_end(const struct program *, char *text, size_t size);

#endif

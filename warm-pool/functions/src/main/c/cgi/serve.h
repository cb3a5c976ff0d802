/* One request and its answer; and the two ways to serve: many connections for long, or one request and the end. */
#ifndef MAYFLY_SERVE_H
#define MAYFLY_SERVE_H

#include "connection.h"

struct function {
    char **argv;
    char **environment;
};

/* Answers the request of this head. False if the connection cannot go on, as it must not if it is the last. */
bool serve_request(struct connection *, const struct head *, const struct function *, bool last);
_Noreturn void serve_many(int listener, const struct function *);
_Noreturn void serve_once(int listener, const struct function *);

#endif

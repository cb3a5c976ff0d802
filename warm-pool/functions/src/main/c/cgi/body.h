/* The body of a request: read whole before its program starts, as what is wrong with it shall not reach the program, and as
   CGI tells its length ahead. */
#ifndef MAYFLY_BODY_H
#define MAYFLY_BODY_H

#include "connection.h"

enum body_state { BODY_WHOLE, BODY_REFUSED, BODY_GONE };

/* Sets a descriptor to read it from, in memory of this sandbox, and its length. */
enum body_state body_take(struct connection *, const struct head *, int *fd, long long *length, struct refusal *);

#endif

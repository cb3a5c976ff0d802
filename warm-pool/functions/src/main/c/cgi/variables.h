/* The meta-variables of a request (RFC 3875, section 4.1) and the environment that its program gets. */
#ifndef MAYFLY_VARIABLES_H
#define MAYFLY_VARIABLES_H

#include "head.h"

struct variables {
    char **list; /* ends with NULL */
    unsigned count, room;
};

/* Those of the request, then what is in this environment and is neither one of them nor meant for this program. */
bool variables_make(struct variables *, const struct head *, long long body_bytes, char *const *environment, struct refusal *);
void variables_free(struct variables *);

#endif

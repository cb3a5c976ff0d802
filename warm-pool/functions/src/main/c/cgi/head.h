/* The head of a request: HTTP/1.1 (RFC 9112), as much of it as stands between the gateway and one program. */
#ifndef MAYFLY_HEAD_H
#define MAYFLY_HEAD_H

#include <stdbool.h>
#include <stddef.h>

#include "bounds.h"
#include "refusal.h"

enum { CHUNKED = -1 };

struct field {
    char *name; /* in lower case */
    char *value;
};

struct head {
    char *method, *target;
    bool old;   /* HTTP/1.0 */
    bool close; /* the connection ends after the answer */
    bool waits; /* for 100 Continue */
    long long length; /* of the body, or CHUNKED */
    unsigned fields;
    struct field field[FIELDS_MAX];
    char text[HEAD_BYTES_MAX + 1];
};

enum head_state { HEAD_WHOLE, HEAD_PARTIAL, HEAD_REFUSED };

/* Looks for a whole head at the start of these bytes. Sets how many it has, with the empty line that ends it. */
enum head_state head_find(const char *bytes, size_t length, size_t *taken, struct refusal *);
/* Reads the bytes that were found. */
bool head_parse(struct head *, const char *bytes, size_t length, struct refusal *);
/* The value of the first field of this name, or NULL. */
const char *head_value(const struct head *, const char *name);
bool head_asks_for_readiness(const struct head *);

#endif

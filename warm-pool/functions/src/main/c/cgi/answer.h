/* What a program says before its answer's body (RFC 3875, section 6). */
#ifndef MAYFLY_ANSWER_H
#define MAYFLY_ANSWER_H

#include <stdbool.h>
#include <stddef.h>

#include "bounds.h"

enum { LENGTH_UNKNOWN = -1, REASON_BYTES_MAX = 100 };

struct answer {
    int status;
    char reason[REASON_BYTES_MAX + 1];
    long long length; /* as the program says, or LENGTH_UNKNOWN */
    size_t field_bytes;
    char fields[ANSWER_HEAD_BYTES_MAX + 4 * FIELDS_MAX]; /* as they are sent, each with its line's end */
};

/* How many bytes the head at the start of these has, with the empty line that ends it; 0 if it is not whole. */
size_t answer_find(const char *bytes, size_t length);
/* Reads the head that was found; if it is none says why. */
bool answer_parse(struct answer *, const char *bytes, size_t length, char *why, size_t size);

#endif

/* What this program holds at most. The other shims have the same where they have one. */
#ifndef MAYFLY_BOUNDS_H
#define MAYFLY_BOUNDS_H

enum {
    HEAD_BYTES_MAX = 64 * 1024, /* of a request; less than what exec takes as one variable */
    FIELDS_MAX = 256,           /* of a request, of its trailer, of an answer */
    BODY_BYTES_MAX = 32 * 1024 * 1024,
    CHUNK_LINE_BYTES_MAX = 4 * 1024,
    ANSWER_HEAD_BYTES_MAX = 64 * 1024,
    READ_BYTES = 64 * 1024,
    CONNECTIONS_MAX = 200, /* at once; each is two processes, and a sandbox has 512 unless it says otherwise */
    WAITING_MAX = 64,      /* connections without a request yet, where one request is answered */
    HEAD_SECONDS = 30,
    BODY_SECONDS = 90, /* between two pieces. The gateway's own timer is shorter and words it better. */
    FAREWELL_MS = 1000, /* from the end of an answer to the end of its program */
};

#endif

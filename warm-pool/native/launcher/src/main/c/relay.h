/* What a sandbox prints, on its way through its slot. A read of a pipe waits for whoever is splicing into it, however it was
   opened: a program could stop whoever reads its output. So each slot reads its own sandbox's pipes, and hands on what it
   reads by a socket, which nobody else holds. Must not know what the bytes are, nor how many the server takes (output.c). */
#ifndef MAYFLY_RELAY_H
#define MAYFLY_RELAY_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

enum { RELAY_BYTES = 32 * 1024 };

struct relay {
    int program;       /* the program's end of the pipe, until it is handed over */
    int from, to;      /* the pipe; the socket to the launcher */
    int launcher;      /* the launcher's end, until it is handed over; kept if a successor is to have it */
    uint32_t at, length;
    uint8_t bytes[RELAY_BYTES];
};

bool relay_open(struct relay *);
void relay_close(struct relay *);
/* Hands on what there is, as far as it goes without waiting. */
void relay_pump(struct relay *);
/* Whether the program has closed its end, and all of it was handed on. */
bool relay_finished(const struct relay *);
/* What it waits for. */
struct pollfd relay_wants(const struct relay *);
/* After the end: hands on the rest, as long as the launcher takes it. */
void relay_finish(struct relay *);

#endif

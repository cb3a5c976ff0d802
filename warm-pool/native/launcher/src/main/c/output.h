/* What sandboxes print, on its way to the server: bounded in bytes that the server has not taken, and in bytes a second. Must not
   know what becomes of a sandbox whose output has ended. */
#ifndef MAYFLY_OUTPUT_H
#define MAYFLY_OUTPUT_H

#include <stdbool.h>
#include <stdint.h>

#include "events.h"
#include "slots.h"

/* Of a sandbox that starts, or is taken over: listens to both streams. */
void output_begin(struct slot *);
/* One of its streams has something: FROM_OUTPUT or FROM_ERRORS. */
void output_hear(struct slot *, enum source);
/* To be called now and then: a stream that rests or waits goes on when it may. */
void output_resume(struct slot *);
/* Whether any stream of any sandbox rests or waits. */
bool output_waits(void);
/* The server has taken so many bytes. */
void output_taken(const char *id, uint32_t bytes);

/* After the end: nobody listens to it, or somebody again. */
void output_pause(struct slot *, bool paused);
/* Hands on all that has come. Whether a stream is still open. */
bool output_hand_on_rest(struct slot *);
void output_close(struct slot *);

#endif

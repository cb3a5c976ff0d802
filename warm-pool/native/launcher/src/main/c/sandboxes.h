/* All sandboxes together: whose turn an event is, what has to be looked at now and then, and the end of all. Must not know how
   any of it is done. */
#ifndef MAYFLY_SANDBOXES_H
#define MAYFLY_SANDBOXES_H

#include <stdbool.h>
#include <stdint.h>

#include "events.h"

/* A slot, its shell or its sandbox has something to say. */
void sandboxes_event(const struct event *);
/* Housekeeping; to be called about every 20 ms while there is something to wait for. */
void sandboxes_tick(void);
bool sandboxes_need_tick(void);

/* Whether something runs that a successor could take over. */
bool sandboxes_keep_any(void);
/* Tries again to free what was put into quarantine. Returns how many slots are still in it. */
uint32_t sandboxes_sweep(void);
/* Kills everything and waits until it is gone, at most half a second for each slot that does not go. */
void sandboxes_close(void);

#endif

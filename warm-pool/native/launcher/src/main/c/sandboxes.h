/* The life of sandboxes: slots made ahead, starts, output, ends, and the proof that nothing is left. */
#ifndef MAYFLY_SANDBOXES_H
#define MAYFLY_SANDBOXES_H

#include <stdbool.h>
#include <stdint.h>

#include "wire.h"

enum { SLOTS_MAX = 4096, ZYGOTES_MAX = 12 };

/* What an epoll event is about: the kind in the upper half, the slot in the lower. */
enum watch { W_ACCEPT = 1, W_SERVER, W_NETWORKS, W_SIGNAL, W_SLOT, W_SHELL, W_OUT, W_ERR, W_ZYGOTE };

/* `ready` shells are kept waiting. */
void sandboxes_open(int epoll, int ready);
void sandboxes_event(enum watch, uint32_t slot);
/* Housekeeping; to be called about every 50 ms while there is something to wait for. */
void sandboxes_tick(void);
bool sandboxes_need_tick(void);

/* Makes slots until enough shells wait. */
void sandboxes_refill(void);
/* The kind of shell that a start from this zygote gets: its own, or 0 if it has none and gets none soon. */
uint32_t sandboxes_kind(uint32_t zygote);
/* Whether a shell of the kind waits: then a start is answered at once. */
bool sandboxes_can_start(uint32_t kind);
/* Whether there will be one. */
bool sandboxes_may_grow(uint32_t kind);

/* When a shell of the kind waits. */
void sandboxes_create(uint32_t request, const struct create_request *, uint32_t kind);
void sandboxes_bind(uint32_t request, struct reader *);
void sandboxes_freeze(uint32_t request, const char *id, bool frozen);
void sandboxes_signal(uint32_t request, const char *id, int signal);
void sandboxes_destroy(uint32_t request, const char *id);
void sandboxes_stats(uint32_t request, const char *id);
/* Those that run, from a slot on. */
void sandboxes_list(uint32_t request, uint32_t from);
void sandboxes_taken(const char *id, uint32_t bytes);
/* Tries again to free what was put into quarantine. Returns how many slots are still in it. */
int sandboxes_sweep(void);

/* Whether something runs that a successor could take over. */
bool sandboxes_keep_any(void);
/* Whether the slot holds a sandbox of a predecessor. */
bool sandboxes_adopted(uint32_t slot);

/* Kills everything and waits until it is gone, at most five seconds. */
void sandboxes_close(void);

#endif

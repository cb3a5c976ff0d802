/* Shells made ahead: slots are forked, and asked for shells, until enough of each kind wait. Must not know what shells are then
   used for, nor how slots end. */
#ifndef MAYFLY_SUPPLY_H
#define MAYFLY_SUPPLY_H

#include <stdbool.h>
#include <stdint.h>

#include "slots.h"

/* So many shells of each kind are kept waiting. */
void supply_open(int ready);
/* From now on of this kind too: its zygote has started. */
void supply_begin(uint32_t kind);
/* No more of the kind: its zygote is gone. Shells of it that wait end; whatever runs of it is KIND_RETIRED from now on. */
void supply_end(uint32_t kind);
/* No more of any kind. */
void supply_close(void);
/* Makes slots until enough shells wait. */
void supply_refill(void);

/* The kind of shell that a start from this zygote gets: its own, or 0 if it has none and gets none soon. */
uint32_t supply_kind(uint32_t zygote);
/* Whether a shell of the kind waits: then a start is answered at once. */
bool supply_can_start(uint32_t kind);
/* Whether there will be one. */
bool supply_may_grow(uint32_t kind);

/* Whether shells of the kind are still made. */
bool supply_wants(uint32_t kind);
void supply_ask_for_shell(struct slot *);
/* It waits from now on; or ends, if nobody wants it any more. */
void supply_shell_waits(struct slot *);
/* The shell has nothing to wait for, and ends; its slot tells it. */
void supply_dismiss_shell(struct slot *);
/* Says so, and makes a pause: a machine that makes no slots is not asked again at once. */
void supply_failed(const struct slot *, const char *what, int error);

#endif

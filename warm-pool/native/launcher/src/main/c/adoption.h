/* Sandboxes that outlive their launcher, as the launcher sees it: it gives each slot what a successor will need; as a successor it
   makes its predecessor go and takes over what slots show. Must not know how a slot finds it (handover.c). */
#ifndef MAYFLY_ADOPTION_H
#define MAYFLY_ADOPTION_H

#include <stdbool.h>
#include <stdint.h>

#include "slots.h"

/* Gives the slot what a successor will need, now that its sandbox runs. The slot reads it only when we are gone. */
void adoption_entrust(struct slot *);
/* Makes a predecessor that still runs go: without its sandboxes if these are to be kept. */
void adoption_dismiss(const char *socket_path);
/* Takes over what slots show, as long as slots live that may. Returns how many sandboxes it took. */
int adoption_take(void);
/* Whether the slot holds a sandbox of a predecessor; before any of our own runs. */
bool adoption_holds(uint32_t slot);

#endif

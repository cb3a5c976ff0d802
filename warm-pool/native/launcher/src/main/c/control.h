/* What the server asks of sandboxes that run: freeze, thaw, signal, destroy, tell what they use. Each answers its request. Must not
   know how a sandbox starts, nor what becomes of one that was killed. */
#ifndef MAYFLY_CONTROL_H
#define MAYFLY_CONTROL_H

#include <stdbool.h>
#include <stdint.h>

void control_freeze(uint32_t request, const char *id, bool frozen);
void control_signal(uint32_t request, const char *id, int signal);
/* Answered once it is gone, and what of it is left. */
void control_destroy(uint32_t request, const char *id);
/* What one uses; with an empty id how many there are of all things. */
void control_stats(uint32_t request, const char *id);
/* Those that run, from a slot on. */
void control_list(uint32_t request, uint32_t from);

#endif

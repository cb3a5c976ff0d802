/* From the end of a sandbox to the proof that nothing is left of it, and to the end of a slot itself. Must not know why a sandbox
   ends, nor what its slot does afterwards. */
#ifndef MAYFLY_TEARDOWN_H
#define MAYFLY_TEARDOWN_H

#include <stdbool.h>

#include "slots.h"

/* Kills a running sandbox, frozen or not. */
void teardown_kill(struct slot *);
/* Whether any was killed and has not ended yet. */
bool teardown_waits_for_ends(void);
/* The shell or sandbox of the slot has ended with a wait status. */
void teardown_begin(struct slot *, int status);
/* To be called now and then, in any state: the next step of whatever has to go. */
void teardown_go_on(struct slot *);
/* One of the streams of a sandbox that has ended has something. */
void teardown_hear_output(struct slot *);

/* The network and the roots that it had go to the next, if nothing that had them is left. */
void teardown_release_network(struct slot *);
void teardown_return_roots(struct slot *);
/* Of a slot with no sandbox: ends it and forgets it. What does not go is put aside. */
void teardown_drop(struct slot *);
/* Ends the slot's process, if it has not ended by itself. */
void teardown_end_process(struct slot *);
/* Waits for the end of the slot's process, not for long. */
void teardown_see_off(struct slot *);

#endif

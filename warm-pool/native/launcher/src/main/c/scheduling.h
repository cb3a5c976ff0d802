/* How long a thread computes before the next one that waits. Must not know what it computes. */
#ifndef MAYFLY_SCHEDULING_H
#define MAYFLY_SCHEDULING_H

#include <sys/types.h>

/* Of this thread (0) or another one, and of all that it starts from now on. */
void scheduling_shorten_turns(pid_t thread);

/* Of the server's threads, as it answers requests. */
void scheduling_favour(pid_t server);

#endif

/* How long a thread computes before the next one that waits. */
#ifndef MAYFLY_TURNS_H
#define MAYFLY_TURNS_H

#include <sys/types.h>

/* Of this thread (0) or another one, and of all that it starts from now on. */
void turns_shorten(pid_t thread);

/* Of the server's threads, as it answers requests. */
void turns_favour(pid_t server);

#endif

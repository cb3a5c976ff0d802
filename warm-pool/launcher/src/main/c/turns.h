/* How long a thread computes before the next one that waits. */
#ifndef MAYFLY_TURNS_H
#define MAYFLY_TURNS_H

#include <sys/types.h>

/* Of this thread (0) or another one, and of all that it starts from now on. */
void turns_shorten(pid_t thread);

/* The server answers requests: it comes at once when it wakes up, whatever the sandboxes do. */
void turns_favour(pid_t server);

#endif

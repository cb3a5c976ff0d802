/* What signals do here. SIGTERM ends this process and the program it runs; SIGCHLD ends a wait, and is heard only then. */
#ifndef MAYFLY_SIGNALS_H
#define MAYFLY_SIGNALS_H

#include <signal.h>
#include <sys/types.h>

/* Before anything else. */
void signals_prepare(void);
/* Which process group ends with this process; 0: none. Between a fork and this, SIGTERM has to wait. */
void signals_group(pid_t);
void signals_hold(void);
void signals_release(void);
/* For waits that SIGCHLD shall end. */
const sigset_t *signals_while_waiting(void);
/* In a child that becomes another program. */
void signals_reset(void);

#endif

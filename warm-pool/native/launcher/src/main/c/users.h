/* User namespaces of sandboxes: each has its own, made ahead of any request, empty and without ids. Must not know
   who the tenant is. */
#ifndef MAYFLY_USERS_H
#define MAYFLY_USERS_H

#include <stdint.h>

/* What a process may have queued and locked, and all that it forks: the kernel takes it for the limits of their namespaces too. */
void users_limit(void);

/* Makes one that nobody is in, in the name of the slot's first id on the machine, and limits what the kernel counts for it. Needs the
   /proc of the caller's pid namespace, writable. What fails is told by who enters. */
void users_prepare(uint32_t slot);

/* Gives it the range of the tenant and the sandbox's own id, or for a generic sandbox, whose tenant is not known yet, the range
   of its slot alone; and enters it, with all privileges there and none elsewhere. 0, or -1 with errno. */
int users_enter(uint32_t uid);
int users_enter_generic(uint32_t slot);

#endif

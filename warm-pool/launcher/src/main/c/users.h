/* User namespaces of sandboxes: each has its own, made ahead of any request, empty and without ids. */
#ifndef MAYFLY_USERS_H
#define MAYFLY_USERS_H

#include <stdint.h>

/* Makes one that nobody is in. Needs the /proc of the caller's pid namespace. What fails is told by who enters. */
void users_prepare(void);

/* Gives it the range of the tenant and the sandbox's own id, or for a generic sandbox, whose tenant is not known yet, the range
   of its slot alone; and enters it, with all privileges there and none elsewhere. 0, or -1 with errno. */
int users_enter(uint32_t uid);
int users_enter_generic(uint32_t slot);

#endif

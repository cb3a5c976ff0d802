/*
 * The system call filter, in two parts, as the kernel takes 0.2 ms to compile the whole of it. The first, the list of what a
 * program may and what making a sandbox needs, is loaded once by whoever forks slots, and inherited. The last takes back what
 * only the making needed; every shell loads it just before it becomes the tenant's program.
 * Must not know what the program is.
 */
#ifndef MAYFLY_SECCOMP_H
#define MAYFLY_SECCOMP_H

void seccomp_compile(void);
int seccomp_load_ahead(void);

/* Fails with EPERM if the first part is missing. */
int seccomp_load(void);

#endif

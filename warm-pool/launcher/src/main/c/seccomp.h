/* The system call filter: compiled once into BPF, loaded by every shell just before it becomes the tenant's program. */
#ifndef MAYFLY_SECCOMP_H
#define MAYFLY_SECCOMP_H

void seccomp_compile(void);
int seccomp_load(void);

#endif

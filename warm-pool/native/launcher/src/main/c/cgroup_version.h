/* Has no source of its own. What differs between the versions of cgroups: one table of functions for each, of which the launcher picks one at its start.
   Nobody but cgroup.c and the versions knows of it. A version must not know what a sandbox is. */
#ifndef MAYFLY_CGROUP_VERSION_H
#define MAYFLY_CGROUP_VERSION_H

#include <stdbool.h>
#include <stdint.h>

#include "cgroup.h"

/* Freezing takes a moment for processes that sleep in the kernel: it is looked at so often, a millisecond apart. */
enum { CGROUP_FREEZE_POLLS = 200 };

/* A file that is read at every end. */
struct cgroup_file {
    const char *hierarchy, *name;
    const char *field;      /* the name before the number; NULL: the number is all there is */
    long long factor;       /* of its unit, to ours */
};

struct cgroup_version {
    /* Finds what is needed and makes the parent. Returns NULL, or what is missing. */
    const char *(*open)(void);
    /* The hierarchies that a slot has a cgroup in, from 0 on; NULL behind the last. */
    const char *(*hierarchy)(int place);
    const char *members;    /* the hierarchy whose cgroup.procs tells who is in a slot */
    struct cgroup_file files[CGROUP_FILES];
    const char *memory_now; /* in the hierarchy of CGROUP_PEAK */

    /* All slots together weigh as so many of the machine's processes. */
    bool (*weigh)(long processes);
    /* What a new slot has of its own, whatever its limits. What the kernel does not have is left out. */
    void (*prepare)(int slot);
    /* False with errno. */
    bool (*limit_memory)(int slot, uint64_t bytes);
    bool (*limit_pids)(int slot, uint32_t processes);
    bool (*limit_cpu)(int slot, uint64_t us); /* in each 100 ms */
    bool (*limit_io)(int slot, const char *disk, uint64_t bytes); /* a second; 0: as the disk can */
    /* False if it has not come to that in 200 ms. */
    bool (*freeze)(int slot, bool frozen);
    /* Asks for it and does not wait. */
    bool (*thaw)(int slot);
    /* Kills all that is in there at once; false if this version or kernel cannot. */
    bool (*kill)(int slot);
};

#endif

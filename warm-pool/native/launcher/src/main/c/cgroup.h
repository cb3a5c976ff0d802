/* The cgroups of slots: made once with the slot, used again by one sandbox after the other. Which version of cgroups the machine
   has is picked once and known to cgroup_v1.c and cgroup_v2.c alone. Must not know what a slot or a sandbox does. */
#ifndef MAYFLY_CGROUP_H
#define MAYFLY_CGROUP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "request.h"

enum { CGROUP_PIDS, CGROUP_REFUSED, CGROUP_CPU, CGROUP_OOM, CGROUP_PEAK, CGROUP_FILES };

struct cgroup {
    int slot;
    int file[CGROUP_FILES];      /* what is read at every end stays open, as far as there are descriptors */
    struct limits limits;        /* as they are set now */
    bool limited, frozen;
    long long oom_kills, pids_refused, cpu_ns; /* counters when the sandbox was bound */
};

/* Finds the version and its hierarchies below `root` and makes the cgroup that all slots are in. Returns NULL, or what is missing. */
const char *cgroup_open(const char *root, const char *parent);
/* Finds the disk that limits of reads and writes are about: the one that holds the folder. Without one there are no such limits. */
void cgroup_find_disk(const char *folder);
/* The same by its "major:minor". */
void cgroup_use_disk(const char *numbers);
/* Kills and removes everything below the parent that a predecessor left, but for slots that are kept (NULL: none is).
   Returns how many slots it found in use. */
int cgroup_sweep(bool (*kept)(uint32_t slot));
/* How many slots of a predecessor hold processes. */
int cgroup_occupied(void);
void cgroup_thaw_all(void);
/* Whether this process sits in the slot. */
bool cgroup_holds(uint32_t slot, pid_t);
void cgroup_close(void);

bool cgroup_make(struct cgroup *, int slot);
/* Opens the files by which a process enters a slot's cgroups: writing 0 moves the writer. Returns how many, or -1 with errno. */
enum { CGROUP_ENTRANCES_MAX = 8 };
int cgroup_entrances(int slot, int *fds);
/* Sets the limits and remembers the counters. Returns NULL, or the field that the kernel refused, with errno. */
const char *cgroup_bind(struct cgroup *, const struct limits *);
/* Lifts a limit of processes that leaves too few for a shell to be made. */
void cgroup_make_room(struct cgroup *);
/* False if it has not come to that in 200 ms. */
bool cgroup_freeze(struct cgroup *, bool frozen);
/* Of one that is frozen; of another: nothing. */
void cgroup_thaw(struct cgroup *);
long long cgroup_pids(struct cgroup *);
void cgroup_kill(struct cgroup *);
void cgroup_kill_but(struct cgroup *, pid_t spared);
bool cgroup_remove(struct cgroup *);

struct usage {
    uint64_t cpu_ns, memory_bytes, memory_peak_bytes;
    uint32_t pids;
    bool oom_killed, pids_refused;
};

/* What a running sandbox has used. */
void cgroup_usage(struct cgroup *, struct usage *);
/* What one that has ended is charged for: CPU and the most memory. */
void cgroup_account(struct cgroup *, struct usage *);
/* What its end is judged by. */
void cgroup_judge(struct cgroup *, struct usage *);

#endif

/* The guard before every mount: one missed check could replace the root of the whole machine. Must not know
   what is mounted, and mounts nothing. */
#ifndef MAYFLY_MOUNT_GUARD_H
#define MAYFLY_MOUNT_GUARD_H

#include <sys/types.h>

/* The mount namespaces in which nothing may be mounted. */
enum { FORBIDDEN_MAX = 4 };
struct mount_guard_list {
    int count;
    struct { dev_t device; ino_t inode; } forbidden[FORBIDDEN_MAX];
};

/* Remembers the mount namespaces in which nothing may be mounted: the parent's and process 1's. An unreadable one is a
   reason to stop, except process 1 where it is hidden (own pid namespace). Returns NULL, or why not to go on. */
const char *mount_guard_open(void);

/* Why this process may not mount, or NULL if it may. `self` is a file of the calling thread's mount namespace. */
const char *mount_guard_refusal(const char *self);

/* From now on also refuse the namespace that `self` names. */
const char *mount_guard_forbid(const char *self);

/* For a process that cannot see whose namespaces they are. */
void mount_guard_export(struct mount_guard_list *);
void mount_guard_import(const struct mount_guard_list *);

#endif

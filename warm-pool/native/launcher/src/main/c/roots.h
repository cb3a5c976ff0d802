/* Root file systems: the layers of an image as read-only overlays. A root is mounted as often as it has sandboxes at a time: whoever has
   the same mount has the same files, could watch what others open and hold locks on it. Mounts go from one sandbox to the next. Must
   not know who has one. */
#ifndef MAYFLY_ROOTS_H
#define MAYFLY_ROOTS_H

#include <stdbool.h>
#include <stdint.h>

#include "request.h"

enum { ROOTS_MAX = 4096 };

/* One mount of a root, for one sandbox alone. */
struct lent {
    bool held;
    uint32_t root, serial, mount;
};

/* `folder` holds the mount points; what a predecessor left there is removed. Returns NULL, or why not. */
const char *roots_open(const char *folder);
/* The number of the root, or -1 with errno (ENFILE: the table is full). */
int roots_mount(const struct root_request *);
int roots_unmount(uint32_t root);
/* A mount that nobody else has. False with errno (ENOENT: no such root). */
bool roots_lend(uint32_t root, struct lent *);
/* It goes to the next, or goes; nothing that had it may be left. Of one that is not held: nothing. */
void roots_return(struct lent *);
/* It goes to nobody else: something that had it may live on. */
void roots_discard(struct lent *);
/* A descriptor of a copy of the mount that is nowhere attached; -1 with errno. */
int roots_copy(const struct lent *);
/* The same of a folder or file in it, no link on the way. */
int roots_copy_of(const struct lent *, const char *path);
int roots_count(void);
void roots_close(void);

#endif

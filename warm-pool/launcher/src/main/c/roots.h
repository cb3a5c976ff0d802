/* Root file systems: the layers of an image as one read-only overlay, mounted once and shared by all of its sandboxes. */
#ifndef MAYFLY_ROOTS_H
#define MAYFLY_ROOTS_H

#include <stdint.h>

#include "wire.h"

enum { ROOTS_MAX = 4096 };

/* `folder` holds the mount points; what a predecessor left there is removed. Returns NULL, or why not. */
const char *roots_open(const char *folder);
/* The number of the root, or -1 with errno (ENFILE: the table is full). */
int roots_mount(const struct root_request *);
int roots_unmount(uint32_t root);
/* A descriptor of a copy of the mount that is nowhere attached; -1 with errno (ENOENT: no such root). */
int roots_copy(uint32_t root);
/* The same of a folder in it, no link on the way. */
int roots_copy_of(uint32_t root, const char *path);
int roots_count(void);
void roots_close(void);

#endif

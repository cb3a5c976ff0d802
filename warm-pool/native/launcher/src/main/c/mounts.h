/* Folders and files of the host on their way into a sandbox. */
#ifndef MAYFLY_MOUNTS_H
#define MAYFLY_MOUNTS_H

#include "wire.h"

/* A mount of it that is nowhere attached, without device files and setuid. -1 with errno. */
int mounts_open(const struct mount_request *);

#endif

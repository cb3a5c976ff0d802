/* Folders and files of the host on their way into a sandbox. Must not know where they appear. */
#ifndef MAYFLY_MOUNTS_H
#define MAYFLY_MOUNTS_H

#include "request.h"

/* A mount of it that is nowhere attached, without device files and setuid. -1 with errno. */
int mounts_open(const struct mount_request *);

#endif

/* The shell of a sandbox: process 1 of new namespaces, ours until it becomes the tenant's program. Must not know who asked for it,
   nor ask anybody once it has been told what to become. */
#ifndef MAYFLY_SHELL_H
#define MAYFLY_SHELL_H

#include <stddef.h>
#include <stdint.h>

#include "wire.h"

/* Where a start can fail; sent with the errno. */
enum shell_step {
    STEP_STAGE = 1, STEP_MESSAGE, STEP_NETWORK, STEP_ROOT, STEP_MOUNT_POINT, STEP_ENTER, STEP_MOUNT, STEP_TMP, STEP_LIMITS,
    STEP_IDENTITY, STEP_WORKING_DIR, STEP_FILTER, STEP_EXEC,
};

struct shell_error {
    int32_t step, error;
    uint32_t index; /* of the mount */
};

enum { SHELL_FDS_MAX = 4 + MOUNTS_MAX }; /* Its root; what it listens at, its network, how it is bound, if any; its mounts. */

/* The minimal mount namespace that shells are copied from. Called by its maker once, in a namespace of its own. */
const char *shell_make_home(const char *folder, int *error);

/* Options of the mount at /tmp. */
void shell_tmp_options(uint64_t bytes, char *options, size_t size);

/* To be called in zygotes: their shells are the program already. */
void shell_is_forked(void);

/* Becomes the program, or returns as it. `control` is its end of the socket to the launcher, `out` and `err` are what the
   program will print to. */
void shell_main(uint32_t slot, int control, int out, int err);

#endif

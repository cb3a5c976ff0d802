/* The process of a zygote: from a copy of the launcher to an interpreter that sees its image and nothing else. */
#ifndef MAYFLY_ZYGOTE_H
#define MAYFLY_ZYGOTE_H

#include <sys/types.h>

#include "wire.h"

/* Forks process 1 of a zygote's own pid and mount namespaces. It starts the interpreter, and stays for as long as that or anybody
   forked from it lives; SIGTERM to it ends the interpreter alone. `folder` is where the root is mounted in there, `library` what the
   interpreter finds open beside `control`. Returns its pid, or -1 with errno. */
pid_t zygote_fork(int control, int root, int library, const char *folder, const struct command *);

#endif

/* The process of a zygote: from a copy of the launcher to an interpreter that sees its image and nothing else. Must not know
   what is forked from it. */
#ifndef MAYFLY_ZYGOTE_PROCESS_H
#define MAYFLY_ZYGOTE_PROCESS_H

#include <sys/types.h>

#include "request.h"

/* What the interpreter finds open: the launcher, and the library by which it serves it. */
enum { ZYGOTE_CONTROL = 3, ZYGOTE_LIBRARY = 4 };

/* Forks process 1 of a zygote's own pid and mount namespaces. It starts the interpreter, and stays for as long as that or anybody
   forked from it lives; SIGTERM to it ends the interpreter alone. `folder` is where the root is mounted in there, `library` what the
   interpreter finds open beside `control`. Returns its pid, or -1 with errno. */
pid_t zygote_process_fork(int control, int root, int library, const char *folder, const struct command *);

#endif

/* From a request to a running program. Must not know how a shell that waits has come to be, nor how a sandbox ends. */
#ifndef MAYFLY_CREATE_H
#define MAYFLY_CREATE_H

#include <stdint.h>

#include "request.h"
#include "shell.h"
#include "slots.h"

/* When a shell of the kind waits: begins, or answers why not. */
void create_begin(uint32_t request, const struct create_request *, uint32_t kind);
/* The shell of a slot that is STARTING has become the program, or told why not; answers. It runs from now on, until its slot tells
   its end. */
void create_end(struct slot *, const struct shell_error *);
/* How many have come so far, ever. */
uint64_t create_total(void);

#endif

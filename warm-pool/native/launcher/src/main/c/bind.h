/* What makes a generic sandbox one release's, for ever. Must not know what the release is, nor what its program does with the
   message. */
#ifndef MAYFLY_BIND_H
#define MAYFLY_BIND_H

#include <stdint.h>

#include "wire.h"

/* Carries out a request to bind, or answers why not. */
void bind_sandbox(uint32_t request, struct reader *);

#endif

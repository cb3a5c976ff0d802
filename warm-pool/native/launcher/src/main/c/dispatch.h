/* From frames to what is done about them: each request goes to whoever carries it out. Must not know how. */
#ifndef MAYFLY_DISPATCH_H
#define MAYFLY_DISPATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "wire.h"

/* Carries out one request, or answers why not. */
void dispatch(uint8_t type, uint32_t request, struct reader *);
/* Whether it was asked to stop; and to leave its sandboxes to a successor. */
bool dispatch_stopped(void);
bool dispatch_leaving(void);
/* For a new connection, or none: forgets greeting and waiting starts. */
void dispatch_reset(void);

#endif

/* What time it is, on a clock that nobody sets. */
#ifndef MAYFLY_CLOCK_H
#define MAYFLY_CLOCK_H

#include <stdint.h>

uint64_t clock_ns(void);

#endif

/* The words beside a status. */
#ifndef MAYFLY_REASONS_H
#define MAYFLY_REASONS_H

/* Empty if it has none here, which HTTP allows. */
const char *reason_of(int status);

#endif

/* Starts that wait for a shell, in their order and bounded. Must not know what a start does. */
#ifndef MAYFLY_PENDING_H
#define MAYFLY_PENDING_H

#include <stdbool.h>
#include <stdint.h>

enum { PENDING_MAX = 256, PENDING_BYTES_MAX = 8 << 20 };

/* Keeps a copy of the payload of a request to create, for a shell of the zygote or the launcher's own; refuses it if there is no room or
   no shell to come. */
void pending_add(uint32_t request, uint32_t zygote, const uint8_t *payload, uint32_t length);
/* Whether one waits that names the same zygote: whoever comes now is behind it. */
bool pending_holds(uint32_t zygote);
/* Begins those that there are shells for now. */
void pending_begin(void);
bool pending_any(void);
void pending_forget(void);

#endif

/* Sandboxes that outlive their launcher. A slot of a launcher that was told to keep waits for a successor when its own is
   gone, shows what it holds, and is taken over with its running sandbox. */
#ifndef MAYFLY_ADOPTION_H
#define MAYFLY_ADOPTION_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "slots.h"

/* `group` names the server, `keep_ms` is how long slots wait for a successor; 0: nothing is kept. */
void adoption_open(const char *group, uint32_t keep_ms);
uint32_t adoption_keep_ms(void);

/* Gives the slot what a successor will need, now that its sandbox runs. The slot reads it only when we are gone. */
void adoption_entrust(struct slot *);

/* In a slot whose launcher is gone: shows a successor the sandbox's pidfd, its output and its errors. `control` becomes the
   successor's. False if the sandbox is to end: there is nothing to show, or nobody to show it to. */
enum { ADOPTION_FDS = 3 };
bool adoption_find_successor(int *control, const int *fds);

/* Makes a predecessor that still runs go: without its sandboxes if these are to be kept. */
void adoption_dismiss(const char *socket_path);
/* Takes over what slots show, as long as slots live that may. Returns how many sandboxes it took. */
int adoption_take(void);

#endif

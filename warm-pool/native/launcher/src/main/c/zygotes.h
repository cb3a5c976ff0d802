/* Zygotes: warm interpreters that slots are forked from, so that their shells are the program already and execute nothing.
   Nothing of any tenant is in one: base image, language and shim alone. Must not know the slots that are forked, nor how many
   are wanted. */
#ifndef MAYFLY_ZYGOTES_H
#define MAYFLY_ZYGOTES_H

#include <stdbool.h>
#include <stdint.h>

#include "mount_guard.h"
#include "request.h"

/* The first thing a zygote hears; with it comes the home namespace. After it each message is a slot to fork: its number, and its
   socket to the launcher, then the entrances of its cgroups. */
struct zygote_begin {
    char group[64];
    uint32_t keep_ms;
    struct mount_guard_list guard;
};

/* Who wants to know that slots can be forked from a kind from now on, or no more. */
struct zygotes_listener {
    void (*started)(uint32_t kind), (*ended)(uint32_t kind);
};

/* `library` is the file that zygotes load; empty: there are none. `folder` is where their roots are mounted, in namespaces of
   their own. `group` and `keep_ms` are what their slots are told of handing over (handover.h), `home` the namespace that they enter. */
void zygotes_open(const char *folder, const char *library, const char *group, uint32_t keep_ms, int home,
                  const struct zygotes_listener *);
/* Starts one. Returns its number, which no other ever has, or 0 with errno: ENOSYS without a library, ENFILE if there are ZYGOTES_MAX. */
uint32_t zygotes_start(const struct zygote_request *);
/* Ends it and what waits of it; sandboxes that run need nothing of it. False if there is none such. */
bool zygotes_retire(uint32_t number);
/* The kind of its shells, 0 if it is gone; and the number of a kind. */
uint32_t zygotes_kind(uint32_t number);
uint32_t zygotes_number(uint32_t kind);
/* Has the one of a kind fork a slot, 0: the launcher's own fork server; `to_slot` is -1 if it cannot be asked, with errno. */
void zygotes_fork(uint32_t kind, uint32_t slot, const int *groups, int count, int *to_slot);
/* It has said something or ended. */
void zygotes_event(uint32_t kind);
void zygotes_close(void);

#endif

/* Zygotes: warm interpreters that slots are forked from, so that their shells are the program already and execute nothing.
   Nothing of any tenant is in one: base image, language and shim alone. */
#ifndef MAYFLY_ZYGOTES_H
#define MAYFLY_ZYGOTES_H

#include <stdbool.h>
#include <stdint.h>

#include "guard.h"
#include "wire.h"

/* What a zygote finds open: the launcher, and the library by which it serves it. */
enum { ZYGOTE_CONTROL = 3, ZYGOTE_LIBRARY = 4 };

/* The first thing a zygote hears; with it comes the home namespace. After it each message is a slot to fork: its number, and its socket to the
   launcher, then the entrances of its cgroups. */
struct zygote_begin {
    char group[64];
    uint32_t keep_ms;
    struct guard_list guard;
};

/* `library` is the file that zygotes load; empty: there are none. `folder` is where their roots are mounted, in namespaces of
   their own. */
void zygotes_open(int epoll, const char *folder, const char *library, const char *group, uint32_t keep_ms, int home, int ready);
/* Starts one. Returns its number, which no other ever has, or 0 with errno: ENOSYS without a library, ENFILE if there are ZYGOTES_MAX. */
uint32_t zygotes_start(const struct zygote_request *);
/* Ends it and what waits of it; sandboxes that run need nothing of it. False if there is none such. */
bool zygotes_retire(uint32_t number);
/* What its shells are called in the table of slots, 0 if it is gone; and the number of a kind. */
uint32_t zygotes_kind(uint32_t number);
uint32_t zygotes_number(uint32_t kind);
/* Has the one of a kind fork a slot, 0: the launcher's own mother; `to_slot` is -1 if it cannot be asked, with errno. */
void zygotes_fork(uint32_t kind, uint32_t slot, const int *groups, int count, int *to_slot);
/* It has said something or ended. */
void zygotes_event(uint32_t kind);
void zygotes_close(void);

#endif

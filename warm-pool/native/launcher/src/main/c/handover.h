/* How a slot whose launcher is gone gives its running sandbox to the next one: what it has to show, and how the two find each other.
   For both sides; must not know the table of slots, which only a launcher has. */
#ifndef MAYFLY_HANDOVER_H
#define MAYFLY_HANDOVER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "request.h"

/* The first word of what a slot holds; no word that a slot is asked for by is the same. Launchers of different versions meet here:
   what of this changes needs a new word. */
enum { HANDOVER_WORD = 6 };

/* What a successor has to know of a running sandbox. */
struct handover {
    uint32_t word; /* HANDOVER_WORD */
    uint32_t number, uid;
    int32_t shell;
    char id[ID_BYTES_MAX + 1], tenant[TENANT_BYTES_MAX + 1], listen[108], label[LABEL_BYTES_MAX + 1];
    struct limits limits;
    long long oom_kills, pids_refused, cpu_ns;
};

/* With it come the sandbox's pidfd, its output and its errors. */
enum { HANDOVER_FDS = 3 };

/* `group` names the server, `keep_ms` is how long slots wait for a successor; 0: nothing is kept. */
void handover_open(const char *group, uint32_t keep_ms);
uint32_t handover_keep_ms(void);

/* Where a successor listens; returns the address' length. */
socklen_t handover_address(struct sockaddr_un *);
/* Whether whoever is at the other end is of the same user. */
bool handover_is_ours(int socket, struct ucred *peer);

/* In a slot whose launcher is gone: shows a successor what the launcher has last given to hold, with the descriptors. `control`
   becomes the successor's. False if the sandbox is to end: there is nothing to show, or nobody to show it to. */
bool handover_find_successor(int *control, const int *fds);

#endif

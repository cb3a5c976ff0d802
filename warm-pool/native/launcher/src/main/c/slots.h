/* The table of slots: in which state each is, and how many of each kind are in each state. Must not know how a slot comes from
   one state to the next. */
#ifndef MAYFLY_SLOTS_H
#define MAYFLY_SLOTS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "cgroup.h"
#include "request.h"
#include "roots.h"

enum { SLOTS_MAX = 4096, ZYGOTES_MAX = 12 };

/* The kind of a slot is who forked it, and so what its shells are copies of: 0 of the launcher, which then execute a program; from
   1 on of a zygote. Those of a zygote that is gone are of the last kind. */
enum { KIND_RETIRED = 1 + ZYGOTES_MAX, KINDS_MAX };

/* The life of a slot: forked, asked for a shell, the shell stages, waits, becomes a sandbox, runs, has ended, is looked at
   whether all is gone; then it is asked again. What does not go is put aside. */
enum state {
    FREE, FORKED, ASKED, STAGING, READY, STARTING, RUNNING, ENDED, CLEARING, QUARANTINED, STATES,
};

struct stream {
    int fd;
    bool paused;
    uint64_t heard_at, rests_until;
};

struct slot {
    enum state state; /* changed by slots_enter alone */
    uint32_t kind;    /* changed by slots_change_kind alone */
    pid_t pid, shell_pid;
    int process;     /* pidfd of the slot itself */
    int control, shell, pidfd, network;
    int binding; /* by which a generic sandbox is bound; closed from then on */
    struct cgroup group;
    struct lent root, release; /* what it sees: of its own image, and of the release that it was bound to */
    char id[ID_BYTES_MAX + 1], tenant[TENANT_BYTES_MAX + 1], listen[108], label[LABEL_BYTES_MAX + 1];
    uint32_t uid, create_request, destroy_request; /* requests to be answered */
    bool create_waits, destroy_waits, generic, killed, own_network;
    bool all_said; /* with its end: nothing that it printed is still on its way to us */
    bool lost, died_of_it; /* the slot is gone; and took a running sandbox along */
    bool adopted;          /* of a predecessor: it makes no further sandbox, and is not our child */
    struct stream out, err;
    uint32_t unacknowledged;
    int64_t tokens;
    uint64_t tokens_at, ended_at;
    uint64_t killed_at; /* by a destroy that waits for its end; 0: by none */
    int status;
};

uint32_t slots_number(const struct slot *);
/* The slot of that number below SLOTS_MAX, which is FREE if it was never used. */
struct slot *slots_at(uint32_t number);
/* The slot of a number that was used before, or NULL. */
struct slot *slots_used(uint32_t number);
/* One that is FREE, or NULL if the table is full. */
struct slot *slots_free(void);
/* The one whose sandbox has the name, from its start until nothing is left of it, or NULL. */
struct slot *slots_find(const char *id);
/* One of the kind whose shell waits, or NULL. */
struct slot *slots_ready(uint32_t kind);
/* All that were ever used, in the order of their numbers: NULL comes before the first and after the last. Slots may change state on
   the way; those that are used for the first time meanwhile come too. */
struct slot *slots_next(const struct slot *);

void slots_enter(struct slot *, enum state);
void slots_change_kind(struct slot *, uint32_t kind);
/* How many are in the state; nobody counts those that are FREE. */
uint32_t slots_in(enum state);
uint32_t slots_of_kind_in(uint32_t kind, enum state);

#endif

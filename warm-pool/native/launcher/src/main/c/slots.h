/* The table of slots, and what the files of this folder do with it. */
#ifndef MAYFLY_SLOTS_H
#define MAYFLY_SLOTS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "cgroup.h"
#include "kernel.h"
#include "roots.h"
#include "sandboxes.h"
#include "shell.h"
#include "wire.h"

/* The life of a slot: forked, asked for a shell, the shell stages, waits, becomes a sandbox, runs, has ended, is looked at
   whether all is gone; then it is asked again. What does not go is put aside. */
enum state {
    FREE, FORKED, ASKED, STAGING, READY, STARTING, RUNNING, ENDED, CLEARING, QUARANTINED,
};

struct stream {
    int fd;
    bool paused;
    uint64_t heard_at, rests_until;
};

struct slot {
    enum state state;
    pid_t pid, shell_pid;
    uint32_t kind;   /* what forks it: 0 the launcher, or a zygote */
    int process;     /* pidfd of the slot itself */
    int control, shell, pidfd, network;
    int binding; /* by which a generic sandbox is bound; closed from then on */
    struct cgroup group;
    struct lent root, release; /* what it sees: of its own image, and of the release that it was bound to */
    char id[ID_BYTES_MAX + 1], tenant[TENANT_BYTES_MAX + 1], listen[108], label[LABEL_BYTES_MAX + 1];
    uint32_t uid, create_request, destroy_request; /* requests to be answered */
    bool create_waits, destroy_waits, generic, frozen, killed, own_network;
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

struct counts {
    int made, quarantined, paused_streams, clearing, dying;
    uint64_t started_total;
};

/* What shells are copies of: of the launcher, which then execute a program (0), or of a zygote. */
struct kind {
    int wanted; /* shells that are to wait; 0: it makes no more of them */
    int slots, on_their_way, ready, clearing;
    bool proven; /* a shell of it has waited: starts may wait for the next */
};

/* Slots of a zygote that makes no more of them, or is gone, are of the last kind. */
enum { KIND_RETIRED = 1 + ZYGOTES_MAX, KINDS_MAX };

extern struct slot slots[SLOTS_MAX];
extern struct kind kinds[KINDS_MAX];
extern uint32_t used; /* slots from here on were never touched */
extern struct counts counts;

/* slots.c: making slots, and ending them */
void slots_open(int epoll, int ready);
struct slot *slot_at(uint32_t number); /* which is free, and was perhaps never touched */
void slots_stop_growing(void);
uint64_t now_ns(void);
uint32_t slot_number(const struct slot *);
void slot_watch(int fd, enum watch, struct slot *);
void slot_unwatch(int fd);
void slot_ask_for_shell(struct slot *);
void slot_failed(const struct slot *, const char *what, int error);
void slot_end(struct slot *);
void slot_see_off(struct slot *);
void slot_drop(struct slot *);
/* Ends the shells that wait of a kind; whatever runs of it is of none from now on. */
void slots_retire(uint32_t kind);
/* The shell has nothing to wait for, and ends; its slot tells it. */
void slot_dismiss_shell(struct slot *);
struct slot *slot_find(const char *id);
struct slot *slot_take_ready(uint32_t kind);
void slot_thaw(struct slot *);
void slot_adopt(struct slot *, int out, int err); /* the rest of it is filled in */

/* output.c: what a sandbox prints, on its way to the server */
enum { CHUNK_BYTES = 32 * 1024, BURST_BYTES = 8 << 20 };
void streams_begin(struct slot *);
void stream_pause(struct stream *, enum watch, struct slot *, bool paused);
void stream_close(struct stream *);
void stream_resume(struct stream *, enum watch, struct slot *);
uint32_t stream_allowance(struct slot *);
uint32_t stream_pump(struct slot *, struct stream *, enum watch, uint32_t most);
void stream_hear(struct slot *, struct stream *, enum watch);

/* starts.c: from a request to a running program */
void slot_answer_create(struct slot *, const struct shell_error *);

/* words.c: what slots and shells say */
void slot_hear(struct slot *);
void slot_hear_shell(struct slot *);

/* ends.c: from an end to the proof that nothing is left */
void slot_ended(struct slot *, int status);
void slot_kill(struct slot *);
void slot_kill_harder(struct slot *);
void slot_drain(struct slot *);
void slot_clear(struct slot *);
void slot_release_network(struct slot *);
void slot_return_roots(struct slot *);

#endif

#define _GNU_SOURCE
#include "supply.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "events.h"
#include "kernel.h"
#include "slot_process.h"
#include "zygotes.h"

enum {
    FORKS_MAX = 4, /* slots on their way at once */
    FAILURE_PAUSE_NS = 100000000,
};

static struct {
    uint32_t wanted; /* shells that are to wait; 0: no more of them are made */
    bool proven;     /* one has waited: starts may wait for the next */
} kinds[KINDS_MAX];

static uint32_t ready;
static uint64_t failed_at;

void supply_open(int shells) {
    ready = shells;
    kinds[0].wanted = ready;
    kinds[0].proven = true;
}

void supply_begin(uint32_t kind) {
    kinds[kind].wanted = ready;
    kinds[kind].proven = false;
}

void supply_close(void) {
    for (uint32_t i = 0; i < KINDS_MAX; i++) kinds[i].wanted = 0;
}

bool supply_wants(uint32_t kind) { return kinds[kind].wanted > 0; }

void supply_failed(const struct slot *slot, const char *what, int error) {
    failed_at = clock_ns();
    fprintf(stderr, "launcher: slot %u: %s: %s\n", slots_number(slot), what, strerror(error));
}

void supply_ask_for_shell(struct slot *slot) {
    int pair[2];
    slots_enter(slot, ASKED);
    cgroup_make_room(&slot->group);
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) return;
    int size = FRAME_BYTES_MAX * 2;
    setsockopt(pair[0], SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size);
    slot->shell = pair[0]; /* Listened to once the slot has told of the shell, which may speak before. */
    slot_process_ask(slot->control, pair[1]);
}

static bool fork_from(uint32_t kind, struct slot *slot) {
    int groups[CGROUP_ENTRANCES_MAX], count = cgroup_entrances(slots_number(slot), groups);
    if (count < 0) return false;
    slot->pid = 0; /* It tells it. */
    zygotes_fork(kind, slots_number(slot), groups, count, &slot->control);
    int error = errno;
    for (int i = 0; i < count; i++) close(groups[i]);
    errno = error;
    return slot->control >= 0;
}

static bool fork_slot(uint32_t kind) {
    if (failed_at && clock_ns() - failed_at < FAILURE_PAUSE_NS) return false;
    struct slot *slot = slots_free();
    if (slot == NULL) return false;
    bool made_groups = cgroup_make(&slot->group, slots_number(slot));
    if (!made_groups || !fork_from(kind, slot)) {
        supply_failed(slot, made_groups ? "it cannot be forked" : "its cgroups cannot be made", errno);
        cgroup_remove(&slot->group);
        return false;
    }
    slots_change_kind(slot, kind);
    slots_enter(slot, FORKED);
    slot->lost = slot->died_of_it = slot->adopted = false;
    events_watch(slot->control, FROM_SLOT, slots_number(slot));
    return true;
}

static uint32_t on_their_way(uint32_t kind) {
    return slots_of_kind_in(kind, FORKED) + slots_of_kind_in(kind, ASKED) + slots_of_kind_in(kind, STAGING);
}

/* Their slots are asked again in a moment. */
static uint32_t clearing(uint32_t kind) { return slots_of_kind_in(kind, ENDED) + slots_of_kind_in(kind, CLEARING); }

void supply_refill(void) {
    for (uint32_t kind = 0; kind < KINDS_MAX; kind++)
        while (slots_of_kind_in(kind, READY) + on_their_way(kind) + clearing(kind) < kinds[kind].wanted
               && on_their_way(kind) < FORKS_MAX && fork_slot(kind)) {}
}

bool supply_can_start(uint32_t kind) { return slots_of_kind_in(kind, READY) > 0; }

bool supply_may_grow(uint32_t kind) {
    if (on_their_way(kind) > 0 || clearing(kind) > 0) return true;
    return supply_wants(kind) && fork_slot(kind);
}

uint32_t supply_kind(uint32_t zygote) {
    uint32_t kind = zygote == 0 ? 0 : zygotes_kind(zygote);
    if (!supply_wants(kind) || !kinds[kind].proven) return 0;
    return supply_can_start(kind) || supply_may_grow(kind) ? kind : 0;
}

void supply_shell_waits(struct slot *slot) {
    slots_enter(slot, READY);
    kinds[slot->kind].proven = true;
    if (!supply_wants(slot->kind)) supply_dismiss_shell(slot);
}

void supply_dismiss_shell(struct slot *slot) {
    if (slot->shell >= 0) events_unwatch(slot->shell);
    close_fd(&slot->shell);
}

void supply_end(uint32_t kind) {
    kinds[kind].wanted = 0;
    kinds[kind].proven = false;
    for (struct slot *slot = NULL; (slot = slots_next(slot));) {
        if (slot->kind != kind) continue;
        slots_change_kind(slot, KIND_RETIRED);
        if (slot->state == READY) supply_dismiss_shell(slot);
    }
}

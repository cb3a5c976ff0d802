#define _GNU_SOURCE
#include "slots.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "slot.h"
#include "zygotes.h"

enum {
    FORKS_MAX = 4,                /* slots on their way at once */
    FAILURE_PAUSE_NS = 100000000, /* a machine that makes no slots is not asked again at once */
    SEE_OFF_MS = 500,
};

struct slot slots[SLOTS_MAX];
uint32_t used;
struct counts counts;
struct kind kinds[KINDS_MAX];

static int epoll_fd;
static uint64_t failed_at;

void slots_open(int epoll, int ready) {
    epoll_fd = epoll;
    kinds[0] = (struct kind){.wanted = ready, .proven = true};
}

void slots_stop_growing(void) {
    for (uint32_t i = 0; i < KINDS_MAX; i++) kinds[i].wanted = 0;
}

uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000ull + t.tv_nsec;
}

uint32_t slot_number(const struct slot *slot) { return slot - slots; }

void slot_watch(int fd, enum watch kind, struct slot *slot) {
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = (uint64_t)kind << 32 | slot_number(slot)};
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

void slot_unwatch(int fd) { epoll_ctl(epoll_fd, EPOLL_CTL_DEL, fd, NULL); }

struct slot *slot_at(uint32_t number) {
    while (used <= number) {
        struct slot *slot = &slots[used++];
        slot->process = slot->control = slot->shell = slot->pidfd = slot->network = slot->binding = slot->out.fd = slot->err.fd = -1;
    }
    return &slots[number];
}

static struct slot *free_slot(void) {
    for (struct slot *slot = slots; slot < slots + used; slot++)
        if (slot->state == FREE) return slot;
    return used == SLOTS_MAX ? NULL : slot_at(used);
}

void slot_ask_for_shell(struct slot *slot) {
    int pair[2];
    slot->state = ASKED;
    cgroup_make_room(&slot->group);
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) return;
    int size = FRAME_BYTES_MAX * 2;
    setsockopt(pair[0], SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size);
    slot->shell = pair[0]; /* Listened to once the slot has told of the shell, which may speak before. */
    slot_ask(slot->control, pair[1]);
}

void slot_failed(const struct slot *slot, const char *what, int error) {
    failed_at = now_ns();
    fprintf(stderr, "launcher: slot %u: %s: %s\n", slot_number(slot), what, strerror(error));
}

static bool fork_from(uint32_t kind, struct slot *slot) {
    int groups[CGROUP_ENTRANCES_MAX], count = cgroup_entrances(slot_number(slot), groups);
    if (count < 0) return false;
    slot->pid = 0; /* It tells it. */
    zygotes_fork(kind, slot_number(slot), groups, count, &slot->control);
    int error = errno;
    for (int i = 0; i < count; i++) close(groups[i]);
    errno = error;
    return slot->control >= 0;
}

static bool fork_slot(uint32_t kind) {
    if (failed_at && now_ns() - failed_at < FAILURE_PAUSE_NS) return false;
    struct slot *slot = free_slot();
    if (slot == NULL) return false;
    bool made_groups = cgroup_make(&slot->group, slot_number(slot));
    if (!made_groups || !fork_from(kind, slot)) {
        slot_failed(slot, made_groups ? "it cannot be forked" : "its cgroups cannot be made", errno);
        cgroup_remove(&slot->group);
        return false;
    }
    slot->state = FORKED;
    slot->kind = kind;
    slot->lost = slot->died_of_it = slot->adopted = false;
    slot_watch(slot->control, W_SLOT, slot);
    counts.made++;
    kinds[kind].slots++;
    kinds[kind].on_their_way++;
    return true;
}

void sandboxes_refill(void) {
    for (uint32_t i = 0; i < KINDS_MAX; i++) {
        struct kind *kind = &kinds[i];
        while (kind->ready + kind->on_their_way + kind->clearing < kind->wanted && kind->on_their_way < FORKS_MAX
               && fork_slot(i)) {}
    }
}

bool sandboxes_can_start(uint32_t kind) { return kinds[kind].ready > 0; }

bool sandboxes_may_grow(uint32_t kind) {
    if (kinds[kind].on_their_way > 0 || kinds[kind].clearing > 0) return true;
    return counts.made < SLOTS_MAX && kinds[kind].wanted > 0 && fork_slot(kind);
}

uint32_t sandboxes_kind(uint32_t zygote) {
    uint32_t kind = zygote == 0 ? 0 : zygotes_kind(zygote);
    if (kinds[kind].wanted == 0 || !kinds[kind].proven) return 0;
    return sandboxes_can_start(kind) || sandboxes_may_grow(kind) ? kind : 0;
}

void slot_dismiss_shell(struct slot *slot) {
    if (slot->shell >= 0) slot_unwatch(slot->shell);
    close_fd(&slot->shell);
}

void slots_retire(uint32_t kind) {
    struct kind *from = &kinds[kind], *to = &kinds[KIND_RETIRED];
    for (struct slot *slot = slots; slot < slots + used; slot++) {
        if (slot->kind != kind) continue;
        slot->kind = KIND_RETIRED;
        if (slot->state == READY) slot_dismiss_shell(slot);
    }
    to->slots += from->slots;
    to->on_their_way += from->on_their_way;
    to->ready += from->ready;
    to->clearing += from->clearing;
    *from = (struct kind){0};
}

struct slot *slot_find(const char *id) {
    for (struct slot *slot = slots; slot < slots + used; slot++)
        if (slot->state >= STARTING && slot->state <= CLEARING && strcmp(slot->id, id) == 0) return slot;
    return NULL;
}

struct slot *slot_take_ready(uint32_t kind) {
    for (struct slot *slot = slots; slot < slots + used; slot++)
        if (slot->state == READY && slot->kind == kind && slot->shell >= 0) return slot;
    return NULL;
}

/* Whatever it waits for in the kernel, it must not hold us up for long. Who forked it reaps it. */
void slot_see_off(struct slot *slot) {
    struct pollfd end = {slot->process, POLLIN, 0};
    if (slot->process >= 0) poll(&end, 1, SEE_OFF_MS);
    close_fd(&slot->process);
    slot->pid = 0;
}

/* Ends the slot's process, if it has not ended by itself. */
void slot_end(struct slot *slot) {
    close_fd(&slot->control);
    if (slot->process >= 0) syscall(SYS_pidfd_send_signal, slot->process, SIGKILL, NULL, 0);
    slot_see_off(slot);
}

void slot_drop(struct slot *slot) {
    slot_end(slot);
    close_fd(&slot->shell);
    close_fd(&slot->pidfd);
    stream_close(&slot->out);
    stream_close(&slot->err);
    close_fd(&slot->network);
    close_fd(&slot->binding);
    counts.made--;
    kinds[slot->kind].slots--;
    slot->state = cgroup_remove(&slot->group) ? FREE : QUARANTINED;
    if (slot->state == FREE) slot_return_roots(slot); /* Nothing that had them is left. */
    else counts.quarantined++;
}

void slot_adopt(struct slot *slot, int out, int err) {
    slot->state = RUNNING;
    slot->adopted = true;
    slot->lost = slot->died_of_it = slot->create_waits = slot->destroy_waits = false;
    slot->generic = slot->frozen = slot->killed = slot->all_said = false;
    slot->kind = 0;
    slot->process = syscall(SYS_pidfd_open, slot->pid, 0);
    counts.made++;
    kinds[0].slots++;
    slot_watch(slot->control, W_SLOT, slot);
    slot->out = (struct stream){out, false};
    slot->err = (struct stream){err, false};
    streams_begin(slot);
}

void slot_thaw(struct slot *slot) {
    if (slot->frozen) cgroup_freeze(&slot->group, false);
    slot->frozen = false;
}

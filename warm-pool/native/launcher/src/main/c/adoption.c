#define _GNU_SOURCE
#include "adoption.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "events.h"
#include "handover.h"
#include "kernel.h"
#include "output.h"

enum {
    PAUSE_MS = 10,
    TAKE_MS = 2000,      /* for slots to show what they hold, from the start of a successor on */
    SHOW_MS = 500,       /* for one of them */
    DISMISS_SECONDS = 15,
};

/* --- while it lives --- */

void adoption_entrust(struct slot *slot) {
    static struct handover held;
    if (handover_keep_ms() == 0 || slot->generic || slot->control < 0) return;
    memset(&held, 0, sizeof held);
    held.word = HANDOVER_WORD;
    held.number = slots_number(slot);
    held.uid = slot->uid;
    held.shell = slot->shell_pid;
    snprintf(held.id, sizeof held.id, "%s", slot->id);
    snprintf(held.tenant, sizeof held.tenant, "%s", slot->tenant);
    snprintf(held.listen, sizeof held.listen, "%s", slot->listen);
    snprintf(held.label, sizeof held.label, "%s", slot->label);
    held.limits = slot->group.limits;
    held.oom_kills = slot->group.oom_kills;
    held.pids_refused = slot->group.pids_refused;
    held.cpu_ns = slot->group.cpu_ns;
    if (send_fds(slot->control, &held, sizeof held, NULL, 0) != 0)
        fprintf(stderr, "launcher: slot %u cannot be entrusted with its sandbox\n", held.number);
}

/* --- as a successor --- */

void adoption_dismiss(const char *socket_path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    uint8_t bytes[64];
    struct writer out;
    struct timeval patience = {DISMISS_SECONDS, 0};
    struct ucred peer;
    if (strlen(socket_path) >= sizeof address.sun_path) return; /* Refused where it is to be bound. */
    strcpy(address.sun_path, socket_path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0 && handover_is_ours(fd, &peer)) {
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        frame_begin(&out, bytes, sizeof bytes, T_LEAVE, 0);
        write_u8(&out, handover_keep_ms() > 0);
        size_t length = frame_end(&out);
        if (send(fd, bytes, length, MSG_NOSIGNAL) == (ssize_t)length)
            while (recv(fd, bytes, sizeof bytes, 0) > 0) {} /* Its end is the end of the connection. */
    }
    close_fd(&fd);
}

static bool terminated(const char *text, size_t size) { return memchr(text, 0, size) != NULL; }

static bool is_whole(const struct handover *held) {
    return held->word == HANDOVER_WORD && held->number < SLOTS_MAX && held->shell > 0
           && terminated(held->id, sizeof held->id) && terminated(held->tenant, sizeof held->tenant)
           && terminated(held->listen, sizeof held->listen) && terminated(held->label, sizeof held->label);
}

/* It goes on as if it were ours. */
static void run(struct slot *slot, int out, int err) {
    slots_change_kind(slot, 0);
    slots_enter(slot, RUNNING);
    slot->adopted = true;
    slot->lost = slot->died_of_it = slot->create_waits = slot->destroy_waits = false;
    slot->generic = slot->killed = slot->all_said = false;
    slot->process = syscall(SYS_pidfd_open, slot->pid, 0);
    events_watch(slot->control, FROM_SLOT, slots_number(slot));
    slot->out = (struct stream){out, false};
    slot->err = (struct stream){err, false};
    output_begin(slot);
}

static bool take(int fd) {
    static struct handover held;
    struct timeval patience = {0, SHOW_MS * 1000};
    struct ucred peer;
    int fds[HANDOVER_FDS], count = 0;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ssize_t got = receive_fds(fd, &held, sizeof held, fds, HANDOVER_FDS, &count);
    bool fits = got == sizeof held && count == HANDOVER_FDS && is_whole(&held) && handover_is_ours(fd, &peer)
                && cgroup_holds(held.number, peer.pid) && slots_at(held.number)->state == FREE;
    struct slot *slot = fits ? slots_at(held.number) : NULL;
    if (!fits || !cgroup_make(&slot->group, held.number)) {
        for (int i = 0; i < count; i++) close(fds[i]);
        return false; /* Its slot sees us go and ends it; the sweep looks after the rest. */
    }
    slot->group.limits = held.limits;
    slot->group.limited = true;
    slot->group.oom_kills = held.oom_kills;
    slot->group.pids_refused = held.pids_refused;
    slot->group.cpu_ns = held.cpu_ns;
    snprintf(slot->id, sizeof slot->id, "%s", held.id);
    snprintf(slot->tenant, sizeof slot->tenant, "%s", held.tenant);
    snprintf(slot->listen, sizeof slot->listen, "%s", held.listen);
    snprintf(slot->label, sizeof slot->label, "%s", held.label);
    slot->pid = peer.pid;
    slot->shell_pid = held.shell;
    slot->uid = held.uid;
    slot->control = fd;
    slot->pidfd = fds[0];
    run(slot, fds[1], fds[2]);
    adoption_entrust(slot);
    return true;
}

bool adoption_holds(uint32_t number) {
    const struct slot *slot = slots_used(number);
    return slot && slot->state == RUNNING;
}

int adoption_take(void) {
    if (handover_keep_ms() == 0) return 0;
    struct sockaddr_un address;
    socklen_t length = handover_address(&address);
    int taken = 0, listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, length) != 0 || listen(listener, 128) != 0) {
        fprintf(stderr, "launcher: cannot take over sandboxes: %s\n", strerror(errno));
        close_fd(&listener);
        return 0;
    }
    cgroup_thaw_all(); /* A frozen slot cannot show anything. */
    for (int waited = 0; waited < TAKE_MS && cgroup_occupied() > taken; waited += PAUSE_MS) {
        struct pollfd shown = {listener, POLLIN, 0};
        while (poll(&shown, 1, 0) > 0) {
            int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
            if (fd < 0) break;
            if (take(fd)) taken++;
            else close(fd);
        }
        if (cgroup_occupied() > taken) nanosleep(&(struct timespec){0, PAUSE_MS * 1000000L}, NULL);
    }
    close(listener);
    return taken;
}

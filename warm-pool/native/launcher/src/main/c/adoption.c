#define _GNU_SOURCE
#include "adoption.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "kernel.h"
#include "slot.h"

enum {
    PAUSE_MS = 10,
    TAKE_MS = 2000,      /* for slots to show what they hold, from the start of a successor on */
    SHOW_MS = 500,       /* for one of them */
    DISMISS_SECONDS = 15,
};

/* What a successor has to know of a running sandbox. */
struct held {
    uint32_t word; /* SLOT_HOLD */
    uint32_t number, uid;
    int32_t shell;
    char id[ID_BYTES_MAX + 1], tenant[TENANT_BYTES_MAX + 1], listen[108], label[LABEL_BYTES_MAX + 1];
    struct limits limits;
    long long oom_kills, pids_refused, cpu_ns;
};

static char name[64];
static uint32_t keep_ms;

void adoption_open(const char *group, uint32_t milliseconds) {
    snprintf(name, sizeof name, "%s-slots", group);
    keep_ms = milliseconds;
}

uint32_t adoption_keep_ms(void) { return keep_ms; }

/* An abstract name: slots see no file of the machine, but share its network namespace; no sandbox does. */
static socklen_t address_of(struct sockaddr_un *address) {
    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    memcpy(address->sun_path + 1, name, strlen(name));
    return offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name);
}

static bool is_ours(int fd, struct ucred *peer) {
    socklen_t size = sizeof *peer;
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, peer, &size) == 0 && peer->uid == geteuid();
}

static void pause_ms(int milliseconds) { nanosleep(&(struct timespec){0, milliseconds * 1000000L}, NULL); }

/* --- the launcher, while it lives --- */

void adoption_entrust(struct slot *slot) {
    static struct held held;
    if (keep_ms == 0 || slot->generic || slot->control < 0) return;
    memset(&held, 0, sizeof held);
    held.word = SLOT_HOLD;
    held.number = slot_number(slot);
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

/* --- a slot, when its launcher is gone --- */

/* What the launcher has entrusted last lies unread in the socket. */
static bool read_entrusted(int control, struct held *held) {
    static struct held next;
    bool found = false;
    for (;;) {
        int fd, count;
        ssize_t got = receive_fds(control, &next, sizeof next, &fd, 1, &count);
        if (got <= 0) return found;
        if (count) close(fd);
        if (got != sizeof next || next.word != SLOT_HOLD) continue;
        memcpy(held, &next, sizeof next);
        found = true;
    }
}

static int connect_to_successor(void) {
    struct sockaddr_un address;
    socklen_t length = address_of(&address);
    struct ucred peer;
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, length) == 0 && is_ours(fd, &peer)) return fd;
    close_fd(&fd);
    return -1;
}

bool adoption_find_successor(int *control, const int *fds) {
    static struct held held;
    if (!read_entrusted(*control, &held)) return false;
    close_fd(control);
    for (uint32_t waited = 0; waited < keep_ms; waited += PAUSE_MS) {
        struct pollfd end = {fds[0], POLLIN, 0};
        if (poll(&end, 1, PAUSE_MS) > 0) return false; /* It has ended meanwhile: nothing to take over. */
        int successor = connect_to_successor();
        if (successor >= 0 && send_fds(successor, &held, sizeof held, fds, ADOPTION_FDS) == 0) {
            *control = successor;
            return true;
        }
        close_fd(&successor);
    }
    return false;
}

/* --- a successor --- */

void adoption_dismiss(const char *socket_path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    uint8_t bytes[64];
    struct writer out;
    struct timeval patience = {DISMISS_SECONDS, 0};
    struct ucred peer;
    if (strlen(socket_path) >= sizeof address.sun_path) return; /* Refused where it is to be bound. */
    strcpy(address.sun_path, socket_path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0 && is_ours(fd, &peer)) {
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        frame_begin(&out, bytes, sizeof bytes, T_LEAVE, 0);
        write_u8(&out, keep_ms > 0);
        size_t length = frame_end(&out);
        if (send(fd, bytes, length, MSG_NOSIGNAL) == (ssize_t)length)
            while (recv(fd, bytes, sizeof bytes, 0) > 0) {} /* Its end is the end of the connection. */
    }
    close_fd(&fd);
}

static bool terminated(const char *text, size_t size) { return memchr(text, 0, size) != NULL; }

static bool is_whole(const struct held *held) {
    return held->word == SLOT_HOLD && held->number < SLOTS_MAX && held->shell > 0
           && terminated(held->id, sizeof held->id) && terminated(held->tenant, sizeof held->tenant)
           && terminated(held->listen, sizeof held->listen) && terminated(held->label, sizeof held->label);
}

static bool take(int fd) {
    static struct held held;
    struct timeval patience = {0, SHOW_MS * 1000};
    struct ucred peer;
    int fds[ADOPTION_FDS], count = 0;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ssize_t got = receive_fds(fd, &held, sizeof held, fds, ADOPTION_FDS, &count);
    bool fits = got == sizeof held && count == ADOPTION_FDS && is_whole(&held) && is_ours(fd, &peer)
                && cgroup_holds(held.number, peer.pid) && slot_at(held.number)->state == FREE;
    struct slot *slot = fits ? slot_at(held.number) : NULL;
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
    slot_adopt(slot, fds[1], fds[2]);
    adoption_entrust(slot);
    return true;
}

int adoption_take(void) {
    if (keep_ms == 0) return 0;
    struct sockaddr_un address;
    socklen_t length = address_of(&address);
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
        if (cgroup_occupied() > taken) pause_ms(PAUSE_MS);
    }
    close(listener);
    return taken;
}

#define _GNU_SOURCE
#include "handover.h"

#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kernel.h"

enum { PAUSE_MS = 10 };

static char name[64];
static uint32_t keep_ms;

void handover_open(const char *group, uint32_t milliseconds) {
    snprintf(name, sizeof name, "%s-slots", group);
    keep_ms = milliseconds;
}

uint32_t handover_keep_ms(void) { return keep_ms; }

/* An abstract name: slots see no file of the machine, but share its network namespace; no sandbox does. */
socklen_t handover_address(struct sockaddr_un *address) {
    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    memcpy(address->sun_path + 1, name, strlen(name));
    return offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name);
}

bool handover_is_ours(int fd, struct ucred *peer) {
    socklen_t size = sizeof *peer;
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, peer, &size) == 0 && peer->uid == geteuid();
}

/* What the launcher has given last lies unread in the socket. */
static bool read_held(int control, struct handover *held) {
    static struct handover next;
    bool found = false;
    for (;;) {
        int fd, count;
        ssize_t got = receive_fds(control, &next, sizeof next, &fd, 1, &count);
        if (got <= 0) return found;
        if (count) close(fd);
        if (got != sizeof next || next.word != HANDOVER_WORD) continue;
        memcpy(held, &next, sizeof next);
        found = true;
    }
}

static int connect_to_successor(void) {
    struct sockaddr_un address;
    socklen_t length = handover_address(&address);
    struct ucred peer;
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, length) == 0 && handover_is_ours(fd, &peer)) return fd;
    close_fd(&fd);
    return -1;
}

bool handover_find_successor(int *control, const int *fds) {
    static struct handover held;
    if (!read_held(*control, &held)) return false;
    close_fd(control);
    for (uint32_t waited = 0; waited < keep_ms; waited += PAUSE_MS) {
        struct pollfd end = {fds[0], POLLIN, 0};
        if (poll(&end, 1, PAUSE_MS) > 0) return false; /* It has ended meanwhile: nothing to take over. */
        int successor = connect_to_successor();
        if (successor >= 0 && send_fds(successor, &held, sizeof held, fds, HANDOVER_FDS) == 0) {
            *control = successor;
            return true;
        }
        close_fd(&successor);
    }
    return false;
}

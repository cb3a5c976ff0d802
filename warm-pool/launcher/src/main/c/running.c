#define _GNU_SOURCE
#include "slots.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "guard.h"
#include "kernel.h"
#include "mounts.h"
#include "networks.h"
#include "roots.h"
#include "server.h"

static struct slot *running(uint32_t request, const char *id) {
    struct slot *slot = slot_find(id);
    if (slot == NULL || slot->state != RUNNING) {
        server_refuse(request, R_UNKNOWN, "id", "a running sandbox");
        return NULL;
    }
    return slot;
}

void sandboxes_freeze(uint32_t request, const char *id, bool frozen) {
    struct slot *slot = running(request, id);
    if (slot == NULL) return;
    if (!cgroup_freeze(&slot->group, frozen)) {
        cgroup_freeze(&slot->group, false);
        server_refuse(request, R_FAILED, "sandbox", "a kernel that freezes its cgroup within 200 ms");
        return;
    }
    slot->frozen = frozen;
    server_ok(request);
}

/* Process 1 of a namespace does not get a signal that it has no handler for. */
static bool has_handler(struct slot *slot, int signal) {
    char path[64], line[256];
    bool caught = true;
    snprintf(path, sizeof path, "/proc/%d/status", (int)slot->shell_pid);
    FILE *status = fopen(path, "re");
    while (status && fgets(line, sizeof line, status))
        if (strncmp(line, "SigCgt:", 7) == 0) caught = strtoull(line + 7, NULL, 16) >> (signal - 1) & 1;
    if (status) fclose(status);
    return caught;
}

void sandboxes_signal(uint32_t request, const char *id, int signal) {
    struct slot *slot = running(request, id);
    if (slot == NULL) return;
    if (signal < 1 || signal > 64) {
        server_refuse(request, R_INVALID, "signal", "1 to 64");
        return;
    }
    slot_thaw(slot);
    int sent = signal == SIGTERM && !has_handler(slot, signal) ? SIGKILL : signal;
    if (sent == SIGKILL || sent == SIGTERM) slot->killed = true;
    syscall(SYS_pidfd_send_signal, slot->pidfd, sent, NULL, 0);
    server_ok(request);
}

void sandboxes_destroy(uint32_t request, const char *id) {
    struct slot *slot = slot_find(id);
    if (slot == NULL) {
        struct writer *out = server_frame(T_OK, request); /* It has ended, and its end was told. */
        write_u32(out, 0);
        server_send();
        return;
    }
    slot->destroy_request = request;
    slot->destroy_waits = true;
    slot->killed = true;
    if (slot->state == RUNNING || slot->state == STARTING) {
        slot_thaw(slot);
        syscall(SYS_pidfd_send_signal, slot->pidfd, SIGKILL, NULL, 0);
    }
}

/* Attaches mounts inside a sandbox that runs: in a process of its own that enters its namespace and does just that. */
static int attach_inside(struct slot *slot, uint32_t count, const struct mount_request *mount) {
    pid_t pid = fork();
    if (pid == 0) {
        int fds[MOUNTS_MAX];
        for (uint32_t i = 0; i < count; i++)
            if ((fds[i] = mounts_open(&mount[i])) < 0) _exit(errno);
        guard_forbid("/proc/thread-self/ns/mnt");
        if (setns(slot->pidfd, CLONE_NEWNS) != 0) _exit(errno);
        int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
        for (uint32_t i = 0; i < count; i++) {
            int target = kernel_open_inside(root, mount[i].inside);
            if (target < 0) _exit(errno);
            if (kernel_move_mount(fds[i], "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) != 0)
                _exit(errno);
            close(target);
        }
        _exit(0);
    }
    int status = 0;
    if (pid < 0 || waitpid(pid, &status, 0) < 0) return errno;
    return WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
}

void sandboxes_bind(uint32_t request, struct reader *in) {
    static struct mount_request mount[MOUNTS_MAX];
    char id[ID_BYTES_MAX + 1];
    struct limits limits;
    uint32_t mounts;
    const char *field, *expected;
    if (!text_copy(read_text(in, ID_BYTES_MAX), id, sizeof id) || in->bad) {
        server_refuse(request, R_MALFORMED, "id", "at most 60 bytes");
        return;
    }
    if (!decode_limits(in, &limits, &field, &expected) || !decode_mounts(in, &mounts, mount, &field, &expected)) {
        server_refuse(request, R_INVALID, field, expected);
        return;
    }
    struct slot *slot = running(request, id);
    if (slot == NULL) return;
    if (!slot->generic) {
        server_refuse(request, R_BOUND, "id", "a generic sandbox that was never bound");
        return;
    }
    slot->generic = false; /* Also if it fails: a sandbox half bound serves nobody. */
    struct cgroup *group = &slot->group;
    if ((field = cgroup_bind(group, &limits)) != NULL) {
        server_refuse(request, R_INVALID, field, "a limit that this machine can set");
        return;
    }
    int error = attach_inside(slot, mounts, mount);
    if (error) {
        char text[128];
        snprintf(text, sizeof text, "mounts that can be attached, no link on the way; it failed with %s",
                 strerrorname_np(error));
        server_refuse(request, R_INVALID, "mounts", text);
        return;
    }
    server_ok(request);
}

void sandboxes_stats(uint32_t request, const char *id) {
    if (id[0]) {
        struct slot *slot = running(request, id);
        if (slot == NULL) return;
        struct usage usage;
        cgroup_usage(&slot->group, &usage);
        struct writer *out = server_frame(T_OK, request);
        write_u64(out, usage.cpu_ns);
        write_u64(out, usage.memory_bytes);
        write_u64(out, usage.memory_peak_bytes);
        write_u32(out, usage.pids);
        server_send();
        return;
    }
    struct writer *out = server_frame(T_OK, request);
    write_u32(out, counts.made);
    write_u32(out, counts.ready);
    write_u32(out, counts.quarantined);
    write_u32(out, roots_count());
    write_u32(out, networks_ready());
    write_u32(out, networks_kept());
    write_u64(out, counts.started_total);
    server_send();
}

void sandboxes_list(uint32_t request, uint32_t from) {
    enum { PAGE = 24 }; /* What fits into a frame. */
    struct slot *shown[PAGE];
    uint32_t count = 0, next = from;
    for (; next < used && count < PAGE; next++)
        if (slots[next].state == RUNNING) shown[count++] = &slots[next];
    struct writer *out = server_frame(T_OK, request);
    write_u32(out, next < used ? next : 0);
    write_u32(out, count);
    for (uint32_t i = 0; i < count; i++) {
        write_text(out, shown[i]->id);
        write_text(out, shown[i]->label);
        write_u32(out, shown[i]->shell_pid);
    }
    server_send();
}

#define _GNU_SOURCE
#include "control.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include "create.h"
#include "networks.h"
#include "roots.h"
#include "server.h"
#include "slots.h"
#include "teardown.h"

static struct slot *running(uint32_t request, const char *id) {
    struct slot *slot = slots_find(id);
    if (slot == NULL || slot->state != RUNNING) {
        server_refuse(request, R_UNKNOWN, "id", "a running sandbox");
        return NULL;
    }
    return slot;
}

void control_freeze(uint32_t request, const char *id, bool frozen) {
    struct slot *slot = running(request, id);
    if (slot == NULL) return;
    if (!cgroup_freeze(&slot->group, frozen)) {
        cgroup_freeze(&slot->group, false);
        server_refuse(request, R_FAILED, "sandbox", "a kernel that freezes its cgroup within 200 ms");
        return;
    }
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

void control_signal(uint32_t request, const char *id, int signal) {
    struct slot *slot = running(request, id);
    if (slot == NULL) return;
    if (signal < 1 || signal > 64) {
        server_refuse(request, R_INVALID, "signal", "1 to 64");
        return;
    }
    cgroup_thaw(&slot->group);
    int sent = signal == SIGTERM && !has_handler(slot, signal) ? SIGKILL : signal;
    if (sent == SIGKILL || sent == SIGTERM) slot->killed = true;
    syscall(SYS_pidfd_send_signal, slot->pidfd, sent, NULL, 0);
    server_ok(request);
}

void control_destroy(uint32_t request, const char *id) {
    struct slot *slot = slots_find(id);
    if (slot == NULL) {
        struct writer *out = server_frame(T_OK, request); /* It has ended, and its end was told. */
        write_u32(out, 0);
        server_send();
        return;
    }
    slot->destroy_request = request;
    slot->destroy_waits = true;
    slot->killed = true;
    if (slot->state == RUNNING || slot->state == STARTING) teardown_kill(slot);
}

static void tell_counts(uint32_t request) {
    uint32_t made = 0;
    for (enum state state = FORKED; state < QUARANTINED; state++) made += slots_in(state);
    struct writer *out = server_frame(T_OK, request);
    write_u32(out, made);
    write_u32(out, slots_in(READY));
    write_u32(out, slots_in(QUARANTINED));
    write_u32(out, roots_count());
    write_u32(out, networks_ready());
    write_u32(out, networks_kept());
    write_u64(out, create_total());
    server_send();
}

void control_stats(uint32_t request, const char *id) {
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
    tell_counts(request);
}

void control_list(uint32_t request, uint32_t from) {
    enum { PAGE = 24 }; /* What fits into a frame. */
    struct slot *shown[PAGE];
    uint32_t count = 0, next = from;
    for (struct slot *slot; count < PAGE && (slot = slots_used(next)); next++)
        if (slot->state == RUNNING) shown[count++] = slot;
    struct writer *out = server_frame(T_OK, request);
    write_u32(out, slots_used(next) ? next : 0);
    write_u32(out, count);
    for (uint32_t i = 0; i < count; i++) {
        write_text(out, shown[i]->id);
        write_text(out, shown[i]->label);
        write_u32(out, shown[i]->shell_pid);
    }
    server_send();
}

#define _GNU_SOURCE
#include "teardown.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "kernel.h"
#include "networks.h"
#include "output.h"
#include "server.h"
#include "supply.h"

enum {
    SEE_OFF_MS = 500,
    HARDER_NS = 50000000,       /* a process 1 that was killed and does not end waits for somebody else in there */
    PATIENCE_NS = 200000000,    /* what is not empty after this long is killed again */
    LAST_WORDS_NS = 300000000,  /* for what it has printed to arrive */
    QUARANTINE_NS = 1000000000, /* and after this long put aside */
};

static int dying; /* slots that were killed and have not ended */

/* --- the process of a slot --- */

/* Whatever it waits for in the kernel, it must not hold us up for long. Who forked it reaps it. */
void teardown_see_off(struct slot *slot) {
    struct pollfd end = {slot->process, POLLIN, 0};
    if (slot->process >= 0) poll(&end, 1, SEE_OFF_MS);
    close_fd(&slot->process);
    slot->pid = 0;
}

void teardown_end_process(struct slot *slot) {
    close_fd(&slot->control);
    if (slot->process >= 0) syscall(SYS_pidfd_send_signal, slot->process, SIGKILL, NULL, 0);
    teardown_see_off(slot);
}

void teardown_drop(struct slot *slot) {
    teardown_end_process(slot);
    close_fd(&slot->shell);
    close_fd(&slot->pidfd);
    output_close(slot);
    close_fd(&slot->network);
    close_fd(&slot->binding);
    slots_enter(slot, cgroup_remove(&slot->group) ? FREE : QUARANTINED);
    if (slot->state == FREE) teardown_return_roots(slot); /* Nothing that had them is left. */
}

/* --- what is told --- */

static void answer_destroy(struct slot *slot, const char *left) {
    if (!slot->destroy_waits) return;
    slot->destroy_waits = false;
    struct writer *out = server_frame(T_OK, slot->destroy_request);
    write_u32(out, left != NULL);
    if (left) write_text(out, left);
    server_send();
}

static int exit_code(int status) { return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status); }

static void tell_exit(struct slot *slot, const char *left) {
    struct usage usage = {0};
    cgroup_account(&slot->group, &usage);
    if (slot->status != 0 && !slot->killed) cgroup_judge(&slot->group, &usage);
    enum { ENDED_BY_ITSELF, OOM_KILLED, PIDS_LIMIT, RUNTIME_LOST } cause = ENDED_BY_ITSELF;
    if (slot->died_of_it) cause = RUNTIME_LOST;
    else if (usage.oom_killed) cause = OOM_KILLED;
    else if (usage.pids_refused) cause = PIDS_LIMIT;
    struct writer *out = server_frame(T_EXITED, 0);
    write_text(out, slot->id);
    write_u32(out, exit_code(slot->status));
    write_u8(out, cause);
    write_u64(out, usage.cpu_ns);
    write_u64(out, usage.memory_peak_bytes);
    write_u32(out, left != NULL);
    if (left) write_text(out, left);
    server_send();
    answer_destroy(slot, left);
    server_flush(); /* Somebody may wait for it; what follows is for the next one. If it fails, so does the loop's. */
}

/* --- step by step --- */

void teardown_release_network(struct slot *slot) {
    if (slot->network >= 0 && slot->own_network) networks_give(slot->network, slot->tenant);
    else close_fd(&slot->network);
    slot->network = -1;
}

void teardown_return_roots(struct slot *slot) {
    roots_return(&slot->root);
    roots_return(&slot->release);
}

/* Everything of the sandbox is gone when its cgroup holds nobody but the slot: its processes held all the rest. */
static bool is_empty(struct slot *slot) { return cgroup_pids(&slot->group) <= (slot->lost ? 0 : 1); }

/* All has ended that could; now for what is left. */
static void clear(struct slot *slot) {
    char left[256] = "";
    bool empty = is_empty(slot);
    uint64_t passed = clock_ns() - slot->ended_at;
    if (!empty && passed < QUARANTINE_NS) {
        if (passed > PATIENCE_NS) cgroup_kill(&slot->group); /* The slot too: it cannot be told apart there. */
        return; /* The next tick looks again. */
    }
    if (!empty)
        snprintf(left, sizeof left, "cgroup slot-%u with %lld processes", slots_number(slot), cgroup_pids(&slot->group));
    if (slot->listen[0] && unlink(slot->listen) != 0 && errno != ENOENT)
        snprintf(left, sizeof left, "file %s", slot->listen);
    slot->listen[0] = 0;
    teardown_release_network(slot);
    if (empty) teardown_return_roots(slot); /* Else it goes to nobody. */
    tell_exit(slot, left[0] ? left : NULL);
    slot->id[0] = 0;
    if (slot->lost || (empty && (slot->adopted || !supply_wants(slot->kind)))) {
        teardown_drop(slot);
    } else if (!empty) {
        teardown_end_process(slot); /* Its cgroups are looked after by the sweep. */
        slots_enter(slot, QUARANTINED);
    } else {
        supply_ask_for_shell(slot);
    }
}

static void drain(struct slot *slot) {
    if (server_connected() && server_queued() > QUEUE_BYTES_FULL) {
        output_pause(slot, true); /* The next tick tries again. Until then nobody listens, or its end would be heard again and again. */
        return;
    }
    /* Its slot hands on the rest in a moment, unless somebody else still holds the other end. */
    bool open = output_hand_on_rest(slot);
    if (open && !slot->lost && !slot->all_said && clock_ns() - slot->ended_at < LAST_WORDS_NS) return;
    output_close(slot);
    slots_enter(slot, CLEARING);
    clear(slot);
}

void teardown_hear_output(struct slot *slot) { drain(slot); }

void teardown_begin(struct slot *slot, int status) {
    if (slot->state <= READY) { /* A shell that nobody used yet: it failed to stage, or was killed by somebody. */
        teardown_drop(slot);
        return;
    }
    if (slot->killed_at) dying--;
    slot->killed_at = 0;
    output_pause(slot, false);
    close_fd(&slot->pidfd);
    close_fd(&slot->shell);
    close_fd(&slot->binding);
    slot->status = status;
    slot->ended_at = clock_ns();
    slots_enter(slot, ENDED);
    drain(slot);
}

void teardown_kill(struct slot *slot) {
    cgroup_thaw(&slot->group);
    syscall(SYS_pidfd_send_signal, slot->pidfd, SIGKILL, NULL, 0);
    if (slot->killed_at) return;
    slot->killed_at = clock_ns();
    dying++;
}

bool teardown_waits_for_ends(void) { return dying > 0; }

/* Process 1 takes the others along, unless it waits in the kernel for one of them. What then still does not go is told. */
static void kill_harder(struct slot *slot) {
    uint64_t passed = clock_ns() - slot->killed_at;
    if (passed > QUARANTINE_NS) teardown_begin(slot, SIGKILL);
    else if (passed > HARDER_NS) cgroup_kill_but(&slot->group, slot->pid);
}

void teardown_go_on(struct slot *slot) {
    if (slot->killed_at) kill_harder(slot);
    if (slot->state == ENDED) drain(slot);
    else if (slot->state == CLEARING) clear(slot);
}

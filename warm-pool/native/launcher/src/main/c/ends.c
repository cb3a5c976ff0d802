#define _GNU_SOURCE
#include "slots.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "networks.h"
#include "server.h"

enum {
    PATIENCE_NS = 200000000,    /* what is not empty after this long is killed again */
    LAST_WORDS_NS = 300000000,  /* for what it has printed to arrive */
    QUARANTINE_NS = 1000000000, /* and after this long put aside */
};

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

void slot_release_network(struct slot *slot) {
    if (slot->network >= 0 && slot->own_network) networks_give(slot->network, slot->tenant);
    else close_fd(&slot->network);
    slot->network = -1;
}

void slot_return_roots(struct slot *slot) {
    roots_return(&slot->root);
    roots_return(&slot->release);
}

/* Everything of the sandbox is gone when its cgroup holds nobody but the slot: its processes held all the rest. */
static bool is_empty(struct slot *slot) { return cgroup_pids(&slot->group) <= (slot->lost ? 0 : 1); }

void slot_clear(struct slot *slot) {
    char left[256] = "";
    bool empty = is_empty(slot);
    uint64_t passed = now_ns() - slot->ended_at;
    if (!empty && passed < QUARANTINE_NS) {
        if (passed > PATIENCE_NS) cgroup_kill(&slot->group); /* The slot too: it cannot be told apart there. */
        return; /* The next tick looks again. */
    }
    if (!empty)
        snprintf(left, sizeof left, "cgroup slot-%u with %lld processes", slot_number(slot), cgroup_pids(&slot->group));
    if (slot->listen[0] && unlink(slot->listen) != 0 && errno != ENOENT)
        snprintf(left, sizeof left, "file %s", slot->listen);
    slot->listen[0] = 0;
    counts.clearing--;
    kinds[slot->kind].clearing--;
    slot_release_network(slot);
    if (empty) slot_return_roots(slot); /* Else it goes to nobody. */
    tell_exit(slot, left[0] ? left : NULL);
    slot->id[0] = 0;
    if (slot->lost || (empty && (slot->adopted || kinds[slot->kind].wanted == 0))) {
        slot_drop(slot);
    } else if (!empty) {
        slot_end(slot); /* Its cgroups are looked after by the sweep. */
        counts.made--;
        kinds[slot->kind].slots--;
        counts.quarantined++;
        slot->state = QUARANTINED;
    } else {
        slot_ask_for_shell(slot);
        kinds[slot->kind].on_their_way++;
    }
}

void slot_kill(struct slot *slot) {
    slot_thaw(slot);
    syscall(SYS_pidfd_send_signal, slot->pidfd, SIGKILL, NULL, 0);
    if (slot->killed_at == 0) counts.dying++;
    if (slot->killed_at == 0) slot->killed_at = now_ns();
}

/* Process 1 takes the others along, unless it waits in the kernel for one of them. What then still does not go is told. */
void slot_kill_harder(struct slot *slot) {
    uint64_t passed = now_ns() - slot->killed_at;
    if (passed > QUARANTINE_NS) slot_ended(slot, SIGKILL);
    else if (passed > PATIENCE_NS / 4) cgroup_kill_but(&slot->group, slot->pid);
}

void slot_drain(struct slot *slot) {
    if (server_connected() && server_queued() > QUEUE_BYTES_FULL) {
        /* The next tick tries again. Until then nobody listens, or its end would be heard again and again. */
        stream_pause(&slot->out, W_OUT, slot, true);
        stream_pause(&slot->err, W_ERR, slot, true);
        return;
    }
    while (stream_pump(slot, &slot->out, W_OUT, CHUNK_BYTES)) {}
    while (stream_pump(slot, &slot->err, W_ERR, CHUNK_BYTES)) {}
    /* Its slot hands on the rest in a moment, unless somebody else still holds the other end. */
    bool open = slot->out.fd >= 0 || slot->err.fd >= 0;
    if (open && !slot->lost && !slot->all_said && now_ns() - slot->ended_at < LAST_WORDS_NS) return;
    stream_close(&slot->out);
    stream_close(&slot->err);
    slot->state = CLEARING;
    slot_clear(slot);
}

void slot_ended(struct slot *slot, int status) {
    if (slot->state == READY) kinds[slot->kind].ready--;
    if (slot->state <= READY) { /* A shell that nobody used yet: it failed to stage, or was killed by somebody. */
        close_fd(&slot->pidfd);
        close_fd(&slot->shell);
        slot_drop(slot);
        return;
    }
    if (slot->killed_at) counts.dying--;
    slot->killed_at = 0;
    stream_pause(&slot->out, W_OUT, slot, false);
    stream_pause(&slot->err, W_ERR, slot, false);
    close_fd(&slot->pidfd);
    close_fd(&slot->shell);
    close_fd(&slot->binding);
    slot->status = status;
    slot->ended_at = now_ns();
    slot->state = ENDED;
    counts.clearing++;
    kinds[slot->kind].clearing++;
    slot_drain(slot);
}

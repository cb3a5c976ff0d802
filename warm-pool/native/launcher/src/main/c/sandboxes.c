#define _GNU_SOURCE

#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "slots.h"

void sandboxes_open(int epoll, int ready) { slots_open(epoll, ready); }

void sandboxes_event(enum watch kind, uint32_t number) {
    struct slot *slot = &slots[number];
    if (number >= used || slot->state == FREE) return; /* The event was on its way when the slot went. */
    switch (kind) {
    case W_SLOT:
        if (slot->control >= 0) slot_hear(slot);
        break;
    case W_SHELL:
        if (slot->shell >= 0) slot_hear_shell(slot);
        break;
    case W_OUT:
    case W_ERR:
        if (slot->state == ENDED) slot_drain(slot);
        else stream_hear(slot, kind == W_OUT ? &slot->out : &slot->err, kind);
        break;
    default:
        break;
    }
}

bool sandboxes_need_tick(void) { return counts.paused_streams > 0 || counts.clearing > 0 || counts.dying > 0; }

void sandboxes_tick(void) {
    for (struct slot *slot = slots; slot < slots + used; slot++) {
        if (slot->killed_at) slot_kill_harder(slot);
        if (slot->state == ENDED) slot_drain(slot);
        else if (slot->state == CLEARING) slot_clear(slot);
        stream_resume(&slot->out, W_OUT, slot);
        stream_resume(&slot->err, W_ERR, slot);
    }
}

bool sandboxes_keep_any(void) {
    for (struct slot *slot = slots; slot < slots + used; slot++)
        if (slot->state == RUNNING && !slot->generic) return true;
    return false;
}

bool sandboxes_adopted(uint32_t number) { return number < used && slots[number].state == RUNNING; }

int sandboxes_sweep(void) {
    for (struct slot *slot = slots; slot < slots + used; slot++) {
        if (slot->state != QUARANTINED) continue;
        cgroup_kill(&slot->group);
        if (!cgroup_remove(&slot->group)) continue;
        slot_return_roots(slot);
        slot->state = FREE;
        counts.quarantined--;
    }
    return counts.quarantined;
}

void sandboxes_close(void) {
    slots_stop_growing();
    for (struct slot *slot = slots; slot < slots + used; slot++) {
        if (slot->state == FREE || slot->state == QUARANTINED) continue;
        slot_thaw(slot);
        if (slot->pidfd >= 0) syscall(SYS_pidfd_send_signal, slot->pidfd, SIGKILL, NULL, 0);
        if (slot->listen[0]) unlink(slot->listen);
        close_fd(&slot->shell);
        close_fd(&slot->binding);
        close_fd(&slot->control); /* The slot sees its shell off, finds nobody to tell and goes. */
    }
    for (struct slot *slot = slots; slot < slots + used; slot++) {
        if (slot->process < 0) continue;
        if (slot->state >= STARTING) cgroup_kill_but(&slot->group, slot->pid);
        slot_see_off(slot);
        slot_end(slot);
    }
}

#define _GNU_SOURCE
#include "sandboxes.h"

#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "kernel.h"
#include "messages.h"
#include "output.h"
#include "slots.h"
#include "supply.h"
#include "teardown.h"

void sandboxes_event(const struct event *event) {
    struct slot *slot = slots_used(event->number);
    if (slot == NULL || slot->state == FREE) return; /* The event was on its way when the slot went. */
    switch (event->source) {
    case FROM_SLOT:
        if (slot->control >= 0) messages_hear_slot(slot);
        break;
    case FROM_SHELL:
        if (slot->shell >= 0) messages_hear_shell(slot);
        break;
    case FROM_OUTPUT:
    case FROM_ERRORS:
        if (slot->state == ENDED) teardown_hear_output(slot);
        else output_hear(slot, event->source);
        break;
    default:
        break;
    }
}

bool sandboxes_need_tick(void) {
    return output_waits() || teardown_waits_for_ends() || slots_in(ENDED) > 0 || slots_in(CLEARING) > 0;
}

void sandboxes_tick(void) {
    for (struct slot *slot = NULL; (slot = slots_next(slot));) {
        teardown_go_on(slot);
        output_resume(slot);
    }
}

bool sandboxes_keep_any(void) {
    for (struct slot *slot = NULL; (slot = slots_next(slot));)
        if (slot->state == RUNNING && !slot->generic) return true;
    return false;
}

uint32_t sandboxes_sweep(void) {
    for (struct slot *slot = NULL; (slot = slots_next(slot));) {
        if (slot->state != QUARANTINED) continue;
        cgroup_kill(&slot->group);
        if (!cgroup_remove(&slot->group)) continue;
        teardown_return_roots(slot);
        slots_enter(slot, FREE);
    }
    return slots_in(QUARANTINED);
}

void sandboxes_close(void) {
    supply_close();
    for (struct slot *slot = NULL; (slot = slots_next(slot));) {
        if (slot->state == FREE || slot->state == QUARANTINED) continue;
        cgroup_thaw(&slot->group);
        if (slot->pidfd >= 0) syscall(SYS_pidfd_send_signal, slot->pidfd, SIGKILL, NULL, 0);
        if (slot->listen[0]) unlink(slot->listen);
        close_fd(&slot->shell);
        close_fd(&slot->binding);
        close_fd(&slot->control); /* The slot sees its shell off, finds nobody to tell and goes. */
    }
    for (struct slot *slot = NULL; (slot = slots_next(slot));) {
        if (slot->process < 0) continue;
        if (slot->state >= STARTING) cgroup_kill_but(&slot->group, slot->pid);
        teardown_see_off(slot);
        teardown_end_process(slot);
    }
}

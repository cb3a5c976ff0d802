#define _GNU_SOURCE
#include "messages.h"

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "adoption.h"
#include "create.h"
#include "events.h"
#include "kernel.h"
#include "shell.h"
#include "slot_process.h"
#include "supply.h"
#include "teardown.h"

/* The shell's socket closes when it becomes the program; before that it may say why it cannot. */
void messages_hear_shell(struct slot *slot) {
    struct shell_error error;
    if (slot->state == ASKED) return; /* An event of its last shell. Its next is heard once the slot has told of it. */
    ssize_t got = recv(slot->shell, &error, sizeof error, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (slot->state == STAGING && got == sizeof error && error.step == 0) {
        supply_shell_waits(slot);
        return;
    }
    if (slot->state < STARTING && got == sizeof error)
        supply_failed(slot, "its shell cannot be made ready", error.error);
    if (slot->state == STARTING) {
        create_end(slot, got == sizeof error ? &error : NULL);
        if (got == 0) adoption_entrust(slot);
    }
    supply_dismiss_shell(slot);
}

static void lost(struct slot *slot) {
    teardown_see_off(slot);
    slot->lost = true;
    if (slot->state == QUARANTINED) return;
    if (slot->pidfd >= 0) syscall(SYS_pidfd_send_signal, slot->pidfd, SIGKILL, NULL, 0);
    close_fd(&slot->control);
    if (slot->state == CLEARING || slot->state == ENDED) return; /* Its sandbox has ended already; the tick goes on. */
    slot->died_of_it = true;
    teardown_begin(slot, SIGKILL);
}

static void ready(struct slot *slot, const int *fds, int count) {
    if (count != 1 || (slot->pid = kernel_pid_of(fds[0])) <= 0) {
        for (int i = 0; i < count; i++) close(fds[i]);
        supply_failed(slot, "its process cannot be told", count == 1 ? ESRCH : EMFILE);
        teardown_drop(slot);
        return;
    }
    slot->process = fds[0];
    supply_ask_for_shell(slot);
}

static void made(struct slot *slot, const int *fds, int count) {
    if (count != SLOT_MADE_FDS) { /* We are out of descriptors. */
        for (int i = 0; i < count; i++) close(fds[i]);
        supply_failed(slot, "its descriptors did not arrive", EMFILE);
        teardown_drop(slot);
        return;
    }
    slot->pidfd = fds[0];
    slot->shell_pid = kernel_pid_of(fds[0]);
    slot->out = (struct stream){fds[1], false};
    slot->err = (struct stream){fds[2], false};
    if (slot->state == ASKED) slots_enter(slot, STAGING);
    events_watch(slot->shell, FROM_SHELL, slots_number(slot));
    messages_hear_shell(slot);
}

void messages_hear_slot(struct slot *slot) {
    struct slot_message message;
    int fds[SLOT_MADE_FDS], count;
    ssize_t got = receive_fds(slot->control, &message, sizeof message, fds, SLOT_MADE_FDS, &count);
    if (got != sizeof message) {
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
        lost(slot);
        return;
    }
    switch (message.word) {
    case SLOT_READY: ready(slot, fds, count); break;
    case SLOT_MADE: made(slot, fds, count); break;
    case SLOT_ENDED:
        if (slot->shell >= 0) messages_hear_shell(slot); /* It may have begun and ended in one go. */
        slot->all_said = message.value & SLOT_ALL_SAID;
        teardown_begin(slot, message.value & ~SLOT_ALL_SAID);
        break;
    default:
        supply_failed(slot, "it cannot enter its cgroups or make a shell", message.value);
        if (slot->state == ASKED || slot->state == FORKED) teardown_drop(slot);
    }
}

#define _GNU_SOURCE
#include "slots.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "adoption.h"
#include "kernel.h"
#include "slot.h"

/* The shell's socket closes when it becomes the program; before that it may say why it cannot. */
void slot_hear_shell(struct slot *slot) {
    struct shell_error error;
    ssize_t got = recv(slot->shell, &error, sizeof error, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (slot->state == STAGING && got == sizeof error && error.step == 0) {
        slot->state = READY;
        kinds[slot->kind].ready++;
        kinds[slot->kind].on_their_way--;
        kinds[slot->kind].proven = true;
        if (kinds[slot->kind].wanted == 0) slot_dismiss_shell(slot);
        return;
    }
    if (slot->state < STARTING && got == sizeof error)
        slot_failed(slot, "its shell cannot be made ready", error.error);
    if (slot->state == STARTING) {
        slot_answer_create(slot, got == sizeof error ? &error : NULL);
        slot->state = RUNNING;
        counts.started_total++;
        if (got == 0) adoption_entrust(slot);
    }
    slot_dismiss_shell(slot);
}

static void slot_lost(struct slot *slot) {
    slot_see_off(slot);
    slot->lost = true;
    if (slot->state == QUARANTINED) return;
    if (slot->pidfd >= 0) syscall(SYS_pidfd_send_signal, slot->pidfd, SIGKILL, NULL, 0);
    if (slot->state == STAGING || slot->state == ASKED || slot->state == FORKED) kinds[slot->kind].on_their_way--;
    if (slot->state == CLEARING || slot->state == ENDED) {
        close_fd(&slot->control);
        return; /* Its sandbox has ended already; the tick goes on. */
    }
    close_fd(&slot->control);
    slot->died_of_it = true;
    slot_ended(slot, SIGKILL);
}

void slot_hear(struct slot *slot) {
    struct slot_message message;
    int fds[SLOT_MADE_FDS], count;
    ssize_t got = receive_fds(slot->control, &message, sizeof message, fds, SLOT_MADE_FDS, &count);
    if (got != sizeof message) {
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
        slot_lost(slot);
        return;
    }
    switch (message.word) {
    case SLOT_READY:
        if (count != 1 || (slot->pid = kernel_pid_of(fds[0])) <= 0) {
            for (int i = 0; i < count; i++) close(fds[i]);
            slot_failed(slot, "its process cannot be told", count == 1 ? ESRCH : EMFILE);
            kinds[slot->kind].on_their_way--;
            slot_drop(slot);
            break;
        }
        slot->process = fds[0];
        slot_ask_for_shell(slot);
        break;
    case SLOT_MADE:
        if (count != SLOT_MADE_FDS) { /* We are out of descriptors. */
            for (int i = 0; i < count; i++) close(fds[i]);
            slot_failed(slot, "its descriptors did not arrive", EMFILE);
            kinds[slot->kind].on_their_way--;
            slot_drop(slot);
            break;
        }
        slot->pidfd = fds[0];
        slot->shell_pid = kernel_pid_of(fds[0]);
        slot->out = (struct stream){fds[1], false};
        slot->err = (struct stream){fds[2], false};
        if (slot->state == ASKED) slot->state = STAGING;
        slot_watch(slot->shell, W_SHELL, slot);
        slot_hear_shell(slot);
        break;
    case SLOT_ENDED:
        if (slot->shell >= 0) slot_hear_shell(slot); /* It may have begun and ended in one go. */
        if (slot->state == STAGING || slot->state == ASKED) kinds[slot->kind].on_their_way--;
        slot->all_said = message.value & SLOT_ALL_SAID;
        slot_ended(slot, message.value & ~SLOT_ALL_SAID);
        break;
    default:
        slot_failed(slot, "it cannot enter its cgroups or make a shell", message.value);
        if (slot->state == ASKED || slot->state == FORKED) {
            kinds[slot->kind].on_their_way--;
            slot_drop(slot);
        }
    }
}

/* Links: messages.c slots.c kernel.c */
#include "messages.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "adoption.h"
#include "check.h"
#include "create.h"
#include "events.h"
#include "kernel.h"
#include "slot_process.h"
#include "supply.h"
#include "teardown.h"

/* --- in place of what slots are asked for and how sandboxes end --- */

static int failed, begun, answered, entrusted, dropped, ended_status, seen_off;

void supply_failed(const struct slot *slot, const char *what, int error) { (void)slot, (void)what, (void)error, failed++; }
void supply_ask_for_shell(struct slot *slot) { slots_enter(slot, ASKED); }
void supply_shell_waits(struct slot *slot) { slots_enter(slot, READY); }
void supply_dismiss_shell(struct slot *slot) { close_fd(&slot->shell); }
void teardown_drop(struct slot *slot) { dropped++, slots_enter(slot, FREE); }
void teardown_see_off(struct slot *slot) { (void)slot, seen_off++; }
void teardown_begin(struct slot *slot, int status) { ended_status = status, begun++, slots_enter(slot, ENDED); }
void create_end(struct slot *slot, const struct shell_error *error) { answered = error ? error->step : 1000, slots_enter(slot, RUNNING); }
void adoption_entrust(struct slot *slot) { (void)slot, entrusted++; }
int events_watch(int fd, enum source source, uint32_t number) { return (void)fd, (void)source, (void)number, 0; }

static int slot_end = -1, shell_end = -1; /* what the slot and its shell hold */

static struct slot *in(enum state state) {
    int pair[2];
    struct slot *slot = slots_at(1);
    close_fd(&slot->control), close_fd(&slot->shell), close_fd(&slot->pidfd), close_fd(&slot->out.fd), close_fd(&slot->err.fd);
    close_fd(&slot->process), close_fd(&slot_end), close_fd(&shell_end);
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) abort();
    slot->control = pair[0];
    slot_end = pair[1];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) abort();
    slot->shell = pair[0];
    shell_end = pair[1];
    failed = begun = answered = entrusted = dropped = seen_off = 0;
    ended_status = -1;
    slot->lost = slot->died_of_it = slot->all_said = false;
    slots_enter(slot, state);
    return slot;
}

static void say(int word, int value, int descriptors) {
    int fds[4];
    struct slot_message message = {word, value};
    for (int i = 0; i < descriptors; i++) fds[i] = syscall(SYS_pidfd_open, getpid(), 0);
    CHECK_NUMBER(send_fds(slot_end, &message, sizeof message, fds, descriptors), 0);
    for (int i = 0; i < descriptors; i++) close(fds[i]);
}

static void say_as_shell(int step, int error) {
    struct shell_error message = {step, error, 0};
    CHECK_NUMBER(send_fds(shell_end, &message, sizeof message, NULL, 0), 0);
}

static void aSlotIsForkedMakesAShellAndItWaits(void) {
    struct slot *slot = in(FORKED);
    say(SLOT_READY, 0, 1);
    messages_hear_slot(slot);
    CHECK_NUMBER(slot->state, ASKED);
    CHECK_NUMBER(slot->pid, getpid());
    say(SLOT_MADE, 0, SLOT_MADE_FDS);
    messages_hear_slot(slot);
    CHECK_NUMBER(slot->state, STAGING);
    CHECK(slot->pidfd >= 0 && slot->out.fd >= 0 && slot->err.fd >= 0);
    say_as_shell(0, 0);
    messages_hear_shell(slot);
    CHECK_NUMBER(slot->state, READY);
    CHECK_NUMBER(failed, 0);
}

static void aShellThatIsAheadOfItsSlotIsHeardWithIt(void) {
    struct slot *slot = in(ASKED);
    say_as_shell(0, 0);
    say(SLOT_MADE, 0, SLOT_MADE_FDS);
    messages_hear_slot(slot);
    CHECK_NUMBER(slot->state, READY);
}

/* What the last shell of a slot had to say may be heard after the next was asked for, which is ready already. */
static void anEventOfTheLastShellIsNotTakenForTheNext(void) {
    struct slot *slot = in(ASKED);
    say_as_shell(0, 0);
    messages_hear_shell(slot);
    CHECK_NUMBER(failed, 0);
    CHECK_NUMBER(slot->state, ASKED);
    CHECK(slot->shell >= 0);
    say(SLOT_MADE, 0, SLOT_MADE_FDS);
    messages_hear_slot(slot);
    CHECK_NUMBER(slot->state, READY);
}

static void theEndOfItsSocketIsTheProgram(void) {
    struct slot *slot = in(STARTING);
    messages_hear_shell(slot);
    CHECK_NUMBER(slot->state, STARTING); /* It has said nothing. */
    close_fd(&shell_end);
    messages_hear_shell(slot);
    CHECK_NUMBER(slot->state, RUNNING);
    CHECK_NUMBER(answered, 1000);
    CHECK_NUMBER(entrusted, 1);
    CHECK_NUMBER(slot->shell, -1);
}

static void aShellThatCannotSaysWhy(void) {
    struct slot *slot = in(STARTING);
    say_as_shell(STEP_EXEC, 2);
    messages_hear_shell(slot);
    CHECK_NUMBER(answered, STEP_EXEC);
    CHECK_NUMBER(entrusted, 0);
    slot = in(STAGING);
    say_as_shell(STEP_STAGE, 2);
    messages_hear_shell(slot);
    CHECK_NUMBER(failed, 1);
    CHECK_NUMBER(slot->state, STAGING); /* Its slot tells the end. */
    CHECK_NUMBER(slot->shell, -1);
}

static void anEndMayComeBeforeTheBeginningWasHeard(void) {
    struct slot *slot = in(STARTING);
    close_fd(&shell_end);
    say(SLOT_ENDED, 9 | SLOT_ALL_SAID, 0);
    messages_hear_slot(slot);
    CHECK_NUMBER(answered, 1000);
    CHECK_NUMBER(begun, 1);
    CHECK_NUMBER(ended_status, 9);
    CHECK(slot->all_said);
}

static void messagesWithoutTheirDescriptorsDropTheSlot(void) {
    struct slot *slot = in(FORKED);
    say(SLOT_READY, 0, 0);
    messages_hear_slot(slot);
    CHECK(dropped == 1 && failed == 1);
    slot = in(ASKED);
    say(SLOT_MADE, 0, 2);
    messages_hear_slot(slot);
    CHECK(dropped == 1 && failed == 1 && slot->pidfd < 0);
    slot = in(ASKED);
    say(SLOT_FAILED, 11, 0);
    messages_hear_slot(slot);
    CHECK(dropped == 1 && failed == 1);
}

static void aSlotThatIsLostTakesItsSandboxAlong(void) {
    struct slot *slot = in(RUNNING);
    close_fd(&slot_end);
    messages_hear_slot(slot);
    CHECK(slot->lost && slot->died_of_it && slot->control == -1);
    CHECK(begun == 1 && ended_status == 9 && seen_off == 1);
    slot = in(CLEARING);
    close_fd(&slot_end);
    messages_hear_slot(slot);
    CHECK(slot->lost && !slot->died_of_it && slot->control == -1);
    CHECK_NUMBER(begun, 0);
}

static void halfAMessageIsTheEndOfASlot(void) {
    struct slot *slot = in(RUNNING);
    CHECK_NUMBER(send_fds(slot_end, "ab", 2, NULL, 0), 0);
    messages_hear_slot(slot);
    CHECK(slot->lost);
}

int main(void) {
    aSlotIsForkedMakesAShellAndItWaits();
    aShellThatIsAheadOfItsSlotIsHeardWithIt();
    anEventOfTheLastShellIsNotTakenForTheNext();
    theEndOfItsSocketIsTheProgram();
    aShellThatCannotSaysWhy();
    anEndMayComeBeforeTheBeginningWasHeard();
    messagesWithoutTheirDescriptorsDropTheSlot();
    aSlotThatIsLostTakesItsSandboxAlong();
    halfAMessageIsTheEndOfASlot();
    return check_result();
}

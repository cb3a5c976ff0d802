/* Links: supply.c slots.c kernel.c */
#include "supply.h"

#include <errno.h>
#include <unistd.h>

#include "check.h"
#include "clock.h"
#include "events.h"
#include "kernel.h"
#include "slot_process.h"
#include "zygotes.h"

/* --- in place of cgroups, processes and time --- */

static uint64_t now = 1000000000;
static bool forks = true;
static int forked, removed;
static uint32_t live_zygote; /* of kind 1 */

uint64_t clock_ns(void) { return now; }
bool cgroup_make(struct cgroup *group, int slot) { return group->slot = slot, true; }
int cgroup_entrances(int slot, int *fds) { return (void)slot, (void)fds, 0; }
bool cgroup_remove(struct cgroup *group) { return (void)group, removed++, true; }
void cgroup_make_room(struct cgroup *group) { (void)group; }
int events_watch(int fd, enum source source, uint32_t number) { return (void)fd, (void)source, (void)number, 0; }
void events_unwatch(int fd) { (void)fd; }
int slot_process_ask(int slot, int shell_socket) { return (void)slot, close(shell_socket); }
uint32_t zygotes_kind(uint32_t number) { return number == live_zygote ? 1 : 0; }
void zygotes_fork(uint32_t kind, uint32_t slot, const int *groups, int count, int *to_slot) {
    (void)kind, (void)slot, (void)groups, (void)count;
    *to_slot = forks ? 1000 : -1; /* No descriptor of ours: nobody closes it. */
    forked += forks;
    if (!forks) errno = EAGAIN;
}

static uint32_t on_their_way(uint32_t kind) {
    return slots_of_kind_in(kind, FORKED) + slots_of_kind_in(kind, ASKED) + slots_of_kind_in(kind, STAGING);
}

/* What slots do by themselves: each comes a step further. */
static void step(void) {
    for (struct slot *slot = NULL; (slot = slots_next(slot));) {
        if (slot->state == STAGING) supply_shell_waits(slot);
        else if (slot->state == ASKED) slots_enter(slot, STAGING);
        else if (slot->state == FORKED) supply_ask_for_shell(slot);
    }
}

static void fill(void) {
    for (int i = 0; i < 100; i++) {
        supply_refill();
        step();
    }
}

static void begin_test(int ready) {
    for (struct slot *slot = NULL; (slot = slots_next(slot));) {
        supply_dismiss_shell(slot);
        slots_enter(slot, FREE);
    }
    now += 1000000000;
    forks = true;
    forked = removed = 0;
    live_zygote = 0;
    supply_close();
    supply_open(ready);
}

static void asManyWaitAsAreWanted(void) {
    begin_test(10);
    CHECK(!supply_can_start(0));
    fill();
    CHECK_NUMBER(slots_in(READY), 10);
    CHECK_NUMBER(forked, 10);
    CHECK(supply_can_start(0));
    slots_enter(slots_ready(0), RUNNING);
    fill();
    CHECK_NUMBER(slots_in(READY), 10);
    CHECK_NUMBER(forked, 11);
}

static void onlySoManyAreOnTheirWayAtOnce(void) {
    begin_test(100);
    for (int i = 0; i < 10; i++) {
        supply_refill();
        CHECK_NUMBER(on_their_way(0), 4);
    }
}

static void whatIsClearedIsCountedOnAlready(void) {
    begin_test(2);
    fill();
    slots_enter(slots_ready(0), ENDED);
    slots_enter(slots_ready(0), CLEARING);
    fill();
    CHECK_NUMBER(forked, 2);
    CHECK(!supply_can_start(0));
    CHECK(supply_may_grow(0));
}

static void aMachineThatMakesNoneIsNotAskedAgainAtOnce(void) {
    begin_test(2);
    forks = false;
    supply_refill();
    CHECK_NUMBER(removed, 1);
    supply_refill();
    CHECK(!supply_may_grow(0));
    CHECK_NUMBER(removed, 1);
    now += 100000000;
    forks = true;
    fill();
    CHECK_NUMBER(slots_in(READY), 2);
}

static void nothingIsMadeOfAKindThatIsNotWanted(void) {
    begin_test(2);
    CHECK(!supply_wants(1) && !supply_may_grow(1));
    fill();
    CHECK_NUMBER(slots_of_kind_in(1, READY), 0);
}

static void startsWaitForAZygoteOnlyOnceItHasShown(void) {
    begin_test(2);
    live_zygote = 77;
    supply_begin(1);
    CHECK_NUMBER(supply_kind(77), 0);
    supply_refill();
    CHECK_NUMBER(supply_kind(77), 0);
    fill();
    CHECK_NUMBER(supply_kind(77), 1);
    while (slots_ready(1)) slots_enter(slots_ready(1), RUNNING);
    CHECK_NUMBER(supply_kind(77), 1); /* It makes one. */
    CHECK_NUMBER(supply_kind(78), 0);
    CHECK_NUMBER(supply_kind(0), 0);
}

static void ofAZygoteThatIsGoneOnlyWhatRunsStays(void) {
    begin_test(3);
    live_zygote = 77;
    supply_begin(1);
    fill();
    struct slot *runs = slots_ready(1);
    slots_enter(runs, RUNNING);
    supply_refill();
    live_zygote = 0;
    supply_end(1);
    CHECK(runs->kind == KIND_RETIRED && runs->state == RUNNING);
    CHECK_NUMBER(slots_of_kind_in(1, READY) + on_their_way(1), 0);
    CHECK_NUMBER(slots_of_kind_in(KIND_RETIRED, READY), 2); /* Until their slots tell the end. */
    CHECK(slots_ready(KIND_RETIRED) == NULL);
    fill();
    CHECK_NUMBER(slots_of_kind_in(KIND_RETIRED, READY), 3); /* One that was on its way; it is told to go at once. */
    CHECK(slots_ready(KIND_RETIRED) == NULL);
    supply_begin(1); /* The next zygote is none that has shown itself. */
    live_zygote = 78;
    CHECK_NUMBER(supply_kind(78), 0);
}

int main(void) {
    asManyWaitAsAreWanted();
    onlySoManyAreOnTheirWayAtOnce();
    whatIsClearedIsCountedOnAlready();
    aMachineThatMakesNoneIsNotAskedAgainAtOnce();
    nothingIsMadeOfAKindThatIsNotWanted();
    startsWaitForAZygoteOnlyOnceItHasShown();
    ofAZygoteThatIsGoneOnlyWhatRunsStays();
    return check_result();
}

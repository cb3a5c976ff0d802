/* Links: teardown.c slots.c server.c wire.c kernel.c */
#include "teardown.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"
#include "clock.h"
#include "networks.h"
#include "output.h"
#include "server.h"
#include "supply.h"

enum { MS = 1000000 };

/* --- in place of cgroups, processes, output and time --- */

static uint64_t now = 1000 * MS;
static long long processes = 1; /* in the cgroup, the slot's own with them */
static bool open_output, removable = true, wanted = true, killed_by_oom;
static int killed, killed_but, asked, returned, given;

uint64_t clock_ns(void) { return now; }
long long cgroup_pids(struct cgroup *group) { return (void)group, processes; }
void cgroup_kill(struct cgroup *group) { (void)group, killed++; }
void cgroup_kill_but(struct cgroup *group, pid_t spared) { (void)group, (void)spared, killed_but++; }
bool cgroup_remove(struct cgroup *group) { return (void)group, removable; }
void cgroup_thaw(struct cgroup *group) { (void)group; }
void cgroup_account(struct cgroup *group, struct usage *usage) { (void)group, usage->cpu_ns = 5; }
void cgroup_judge(struct cgroup *group, struct usage *usage) { (void)group, usage->oom_killed = killed_by_oom; }
void roots_return(struct lent *lent) { returned += lent->held, lent->held = false; }
void networks_give(int fd, const char *tenant) { (void)fd, (void)tenant, given++; }
bool output_hand_on_rest(struct slot *slot) { return (void)slot, open_output; }
void output_pause(struct slot *slot, bool paused) { (void)slot, (void)paused; }
void output_close(struct slot *slot) { (void)slot; }
bool supply_wants(uint32_t kind) { return (void)kind, wanted; }
void supply_ask_for_shell(struct slot *slot) { asked++, slots_enter(slot, ASKED); }

static int other = -1;

static struct slot *run(void) {
    int pair[2];
    server_disconnect();
    if (other >= 0) close(other);
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0) abort();
    server_connect(pair[0]);
    other = pair[1];
    processes = 1;
    open_output = killed_by_oom = false;
    removable = wanted = true;
    killed = killed_but = asked = returned = given = 0;
    struct slot *slot = slots_at(2);
    slots_enter(slot, RUNNING);
    slot->lost = slot->died_of_it = slot->killed = slot->adopted = slot->all_said = slot->destroy_waits = false;
    slot->root.held = slot->own_network = true;
    slot->network = 1000; /* No descriptor of ours: it is only given back. */
    snprintf(slot->id, sizeof slot->id, "ins_1");
    return slot;
}

/* What the server was told: the cause of an exit, or -1 for none; and how many things were left. */
static int told_cause, told_code;
static uint32_t told_left, told_destroyed;

static int told(void) {
    uint8_t bytes[4096];
    told_cause = told_code = -1;
    told_left = told_destroyed = 0;
    int exits = 0;
    server_flush();
    ssize_t got = recv(other, bytes, sizeof bytes, MSG_DONTWAIT);
    for (ssize_t at = 0; at + FRAME_HEAD <= got;) {
        struct reader in = {bytes + at, bytes + got, false};
        at += 4 + read_u32(&in);
        uint8_t type = read_u8(&in);
        read_u32(&in);
        told_destroyed += type == T_OK;
        if (type != T_EXITED) continue;
        exits++;
        read_text(&in, ID_BYTES_MAX);
        told_code = read_u32(&in);
        told_cause = read_u8(&in);
        CHECK_NUMBER(read_u64(&in), 5);
        read_u64(&in);
        told_left = read_u32(&in);
    }
    return exits;
}

static void aSlotIsAskedAgainWhenNothingIsLeft(void) {
    struct slot *slot = run();
    teardown_begin(slot, 3 << 8);
    CHECK_NUMBER(slot->state, ASKED);
    CHECK_NUMBER(told(), 1);
    CHECK(told_code == 3 && told_cause == 0 && told_left == 0);
    CHECK(asked == 1 && returned == 1 && given == 1);
    CHECK(slots_find("ins_1") == NULL);
}

static void theLastWordsAreWaitedForButNotForEver(void) {
    struct slot *slot = run();
    open_output = true;
    teardown_begin(slot, 0);
    CHECK_NUMBER(slot->state, ENDED);
    now += 299 * MS;
    teardown_go_on(slot);
    CHECK_NUMBER(slot->state, ENDED);
    CHECK_NUMBER(told(), 0);
    now += 1 * MS;
    teardown_go_on(slot);
    CHECK_NUMBER(slot->state, ASKED);
    CHECK_NUMBER(told(), 1);
    slot = run();
    open_output = slot->all_said = true;
    teardown_begin(slot, 0);
    CHECK_NUMBER(slot->state, ASKED);
}

static void whatDoesNotGoIsKilledAgainAndThenPutAside(void) {
    struct slot *slot = run();
    processes = 3;
    teardown_begin(slot, 0);
    CHECK_NUMBER(slot->state, CLEARING);
    now += 200 * MS;
    teardown_go_on(slot);
    CHECK_NUMBER(killed, 0);
    now += 1 * MS;
    teardown_go_on(slot);
    CHECK_NUMBER(killed, 1);
    CHECK_NUMBER(told(), 0);
    now += 800 * MS;
    teardown_go_on(slot);
    CHECK_NUMBER(slot->state, QUARANTINED);
    CHECK_NUMBER(told(), 1);
    CHECK_NUMBER(told_left, 1);
    CHECK(returned == 0 && asked == 0); /* What is left may have its root still: it goes to nobody. */
    slots_enter(slot, FREE);
}

static void anEndThatIsToldTwiceCountsOnce(void) {
    struct slot *slot = run();
    processes = 3;
    teardown_begin(slot, 9);
    teardown_begin(slot, 9);
    CHECK_NUMBER(slots_in(ENDED) + slots_in(CLEARING), 1);
    processes = 1;
    teardown_go_on(slot);
    CHECK_NUMBER(slots_in(ENDED) + slots_in(CLEARING), 0);
    CHECK_NUMBER(told(), 1);
}

static void aDestroyIsAnsweredWithTheEnd(void) {
    struct slot *slot = run();
    slot->destroy_waits = slot->killed = killed_by_oom = true;
    teardown_kill(slot);
    teardown_kill(slot);
    CHECK(teardown_waits_for_ends());
    CHECK_NUMBER(told(), 0);
    teardown_begin(slot, 9);
    CHECK(!teardown_waits_for_ends());
    CHECK_NUMBER(told(), 1);
    CHECK(told_destroyed == 1 && told_code == 137 && told_cause == 0);
}

static void aKilledOneThatDoesNotEndIsHelpedAndGivenUp(void) {
    struct slot *slot = run();
    teardown_kill(slot);
    now += 50 * MS;
    teardown_go_on(slot);
    CHECK_NUMBER(killed_but, 0);
    now += 1 * MS;
    teardown_go_on(slot);
    CHECK_NUMBER(killed_but, 1);
    CHECK_NUMBER(slot->state, RUNNING);
    now += 950 * MS;
    teardown_go_on(slot);
    CHECK(slot->state != RUNNING && !teardown_waits_for_ends());
    CHECK_NUMBER(told(), 1);
}

static void causesAreTold(void) {
    struct slot *slot = run();
    killed_by_oom = true;
    teardown_begin(slot, 9);
    told();
    CHECK(told_cause == 1 && told_code == 137);
    slot = run();
    killed_by_oom = true;
    teardown_begin(slot, 0); /* It has ended well: somebody else was killed. */
    told();
    CHECK_NUMBER(told_cause, 0);
    slot = run();
    slot->lost = slot->died_of_it = true;
    processes = 0;
    teardown_begin(slot, 9);
    told();
    CHECK_NUMBER(told_cause, 3);
    CHECK_NUMBER(slot->state, FREE);
}

static void whatNobodyWantsAgainIsDropped(void) {
    struct slot *slot = run();
    wanted = false;
    teardown_begin(slot, 0);
    CHECK_NUMBER(slot->state, FREE);
    slot = run();
    slot->adopted = true;
    removable = false;
    teardown_begin(slot, 0);
    CHECK_NUMBER(slot->state, QUARANTINED);
    CHECK_NUMBER(asked, 0);
    slots_enter(slot, FREE);
}

static void aShellThatNobodyUsedIsNoExit(void) {
    struct slot *slot = run();
    slots_enter(slot, STAGING);
    teardown_begin(slot, 9);
    CHECK_NUMBER(slot->state, FREE);
    CHECK_NUMBER(told(), 0);
    CHECK_NUMBER(returned, 1);
    slot = run();
    slots_enter(slot, STAGING);
    removable = false;
    teardown_begin(slot, 9);
    CHECK_NUMBER(slot->state, QUARANTINED);
    CHECK_NUMBER(returned, 0); /* Something that had its root may live on. */
    slots_enter(slot, FREE);
}

int main(void) {
    aSlotIsAskedAgainWhenNothingIsLeft();
    theLastWordsAreWaitedForButNotForEver();
    whatDoesNotGoIsKilledAgainAndThenPutAside();
    anEndThatIsToldTwiceCountsOnce();
    aDestroyIsAnsweredWithTheEnd();
    aKilledOneThatDoesNotEndIsHelpedAndGivenUp();
    causesAreTold();
    whatNobodyWantsAgainIsDropped();
    aShellThatNobodyUsedIsNoExit();
    return check_result();
}

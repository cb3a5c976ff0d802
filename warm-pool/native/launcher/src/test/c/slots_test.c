/* Links: slots.c */
#include "slots.h"

#include "check.h"

static void empty(void) {
    for (struct slot *slot = NULL; (slot = slots_next(slot));) slots_enter(slot, FREE);
}

static uint32_t all(void) {
    uint32_t sum = 0;
    for (enum state state = FORKED; state < STATES; state++) sum += slots_in(state);
    return sum;
}

static struct slot *run(const char *id, uint32_t kind) {
    struct slot *slot = slots_free();
    slots_change_kind(slot, kind);
    slots_enter(slot, RUNNING);
    snprintf(slot->id, sizeof slot->id, "%s", id);
    return slot;
}

static void aSlotThatWasNeverUsedHoldsNothing(void) {
    CHECK(slots_used(0) == NULL);
    CHECK(slots_next(NULL) == NULL);
    struct slot *slot = slots_at(5);
    CHECK_NUMBER(slots_number(slot), 5);
    CHECK(slot->state == FREE && slot->control == -1 && slot->out.fd == -1 && slot->binding == -1);
    CHECK(slots_used(5) == slot && slots_used(6) == NULL);
    CHECK(slots_used(UINT32_MAX) == NULL);
    CHECK_NUMBER(all(), 0);
}

static void sandboxesAreFoundFromTheirStartUntilNothingIsLeft(void) {
    struct slot *slot = run("a", 0);
    for (enum state state = FREE; state < STATES; state++) {
        slots_enter(slot, state);
        CHECK((slots_find("a") == slot) == (state >= STARTING && state <= CLEARING));
    }
    CHECK(slots_find("b") == NULL);
    CHECK(slots_find("") == NULL);
    empty();
}

static void ofTwoWithOneNameTheFirstIsFound(void) {
    struct slot *first = run("a", 0), *second = run("a", 0);
    CHECK(slots_find("a") == first);
    slots_enter(first, QUARANTINED);
    CHECK(slots_find("a") == second);
    empty();
}

static void onlyAShellThatWaitsAndListensIsReady(void) {
    struct slot *slot = slots_free();
    slots_change_kind(slot, 2);
    slots_enter(slot, READY);
    CHECK(slots_ready(2) == NULL); /* It was dismissed. */
    slot->shell = 9;
    CHECK(slots_ready(2) == slot);
    CHECK(slots_ready(0) == NULL);
    slots_enter(slot, STARTING);
    CHECK(slots_ready(2) == NULL);
    slot->shell = -1;
    empty();
}

static void countsFollowStatesAndKinds(void) {
    struct slot *a = run("a", 0), *b = run("b", 3);
    CHECK_NUMBER(slots_in(RUNNING), 2);
    CHECK_NUMBER(slots_of_kind_in(0, RUNNING), 1);
    CHECK_NUMBER(slots_of_kind_in(3, RUNNING), 1);
    slots_enter(a, ENDED);
    slots_enter(a, ENDED); /* Told twice: the slot, and whoever waited too long for it. */
    CHECK_NUMBER(slots_in(ENDED), 1);
    slots_change_kind(b, KIND_RETIRED);
    CHECK_NUMBER(slots_of_kind_in(3, RUNNING), 0);
    CHECK_NUMBER(slots_of_kind_in(KIND_RETIRED, RUNNING), 1);
    slots_enter(a, FREE);
    slots_enter(b, QUARANTINED);
    CHECK_NUMBER(all(), 1);
    slots_enter(b, FREE);
    CHECK_NUMBER(all(), 0);
}

static void aFullTableHasNoFreeSlotUntilOneGoes(void) {
    uint32_t made = 0;
    for (struct slot *slot; (slot = slots_free()); made++) slots_enter(slot, FORKED);
    CHECK_NUMBER(made, SLOTS_MAX);
    CHECK_NUMBER(slots_in(FORKED), SLOTS_MAX);
    CHECK(slots_used(SLOTS_MAX) == NULL);
    struct slot *one = slots_at(1234);
    slots_enter(one, FREE);
    CHECK(slots_free() == one);
    empty();
    CHECK_NUMBER(all(), 0);
}

static void slotsMayGoAndComeWhileAllAreLookedAt(void) {
    for (int i = 0; i < 100; i++) run("x", 0);
    uint32_t seen = 0;
    for (struct slot *slot = NULL; (slot = slots_next(slot));) {
        if (slot->state == FREE) continue;
        seen++;
        slots_enter(slot, FREE);
        if (seen <= 50) slots_enter(slots_free(), CLEARING); /* The one that has just gone: it is not seen again. */
    }
    CHECK_NUMBER(seen, 100);
    CHECK_NUMBER(slots_in(RUNNING), 0);
    CHECK_NUMBER(slots_in(CLEARING), 50);
    empty();
}

int main(void) {
    aSlotThatWasNeverUsedHoldsNothing();
    sandboxesAreFoundFromTheirStartUntilNothingIsLeft();
    ofTwoWithOneNameTheFirstIsFound();
    onlyAShellThatWaitsAndListensIsReady();
    countsFollowStatesAndKinds();
    aFullTableHasNoFreeSlotUntilOneGoes();
    slotsMayGoAndComeWhileAllAreLookedAt();
    return check_result();
}

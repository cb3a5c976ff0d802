#include "slots.h"

#include <string.h>

static struct slot slots[SLOTS_MAX];
static uint32_t used; /* slots from here on were never touched */
static uint32_t counts[KINDS_MAX][STATES];

uint32_t slots_number(const struct slot *slot) { return slot - slots; }

struct slot *slots_at(uint32_t number) {
    while (used <= number) {
        struct slot *slot = &slots[used++];
        slot->process = slot->control = slot->shell = slot->pidfd = slot->network = slot->binding = slot->out.fd = slot->err.fd = -1;
    }
    return &slots[number];
}

struct slot *slots_used(uint32_t number) { return number < used ? &slots[number] : NULL; }

struct slot *slots_free(void) {
    for (struct slot *slot = slots; slot < slots + used; slot++)
        if (slot->state == FREE) return slot;
    return used == SLOTS_MAX ? NULL : slots_at(used);
}

struct slot *slots_find(const char *id) {
    for (struct slot *slot = slots; slot < slots + used; slot++)
        if (slot->state >= STARTING && slot->state <= CLEARING && strcmp(slot->id, id) == 0) return slot;
    return NULL;
}

struct slot *slots_ready(uint32_t kind) {
    for (struct slot *slot = slots; slot < slots + used; slot++)
        if (slot->state == READY && slot->kind == kind && slot->shell >= 0) return slot;
    return NULL;
}

struct slot *slots_next(const struct slot *slot) {
    uint32_t next = slot ? slots_number(slot) + 1 : 0;
    return slots_used(next);
}

static void count(const struct slot *slot, int by) {
    if (slot->state != FREE) counts[slot->kind][slot->state] += by;
}

void slots_enter(struct slot *slot, enum state state) {
    count(slot, -1);
    slot->state = state;
    count(slot, 1);
}

void slots_change_kind(struct slot *slot, uint32_t kind) {
    count(slot, -1);
    slot->kind = kind;
    count(slot, 1);
}

uint32_t slots_of_kind_in(uint32_t kind, enum state state) { return counts[kind][state]; }

uint32_t slots_in(enum state state) {
    uint32_t sum = 0;
    for (uint32_t kind = 0; kind < KINDS_MAX; kind++) sum += counts[kind][state];
    return sum;
}

#include "pending.h"

#include <stdlib.h>
#include <string.h>

#include "create.h"
#include "request.h"
#include "server.h"
#include "supply.h"

/* A ring: the first of `count` is at `from`. */
static struct start {
    uint8_t *payload;
    uint32_t length, request, zygote;
} starts[PENDING_MAX];
static uint32_t from, count, bytes;

static struct start *at(uint32_t place) { return &starts[(from + place) % PENDING_MAX]; }

void pending_add(uint32_t request, uint32_t zygote, const uint8_t *payload, uint32_t length) {
    uint8_t *copy = NULL;
    if (count == PENDING_MAX || bytes + length > PENDING_BYTES_MAX || !supply_may_grow(supply_kind(zygote))
        || (copy = malloc(length)) == NULL) {
        server_refuse(request, R_CAPACITY, "sandbox", "a free slot; too many starts wait already");
        return;
    }
    memcpy(copy, payload, length);
    *at(count++) = (struct start){copy, length, request, zygote};
    bytes += length;
}

bool pending_holds(uint32_t zygote) {
    for (uint32_t i = 0; i < count; i++)
        if (at(i)->zygote == zygote) return true;
    return false;
}

/* It was decoded before. Of a zygote that has gone meanwhile it starts as any other. */
static void begin(struct start *start, uint32_t kind) {
    static struct create_request decoded;
    struct reader in = {start->payload, start->payload + start->length, false};
    const char *field, *expected;
    if (decode_create(&in, &decoded, &field, &expected)) create_begin(start->request, &decoded, kind);
    free(start->payload);
    bytes -= start->length;
}

void pending_begin(void) {
    uint32_t waiting = 0;
    for (uint32_t i = 0; i < count; i++) {
        struct start *start = at(i);
        uint32_t kind = supply_kind(start->zygote);
        if (supply_can_start(kind)) {
            begin(start, kind);
            continue;
        }
        supply_may_grow(kind);
        *at(waiting++) = *start; /* In their order. */
    }
    count = waiting;
}

bool pending_any(void) { return count > 0; }

void pending_forget(void) {
    for (uint32_t i = 0; i < count; i++) free(at(i)->payload);
    count = bytes = 0;
}

/* From frames to what is done about them. */
#define _GNU_SOURCE
#include "dispatch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "roots.h"
#include "sandboxes.h"
#include "server.h"

enum { PENDING_MAX = 256, PENDING_BYTES_MAX = 8 << 20 };

static bool greeted, stopped, leaving;

/* --- starts that wait for a shell --- */

static struct pending {
    uint8_t *frame;
    uint32_t length, request;
} pending[PENDING_MAX];
static uint32_t pending_from, pending_count, pending_bytes;

static void keep_pending(uint32_t request, const uint8_t *from, uint32_t length) {
    uint8_t *copy = NULL;
    if (pending_count == PENDING_MAX || pending_bytes + length > PENDING_BYTES_MAX || !sandboxes_may_grow()
        || (copy = malloc(length)) == NULL) {
        server_refuse(request, R_CAPACITY, "sandbox", "a free slot; too many starts wait already");
        return;
    }
    memcpy(copy, from, length);
    pending[(pending_from + pending_count++) % PENDING_MAX] = (struct pending){copy, length, request};
    pending_bytes += length;
}

static void create(uint32_t request, struct reader *in) {
    static struct create_request decoded;
    const char *field, *expected;
    if (decode_create(in, &decoded, &field, &expected)) sandboxes_create(request, &decoded);
    else server_refuse(request, R_INVALID, field, expected);
}

void dispatch_pending(void) {
    while (pending_count > 0 && sandboxes_can_start()) {
        struct pending *first = &pending[pending_from];
        struct reader in = {first->frame, first->frame + first->length, false};
        create(first->request, &in);
        free(first->frame);
        pending_bytes -= first->length;
        pending_from = (pending_from + 1) % PENDING_MAX;
        pending_count--;
    }
    if (pending_count > 0) sandboxes_may_grow();
}

void dispatch_reset(void) {
    greeted = false;
    for (; pending_count > 0; pending_count--, pending_from = (pending_from + 1) % PENDING_MAX)
        free(pending[pending_from].frame);
    pending_bytes = 0;
}

/* --- requests --- */

static void mount_root(uint32_t request, struct reader *in) {
    static struct root_request decoded;
    const char *field, *expected;
    if (!decode_root(in, &decoded, &field, &expected)) {
        server_refuse(request, R_INVALID, field, expected);
        return;
    }
    int root = roots_mount(&decoded);
    if (root < 0) {
        char text[128];
        snprintf(text, sizeof text, "layers that can be mounted as an overlay; it failed with %s", strerrorname_np(errno));
        server_refuse(request, errno == ENFILE ? R_CAPACITY : R_INVALID, "layers", text);
        return;
    }
    struct writer *out = server_frame(T_OK, request);
    write_u32(out, root);
    server_send();
}

static void hello(uint32_t request, struct reader *in) {
    if (read_u32(in) != PROTOCOL_VERSION) {
        server_refuse(request, R_INVALID, "version", "1");
        return;
    }
    greeted = true;
    struct writer *out = server_frame(T_OK, request);
    write_u32(out, PROTOCOL_VERSION);
    write_u32(out, getpid());
    server_send();
}

void dispatch(uint8_t type, uint32_t request, struct reader *in) {
    char id[ID_BYTES_MAX + 1] = "";
    if (type == T_HELLO) {
        hello(request, in);
        return;
    }
    if (type == T_LEAVE) { /* From a successor, which may be of another version. */
        leaving = read_u8(in) != 0;
        stopped = true;
        return;
    }
    if (!greeted) {
        server_refuse(request, R_MALFORMED, "frame", "a greeting first");
        return;
    }
    bool named = type == T_FREEZE || type == T_THAW || type == T_SIGNAL || type == T_DESTROY || type == T_STATS || type == T_TAKEN;
    if (named && (!text_copy(read_text(in, ID_BYTES_MAX), id, sizeof id) || in->bad)) {
        server_refuse(request, R_MALFORMED, "id", "at most 60 bytes");
        return;
    }
    switch (type) {
    case T_ROOT: mount_root(request, in); break;
    case T_UNROOT:
        if (roots_unmount(read_u32(in)) == 0) server_ok(request);
        else server_refuse(request, R_UNKNOWN, "root", "a root that is mounted");
        break;
    case T_CREATE:
        if (sandboxes_can_start() && pending_count == 0) create(request, in);
        else keep_pending(request, in->at, in->end - in->at);
        break;
    case T_BIND: sandboxes_bind(request, in); break;
    case T_FREEZE: sandboxes_freeze(request, id, true); break;
    case T_THAW: sandboxes_freeze(request, id, false); break;
    case T_SIGNAL: sandboxes_signal(request, id, read_u32(in)); break;
    case T_DESTROY: sandboxes_destroy(request, id); break;
    case T_ADOPT: sandboxes_list(request, read_u32(in)); break;
    case T_SWEEP: {
        int left = sandboxes_sweep();
        struct writer *out = server_frame(T_OK, request);
        write_u32(out, left);
        server_send();
        break;
    }
    case T_STATS: sandboxes_stats(request, id); break;
    case T_TAKEN: sandboxes_taken(id, read_u32(in)); break;
    case T_STOP:
        stopped = true;
        server_ok(request);
        break;
    default: server_refuse(request, R_MALFORMED, "type", "one of this version");
    }
}

bool dispatch_waits(void) { return pending_count > 0; }

bool dispatch_stopped(void) { return stopped; }
bool dispatch_leaving(void) { return leaving; }

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
#include "zygotes.h"

enum { PENDING_MAX = 256, PENDING_BYTES_MAX = 8 << 20 };

static bool greeted, stopped, leaving;

/* --- starts that wait for a shell --- */

static struct pending {
    uint8_t *frame;
    uint32_t length, request, zygote;
} pending[PENDING_MAX];
static uint32_t pending_from, pending_count, pending_bytes;

static void keep_pending(uint32_t request, uint32_t zygote, const uint8_t *from, uint32_t length) {
    uint8_t *copy = NULL;
    if (pending_count == PENDING_MAX || pending_bytes + length > PENDING_BYTES_MAX || !sandboxes_may_grow(sandboxes_kind(zygote))
        || (copy = malloc(length)) == NULL) {
        server_refuse(request, R_CAPACITY, "sandbox", "a free slot; too many starts wait already");
        return;
    }
    memcpy(copy, from, length);
    pending[(pending_from + pending_count++) % PENDING_MAX] = (struct pending){copy, length, request, zygote};
    pending_bytes += length;
}

static bool waits_for(uint32_t zygote) {
    for (uint32_t i = 0; i < pending_count; i++)
        if (pending[(pending_from + i) % PENDING_MAX].zygote == zygote) return true;
    return false;
}

static void create(uint32_t request, struct reader *in) {
    static struct create_request decoded;
    const uint8_t *from = in->at;
    const char *field, *expected;
    if (!decode_create(in, &decoded, &field, &expected)) {
        server_refuse(request, R_INVALID, field, expected);
        return;
    }
    uint32_t kind = sandboxes_kind(decoded.zygote);
    if (sandboxes_can_start(kind) && !waits_for(decoded.zygote)) sandboxes_create(request, &decoded, kind);
    else keep_pending(request, decoded.zygote, from, in->end - from);
}

/* It was decoded before. Of a zygote that has gone meanwhile it starts as any other. */
static void begin(struct pending *one, uint32_t kind) {
    static struct create_request decoded;
    struct reader in = {one->frame, one->frame + one->length, false};
    const char *field, *expected;
    if (decode_create(&in, &decoded, &field, &expected)) sandboxes_create(one->request, &decoded, kind);
    free(one->frame);
    pending_bytes -= one->length;
}

void dispatch_pending(void) {
    uint32_t waiting = 0;
    for (uint32_t i = 0; i < pending_count; i++) {
        struct pending *one = &pending[(pending_from + i) % PENDING_MAX];
        uint32_t kind = sandboxes_kind(one->zygote);
        if (sandboxes_can_start(kind)) {
            begin(one, kind);
            continue;
        }
        sandboxes_may_grow(kind);
        pending[(pending_from + waiting++) % PENDING_MAX] = *one; /* In their order. */
    }
    pending_count = waiting;
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

static void start_zygote(uint32_t request, struct reader *in) {
    struct zygote_request decoded;
    const char *field, *expected;
    if (!decode_zygote(in, &decoded, &field, &expected)) {
        server_refuse(request, R_INVALID, field, expected);
        return;
    }
    uint32_t zygote = zygotes_start(&decoded);
    if (zygote == 0) {
        char text[128];
        snprintf(text, sizeof text, "a root, a library and a place for it; it failed with %s", strerrorname_np(errno));
        server_refuse(request, errno == ENFILE ? R_CAPACITY : R_FAILED, "zygote", text);
        return;
    }
    struct writer *out = server_frame(T_OK, request);
    write_u32(out, zygote);
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
    case T_CREATE: create(request, in); break;
    case T_ZYGOTE: start_zygote(request, in); break;
    case T_RETIRE:
        if (zygotes_retire(read_u32(in))) server_ok(request);
        else server_refuse(request, R_UNKNOWN, "zygote", "one that was started");
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

#define _GNU_SOURCE
#include "dispatch.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bind.h"
#include "control.h"
#include "create.h"
#include "output.h"
#include "pending.h"
#include "request.h"
#include "roots.h"
#include "sandboxes.h"
#include "server.h"
#include "supply.h"
#include "zygotes.h"

static bool greeted, stopped, leaving;

void dispatch_reset(void) {
    greeted = false;
    pending_forget();
}

static void create(uint32_t request, struct reader *in) {
    static struct create_request decoded;
    const uint8_t *from = in->at;
    const char *field, *expected;
    if (!decode_create(in, &decoded, &field, &expected)) {
        server_refuse(request, R_INVALID, field, expected);
        return;
    }
    uint32_t kind = supply_kind(decoded.zygote);
    if (supply_can_start(kind) && !pending_holds(decoded.zygote)) create_begin(request, &decoded, kind);
    else pending_add(request, decoded.zygote, from, in->end - from);
}

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
    case T_BIND: bind_sandbox(request, in); break;
    case T_FREEZE: control_freeze(request, id, true); break;
    case T_THAW: control_freeze(request, id, false); break;
    case T_SIGNAL: control_signal(request, id, read_u32(in)); break;
    case T_DESTROY: control_destroy(request, id); break;
    case T_ADOPT: control_list(request, read_u32(in)); break;
    case T_SWEEP: {
        uint32_t left = sandboxes_sweep();
        struct writer *out = server_frame(T_OK, request);
        write_u32(out, left);
        server_send();
        break;
    }
    case T_STATS: control_stats(request, id); break;
    case T_TAKEN: output_taken(id, read_u32(in)); break;
    case T_STOP:
        stopped = true;
        server_ok(request);
        break;
    default: server_refuse(request, R_MALFORMED, "type", "one of this version");
    }
}

bool dispatch_stopped(void) { return stopped; }
bool dispatch_leaving(void) { return leaving; }

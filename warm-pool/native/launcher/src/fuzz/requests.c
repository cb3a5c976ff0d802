/*
 * Fuzzes what the launcher does with bytes from its socket: framing, decoding, dispatch, answers. Everything behind the
 * dispatch is replaced by functions that touch what they are given. With libFuzzer: clang -fsanitize=fuzzer,address,undefined.
 * With -DDRIVER it brings a loop of its own for compilers without libFuzzer: requests INPUTS SEED.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bind.h"
#include "control.h"
#include "create.h"
#include "dispatch.h"
#include "output.h"
#include "pending.h"
#include "roots.h"
#include "sandboxes.h"
#include "server.h"
#include "start_message.h"
#include "supply.h"
#include "zygotes.h"

static volatile unsigned sink;
static int calls;

static void touch(const char *text) { sink += strlen(text); }

bool supply_can_start(uint32_t kind) { return sink += kind, ++calls % 3 != 0; }
bool supply_may_grow(uint32_t kind) { return sink += kind, true; }
uint32_t supply_kind(uint32_t zygote) { return zygote <= ZYGOTES_MAX && ++calls % 2 ? zygote : 0; }
static void count_texts(const struct command *command) {
    struct reader in = {command->strings, command->strings + command->strings_bytes, false};
    for (uint32_t i = 0; i < command->argc + command->envc; i++) read_text(&in, FRAME_BYTES_MAX);
    if (command->argc < 1 || in.bad || in.at != in.end) abort();
}
uint32_t zygotes_start(const struct zygote_request *zygote) { return count_texts(&zygote->command), ++calls % 9; }
bool zygotes_retire(uint32_t zygote) { return zygote % 2; }
void create_begin(uint32_t request, const struct create_request *create, uint32_t kind) {
    if (kind > ZYGOTES_MAX) abort();
    static uint8_t message[START_MESSAGE_BYTES_MAX];
    static struct start_message told;
    touch(create->id), touch(create->tenant), touch(create->label), touch(create->network), touch(create->listen), touch(create->cwd);
    for (uint32_t i = 0; i < create->mounts; i++) touch(create->mount[i].host), touch(create->mount[i].inside);
    count_texts(&create->command);
    size_t length = start_message_encode(create, kind, message, sizeof message);
    if (length == 0 || !start_message_decode(message, length, &told) || told.argc != create->command.argc) abort();
    server_ok(request);
}
void bind_sandbox(uint32_t request, struct reader *in) {
    static struct bind_request bind;
    const char *field = "", *expected = "";
    if (!decode_bind(in, &bind, &field, &expected)) {
        server_refuse(request, R_INVALID, field, expected);
        return;
    }
    touch(bind.id), touch(bind.tenant), touch(bind.label);
    for (uint32_t i = 0; i < bind.mounts; i++) touch(bind.mount[i].host), touch(bind.mount[i].inside);
    for (uint32_t i = 0; i < bind.paths; i++) touch(bind.path[i]);
    for (uint32_t i = 0; i < bind.message.length; i++) sink += bind.message.at[i];
    server_ok(request);
}
void control_freeze(uint32_t request, const char *id, bool frozen) { touch(id), sink += frozen, server_ok(request); }
void control_signal(uint32_t request, const char *id, int signal) { touch(id), sink += signal, server_ok(request); }
void control_destroy(uint32_t request, const char *id) { touch(id), server_ok(request); }
void control_stats(uint32_t request, const char *id) { touch(id), server_ok(request); }
void control_list(uint32_t request, uint32_t from) { sink += from, server_ok(request); }
void output_taken(const char *id, uint32_t bytes) { touch(id), sink += bytes; }
uint32_t sandboxes_sweep(void) { return 0; }
int roots_mount(const struct root_request *request) {
    for (uint32_t i = 0; i < request->layers; i++) touch(request->layer[i]);
    return request->layers;
}
int roots_unmount(uint32_t root) { return root ? 0 : -1; }

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0) abort();
    server_connect(pair[0]);
    dispatch_reset();
    static const uint8_t hello[] = {9, 0, 0, 0, T_HELLO, 0, 0, 0, 0, PROTOCOL_VERSION, 0, 0, 0};
    if (write(pair[1], hello, sizeof hello) != sizeof hello) abort();
    bool open = true;
    for (size_t at = 0; open && at < length;) {
        ssize_t put = send(pair[1], bytes + at, length - at, MSG_DONTWAIT);
        if (put > 0) at += put;
        open = server_read(dispatch);
        pending_begin();
        server_flush();
        char answers[4096];
        while (recv(pair[1], answers, sizeof answers, MSG_DONTWAIT) > 0) {}
    }
    server_disconnect();
    close(pair[1]);
    return 0;
}

#ifdef DRIVER
static uint64_t state;

static uint32_t random_number(void) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return state >> 33;
}

static size_t put_text(uint8_t *at, const char *text) {
    uint32_t length = strlen(text);
    memcpy(at, &length, 4);
    memcpy(at + 4, text, length);
    return 4 + length;
}

/* A good request of each kind, to be spoilt. */
static size_t sample(uint8_t *frame, uint8_t type) {
    static const uint8_t zeros[64];
    size_t at = FRAME_HEAD;
    frame[4] = type;
    memset(frame + 5, 7, 4);
    if (type == T_CREATE) {
        uint32_t head[] = {0, 20000, 3, 1}, counts[] = {2, 1};
        uint64_t memory = 64 << 20, cpu = 100000, tmp = 1 << 20, io = 0;
        uint32_t pids = 32, files = 1024, mounts = 1;
        at += put_text(frame + at, "ins_1");
        at += put_text(frame + at, "tenant");
        memcpy(frame + at, head, sizeof head), at += sizeof head;
        at += put_text(frame + at, "/net");
        at += put_text(frame + at, "/run/s");
        at += put_text(frame + at, "/workspace");
        memcpy(frame + at, &memory, 8), memcpy(frame + at + 8, &cpu, 8), memcpy(frame + at + 16, &pids, 4);
        memcpy(frame + at + 20, &tmp, 8), memcpy(frame + at + 28, &files, 4), memcpy(frame + at + 32, &io, 8), at += 40;
        memcpy(frame + at, &mounts, 4), at += 4;
        at += put_text(frame + at, "/data/volume");
        at += put_text(frame + at, "/volume");
        frame[at++] = 1;
        memcpy(frame + at, counts, sizeof counts), at += sizeof counts;
        at += put_text(frame + at, "/bin/app");
        at += put_text(frame + at, "argument");
        at += put_text(frame + at, "NAME=value");
    } else if (type == T_ZYGOTE) {
        uint32_t head[] = {1, 1, 1};
        memcpy(frame + at, head, sizeof head), at += sizeof head;
        at += put_text(frame + at, "/bin/zygote");
        at += put_text(frame + at, "NAME=value");
    } else if (type == T_ROOT) {
        uint32_t layers = 2;
        memcpy(frame + at, &layers, 4), at += 4;
        at += put_text(frame + at, "/data/top");
        at += put_text(frame + at, "/data/layer");
    } else {
        at += put_text(frame + at, "ins_1");
        memcpy(frame + at, zeros, 8), at += 8;
    }
    uint32_t length = at - 4;
    memcpy(frame, &length, 4);
    return at;
}

int main(int argc, char **argv) {
    long inputs = argc > 1 ? atol(argv[1]) : 100000;
    state = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    static uint8_t input[2 * FRAME_BYTES_MAX];
    for (long i = 0; i < inputs; i++) {
        size_t length = 0;
        for (unsigned frames = 1 + random_number() % 4; frames > 0; frames--)
            length += sample(input + length, random_number() % 3 ? T_CREATE : random_number() % 18);
        for (unsigned spoilt = random_number() % 6; spoilt > 0; spoilt--) {
            size_t at = random_number() % length;
            switch (random_number() % 4) {
            case 0: input[at] = random_number(); break;
            case 1: input[at] ^= 1 << random_number() % 8; break;
            case 2: memset(input + at, 0xff, length - at < 4 ? length - at : 4); break;
            default: length = at + 1;
            }
        }
        LLVMFuzzerTestOneInput(input, length);
    }
    printf("%ld inputs\n", inputs);
    return 0;
}
#endif

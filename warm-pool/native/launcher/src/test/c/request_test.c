/* Links: request.c wire.c */
#include "request.h"

#include <stdlib.h>

#include "check.h"

static uint8_t payload[64 * 1024];
static struct writer out;

static const char *field, *expected;

static void begin(void) { out = (struct writer){payload, payload, payload + sizeof payload, false}; }

/* What is written so far, of exactly so many bytes, so that a look beyond the last is found. */
static struct reader exactly(size_t length, uint8_t **copy) {
    *copy = malloc(length ? length : 1);
    memcpy(*copy, payload, length);
    return (struct reader){*copy, *copy + length, false};
}

static size_t written(void) { return out.at - payload; }

struct sample {
    const char *id, *listen, *cwd, *host, *inside;
    uint32_t uid, flags, zygote, mounts, argc, envc, pids, files;
    uint64_t memory, cpu, tmp, io;
};

static const struct sample GOOD = {
    .id = "ins_1", .listen = "/run/s", .cwd = "/workspace", .host = "/data/volume", .inside = "/volume", .uid = 20000, .flags = 3,
    .zygote = 1, .mounts = 1, .argc = 1, .envc = 1, .memory = 64 << 20, .cpu = 100000, .pids = 32, .tmp = 1 << 20, .files = 1024,
};

static void write_limits(const struct sample *it) {
    write_u64(&out, it->memory);
    write_u64(&out, it->cpu);
    write_u32(&out, it->pids);
    write_u64(&out, it->tmp);
    write_u32(&out, it->files);
    write_u64(&out, it->io);
}

static void write_mounts(const struct sample *it) {
    write_u32(&out, it->mounts);
    for (uint32_t i = 0; i < it->mounts; i++) {
        write_text(&out, it->host);
        write_text(&out, it->inside);
        write_u8(&out, 1);
    }
}

static void write_create(const struct sample *it) {
    begin();
    write_text(&out, it->id);
    write_text(&out, "tenant");
    write_text(&out, "a label");
    write_u32(&out, 5);
    write_u32(&out, it->uid);
    write_u32(&out, it->flags);
    write_u32(&out, it->zygote);
    write_text(&out, "/net");
    write_text(&out, it->listen);
    write_text(&out, it->cwd);
    write_limits(it);
    write_mounts(it);
    write_u32(&out, it->argc);
    write_u32(&out, it->envc);
    for (uint32_t i = 0; i < it->argc; i++) write_text(&out, "/bin/app");
    for (uint32_t i = 0; i < it->envc; i++) write_text(&out, "A=b");
}

static void write_bind(const struct sample *it, uint32_t paths, const char *path) {
    begin();
    write_text(&out, it->id);
    write_text(&out, "tenant");
    write_text(&out, "a label");
    write_limits(it);
    write_mounts(it);
    write_u32(&out, 6);
    write_u32(&out, paths);
    for (uint32_t i = 0; i < paths; i++) write_text(&out, path);
    write_text(&out, "a message");
}

static void write_root(uint32_t layers, const char *layer) {
    begin();
    write_u32(&out, layers);
    for (uint32_t i = 0; i < layers; i++) write_text(&out, layer);
}

static void write_zygote(uint32_t argc, uint32_t envc, const char *program) {
    begin();
    write_u32(&out, 7);
    write_u32(&out, argc);
    write_u32(&out, envc);
    for (uint32_t i = 0; i < argc; i++) write_text(&out, program);
    for (uint32_t i = 0; i < envc; i++) write_text(&out, "A=b");
}

enum what { CREATE, BIND, ROOT, ZYGOTE };

static struct create_request created;
static struct bind_request bound;
static struct root_request mounted;
static struct zygote_request zygote;

/* NULL if it was taken, or the field that was not. */
static const char *refused_bytes(enum what what, size_t length) {
    uint8_t *copy;
    struct reader in = exactly(length, &copy);
    bool taken = false;
    field = expected = NULL;
    switch (what) {
    case CREATE: taken = decode_create(&in, &created, &field, &expected); break;
    case BIND: taken = decode_bind(&in, &bound, &field, &expected); break;
    case ROOT: taken = decode_root(&in, &mounted, &field, &expected); break;
    case ZYGOTE: taken = decode_zygote(&in, &zygote, &field, &expected); break;
    }
    CHECK(taken || (field && field[0] && expected && expected[0]));
    free(copy);
    return taken ? NULL : field;
}

static const char *refused(const struct sample *it) {
    write_create(it);
    return refused_bytes(CREATE, written());
}

/* The good one with another value for one of its members. */
#define WITH(member, value) \
    ({ \
        struct sample sample_ = GOOD; \
        sample_.member = (value); \
        refused(&sample_); \
    })

static void aGoodRequestIsTakenAsItIs(void) {
    CHECK(refused(&GOOD) == NULL);
    CHECK_TEXT(created.id, "ins_1");
    CHECK_TEXT(created.tenant, "tenant");
    CHECK_TEXT(created.label, "a label");
    CHECK_NUMBER(created.root, 5);
    CHECK_NUMBER(created.uid, 20000);
    CHECK_NUMBER(created.zygote, 1);
    CHECK_TEXT(created.network, "/net");
    CHECK_TEXT(created.listen, "/run/s");
    CHECK_TEXT(created.cwd, "/workspace");
    CHECK_NUMBER(created.limits.memory_bytes, 64 << 20);
    CHECK_NUMBER(created.limits.pids, 32);
    CHECK_NUMBER(created.mounts, 1);
    CHECK_TEXT(created.mount[0].host, "/data/volume");
    CHECK_TEXT(created.mount[0].inside, "/volume");
    CHECK(created.mount[0].read_only);
    CHECK_NUMBER(created.command.argc, 1);
    CHECK_NUMBER(created.command.envc, 1);
    CHECK_NUMBER(created.command.strings_bytes, 4 + 8 + 4 + 3);
}

static void noPartOfARequestIsTakenForTheWhole(void) {
    write_create(&GOOD);
    for (size_t length = 0; length < written(); length++) CHECK(refused_bytes(CREATE, length) != NULL);
    CHECK(refused_bytes(CREATE, written()) == NULL);
    write_u8(&out, 0);
    CHECK_TEXT(refused_bytes(CREATE, written()), "frame");

    write_bind(&GOOD, 2, "/workspace");
    for (size_t length = 0; length < written(); length++) CHECK(refused_bytes(BIND, length) != NULL);
    CHECK(refused_bytes(BIND, written()) == NULL);
    write_u8(&out, 0);
    CHECK_TEXT(refused_bytes(BIND, written()), "frame");

    write_root(3, "/data/layer");
    for (size_t length = 0; length < written(); length++) CHECK(refused_bytes(ROOT, length) != NULL);
    CHECK(refused_bytes(ROOT, written()) == NULL);
    write_u8(&out, 0);
    CHECK_TEXT(refused_bytes(ROOT, written()), "frame");

    write_zygote(2, 0, "/bin/zygote");
    for (size_t length = 0; length < written(); length++) CHECK(refused_bytes(ZYGOTE, length) != NULL);
    CHECK(refused_bytes(ZYGOTE, written()) == NULL);
    write_u8(&out, 0);
    CHECK_TEXT(refused_bytes(ZYGOTE, written()), "frame");
}

/* Every length and count in a request becomes a huge one. */
static void noHostileLengthIsFollowed(void) {
    static const uint32_t hostile[] = {0xffffffff, 0x80000000, 0x7fffffff, 0xfffffffc, FRAME_BYTES_MAX, 1 << 20};
    write_create(&GOOD);
    size_t length = written();
    static uint8_t kept[sizeof payload];
    memcpy(kept, payload, length);
    for (size_t at = 0; at + 4 <= length; at++)
        for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
            memcpy(payload, kept, length);
            memcpy(payload + at, &hostile[i], 4);
            if (refused_bytes(CREATE, length) == NULL) CHECK(created.command.strings_bytes <= length); /* It was no length. */
        }
}

static void limitsHaveEdges(void) {
    CHECK(WITH(memory, 1 << 20) == NULL);
    CHECK_TEXT(WITH(memory, (1 << 20) - 1), "limits.memory");
    CHECK(WITH(memory, 1ull << 46) == NULL);
    CHECK_TEXT(WITH(memory, (1ull << 46) + 1), "limits.memory");
    CHECK_TEXT(WITH(memory, UINT64_MAX), "limits.memory");
    CHECK(WITH(cpu, 1000) == NULL);
    CHECK_TEXT(WITH(cpu, 999), "limits.cpus");
    CHECK(WITH(cpu, 1ull << 40) == NULL);
    CHECK_TEXT(WITH(cpu, (1ull << 40) + 1), "limits.cpus");
    CHECK(WITH(pids, 1) == NULL);
    CHECK_TEXT(WITH(pids, 0), "limits.pids");
    CHECK(WITH(pids, 1 << 22) == NULL);
    CHECK_TEXT(WITH(pids, (1 << 22) + 1), "limits.pids");
    CHECK(WITH(tmp, 4096) == NULL);
    CHECK_TEXT(WITH(tmp, 4095), "limits.tmp");
    CHECK_TEXT(WITH(tmp, (1ull << 46) + 1), "limits.tmp");
    CHECK(WITH(files, 16) == NULL);
    CHECK_TEXT(WITH(files, 15), "limits.files");
    CHECK_TEXT(WITH(files, (1 << 20) + 1), "limits.files");
    CHECK(WITH(io, UINT64_MAX) == NULL);
}

static void namesAndPathsAreChecked(void) {
    char id[ID_BYTES_MAX + 2];
    memset(id, 'a', sizeof id);
    id[ID_BYTES_MAX] = 0;
    CHECK(WITH(id, id) == NULL);
    id[ID_BYTES_MAX] = 'a';
    id[ID_BYTES_MAX + 1] = 0;
    CHECK_TEXT(WITH(id, id), "id");
    CHECK_TEXT(WITH(id, ""), "id");
    CHECK_TEXT(WITH(id, "../x"), "id");
    CHECK_TEXT(WITH(id, "Ins"), "id");
    CHECK_TEXT(WITH(listen, "run/s"), "listen");
    CHECK(WITH(listen, "") == NULL);
    static const char *const bad[] = {"", "tmp", "/a/../b", "/..", "/a/.", "//a", "/a/", "/a//b", "/proc", "/proc/1", "/dev/x", NULL};
    for (const char *const *each = bad; *each; each++) {
        CHECK_TEXT(WITH(cwd, *each), "workingDir");
        CHECK_TEXT(WITH(inside, *each), "mounts.inside");
    }
    CHECK_TEXT(WITH(inside, "/"), "mounts.inside");
    CHECK_TEXT(WITH(inside, "/sys/fs"), "mounts.inside");
    CHECK(WITH(inside, "/process") == NULL);
    CHECK(WITH(inside, "/...") == NULL);
    CHECK(WITH(cwd, "/") == NULL);
    CHECK_TEXT(WITH(host, "/a/../b"), "mounts.host");
    char path[PATH_BYTES_MAX + 1];
    memset(path, 'a', sizeof path);
    path[0] = '/';
    path[PATH_BYTES_MAX - 1] = 0;
    CHECK(WITH(cwd, path) == NULL);
    path[PATH_BYTES_MAX - 1] = 'a';
    path[PATH_BYTES_MAX] = 0;
    CHECK_TEXT(WITH(cwd, path), "workingDir");
}

static void idsAndFlagsGoTogether(void) {
    CHECK_TEXT(WITH(uid, 9999), "uid");
    CHECK_TEXT(WITH(uid, 0), "uid");
    CHECK_TEXT(WITH(uid, 65535), "flags");
    CHECK_TEXT(WITH(flags, 4), "flags");
    CHECK_TEXT(WITH(flags, CREATE_GENERIC), "flags");
    CHECK_TEXT(WITH(flags, CREATE_USER_NAMESPACE), "zygote");
    struct sample alone = GOOD; /* Of no zygote, which needs no small id. */
    alone.flags = CREATE_USER_NAMESPACE;
    alone.zygote = 0;
    alone.uid = 0x7fffffff;
    CHECK(refused(&alone) == NULL);
    alone.uid = 0x80000000;
    CHECK_TEXT(refused(&alone), "uid");
}

static void countsAreBounded(void) {
    CHECK(WITH(mounts, MOUNTS_MAX) == NULL);
    CHECK_TEXT(WITH(mounts, MOUNTS_MAX + 1), "mounts");
    CHECK_TEXT(WITH(argc, 0), "argv");
    CHECK(WITH(argc, STRINGS_MAX) == NULL);
    CHECK_TEXT(WITH(argc, STRINGS_MAX + 1), "argv");
    CHECK_TEXT(WITH(envc, STRINGS_MAX + 1), "env");
    write_root(0, "");
    CHECK_TEXT(refused_bytes(ROOT, written()), "layers");
    write_root(LAYERS_MAX, "/a");
    CHECK(refused_bytes(ROOT, written()) == NULL);
    write_root(LAYERS_MAX + 1, "/a");
    CHECK_TEXT(refused_bytes(ROOT, written()), "layers");
    write_bind(&GOOD, PATHS_MAX, "/app");
    CHECK(refused_bytes(BIND, written()) == NULL);
    write_bind(&GOOD, PATHS_MAX + 1, "/app");
    CHECK_TEXT(refused_bytes(BIND, written()), "paths");
}

static void layersCannotNameOthers(void) {
    static const char *const bad[] = {"/a:/b", "/a,upperdir=b", "/a\\:b", "a", "/../a", NULL};
    for (const char *const *each = bad; *each; each++) {
        write_root(1, *each);
        CHECK_TEXT(refused_bytes(ROOT, written()), "layers");
    }
    write_bind(&GOOD, 1, "/proc/1");
    CHECK_TEXT(refused_bytes(BIND, written()), "paths");
    write_bind(&GOOD, 1, "/");
    CHECK_TEXT(refused_bytes(BIND, written()), "paths");
}

static void aZygoteIsAProgramOfItsImageWithoutAnEnvironment(void) {
    write_zygote(1, 1, "/bin/zygote");
    CHECK_TEXT(refused_bytes(ZYGOTE, written()), "env");
    static const char *const bad[] = {"zygote", "/tmp/zygote", "/workspace/zygote", "/proc/self/exe", "/dev/fd/3", "/bin/../tmp/z", NULL};
    for (const char *const *each = bad; *each; each++) {
        write_zygote(1, 0, *each);
        CHECK_TEXT(refused_bytes(ZYGOTE, written()), "argv");
    }
}

int main(void) {
    aGoodRequestIsTakenAsItIs();
    noPartOfARequestIsTakenForTheWhole();
    noHostileLengthIsFollowed();
    limitsHaveEdges();
    namesAndPathsAreChecked();
    idsAndFlagsGoTogether();
    countsAreBounded();
    layersCannotNameOthers();
    aZygoteIsAProgramOfItsImageWithoutAnEnvironment();
    return check_result();
}

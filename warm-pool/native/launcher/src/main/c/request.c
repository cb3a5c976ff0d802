#include "request.h"

#include <string.h>

#define REFUSE(name, what) return *field = (name), *expected = (what), false

static bool is_id(struct text text) {
    for (uint32_t i = 0; i < text.length; i++) {
        char c = text.at[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_')) return false;
    }
    return text.length > 0;
}

/* Absolute, without empty, "." and ".." parts. */
static bool is_plain_path(const char *path) {
    if (path[0] != '/') return false;
    if (path[1] == 0) return true;
    for (const char *part = path + 1;; part++) {
        size_t length = strcspn(part, "/");
        if (length == 0 || (length == 1 && part[0] == '.') || (length == 2 && part[0] == '.' && part[1] == '.'))
            return false;
        part += length;
        if (*part == 0) return true;
    }
}

static bool is_below(const char *path, const char *folder) {
    size_t length = strlen(folder);
    return strncmp(path, folder, length) == 0 && (path[length] == 0 || path[length] == '/');
}

static bool read_path(struct reader *in, char *to) {
    struct text text = read_text(in, PATH_BYTES_MAX - 1);
    return !in->bad && text_copy(text, to, PATH_BYTES_MAX);
}

bool decode_limits(struct reader *in, struct limits *limits, const char **field, const char **expected) {
    limits->memory_bytes = read_u64(in);
    limits->cpu_us = read_u64(in);
    limits->pids = read_u32(in);
    limits->tmp_bytes = read_u64(in);
    limits->files = read_u32(in);
    limits->io_bytes = read_u64(in);
    if (in->bad) REFUSE("limits", "six numbers");
    if (limits->memory_bytes < 1 << 20 || limits->memory_bytes > 1ull << 46)
        REFUSE("limits.memory", "1 MiB to 64 TiB");
    if (limits->cpu_us < 1000 || limits->cpu_us > 1ull << 40) REFUSE("limits.cpus", "0.01 or above");
    if (limits->pids < 1 || limits->pids > 1 << 22) REFUSE("limits.pids", "1 to 4,194,304");
    if (limits->tmp_bytes < 4096 || limits->tmp_bytes > 1ull << 46) REFUSE("limits.tmp", "4 KiB to 64 TiB");
    if (limits->files < 16 || limits->files > 1 << 20) REFUSE("limits.files", "16 to 1,048,576");
    return true;
}

bool decode_mounts(struct reader *in, uint32_t *count, struct mount_request *mount, const char **field,
                   const char **expected) {
    *count = read_u32(in);
    if (in->bad || *count > MOUNTS_MAX) REFUSE("mounts", "at most 16");
    for (uint32_t i = 0; i < *count; i++) {
        if (!read_path(in, mount[i].host) || !is_plain_path(mount[i].host))
            REFUSE("mounts.host", "an absolute path without '.' and '..'");
        if (!read_path(in, mount[i].inside) || !is_plain_path(mount[i].inside) || mount[i].inside[1] == 0
            || is_below(mount[i].inside, "/proc") || is_below(mount[i].inside, "/sys")
            || is_below(mount[i].inside, "/dev"))
            REFUSE("mounts.inside", "an absolute path without '.' and '..', not / and not below /proc, /sys or /dev");
        mount[i].read_only = read_u8(in) != 0;
    }
    return true;
}

static bool skip_strings(struct reader *in, uint32_t count) {
    for (uint32_t i = 0; i < count && !in->bad; i++) read_text(in, FRAME_BYTES_MAX);
    return !in->bad;
}

/* The last part of its frame. */
static bool decode_command(struct reader *in, struct command *to, const char **field, const char **expected) {
    to->argc = read_u32(in);
    to->envc = read_u32(in);
    if (in->bad || to->argc < 1 || to->argc > STRINGS_MAX) REFUSE("argv", "1 to 4,096 texts");
    if (to->envc > STRINGS_MAX) REFUSE("env", "at most 4,096 texts");
    to->strings = in->at;
    if (!skip_strings(in, to->argc)) REFUSE("argv", "texts without NUL");
    if (!skip_strings(in, to->envc)) REFUSE("env", "texts without NUL");
    to->strings_bytes = in->at - to->strings;
    if (in->at != in->end) REFUSE("frame", "nothing behind the last field");
    return true;
}

bool decode_zygote(struct reader *in, struct zygote_request *to, const char **field, const char **expected) {
    to->root = read_u32(in);
    if (!decode_command(in, &to->command, field, expected)) return false;
    if (to->command.envc > 0) REFUSE("env", "nothing: a zygote's environment is the launcher's own");
    struct reader strings = {to->command.strings, to->command.strings + to->command.strings_bytes, false};
    char program[PATH_BYTES_MAX];
    if (!read_path(&strings, program) || !is_plain_path(program) || is_below(program, "/proc") || is_below(program, "/sys")
        || is_below(program, "/dev") || is_below(program, "/tmp") || is_below(program, "/workspace"))
        REFUSE("argv", "an absolute path without '.' and '..', not below /proc, /sys, /dev, /tmp or /workspace");
    return true;
}

bool decode_create(struct reader *in, struct create_request *to, const char **field, const char **expected) {
    struct text id = read_text(in, ID_BYTES_MAX);
    if (in->bad || !is_id(id)) REFUSE("id", "1-60 of a-z, 0-9 and '_'");
    text_copy(id, to->id, sizeof to->id);
    struct text tenant = read_text(in, TENANT_BYTES_MAX);
    if (in->bad) REFUSE("tenant", "at most 64 bytes");
    text_copy(tenant, to->tenant, sizeof to->tenant);
    struct text label = read_text(in, LABEL_BYTES_MAX);
    if (in->bad) REFUSE("label", "at most 2,048 bytes");
    text_copy(label, to->label, sizeof to->label);
    to->root = read_u32(in);
    to->uid = read_u32(in);
    to->flags = read_u32(in);
    to->zygote = read_u32(in);
    if (in->bad || to->uid < 10000 || to->uid > 0x7fffffff) REFUSE("uid", "10,000 or above");
    if (to->flags & ~CREATE_ALL_FLAGS) REFUSE("flags", "none but those of this version");
    if ((to->flags & CREATE_GENERIC) && (!(to->flags & CREATE_USER_NAMESPACE) || to->uid > 65534))
        REFUSE("flags", "a user namespace and an id up to 65,534 for a generic sandbox: its ids outside are its own alone");
    if (to->zygote && !(to->flags & CREATE_GENERIC)) REFUSE("zygote", "none but for a generic sandbox");
    if (!read_path(in, to->network) || (to->network[0] && to->network[0] != '/'))
        REFUSE("network", "an absolute path or nothing");
    struct text listen = read_text(in, sizeof to->listen - 1);
    if (in->bad || (listen.length && listen.at[0] != '/')) REFUSE("listen", "an absolute path of at most 107 bytes");
    text_copy(listen, to->listen, sizeof to->listen);
    if (!read_path(in, to->cwd) || !is_plain_path(to->cwd) || is_below(to->cwd, "/proc") || is_below(to->cwd, "/dev"))
        REFUSE("workingDir", "an absolute path without '.' and '..', not below /proc or /dev");
    if (!decode_limits(in, &to->limits, field, expected)) return false;
    if (!decode_mounts(in, &to->mounts, to->mount, field, expected)) return false;
    return decode_command(in, &to->command, field, expected);
}

bool decode_bind(struct reader *in, struct bind_request *to, const char **field, const char **expected) {
    struct text id = read_text(in, ID_BYTES_MAX), tenant = read_text(in, TENANT_BYTES_MAX);
    if (in->bad || !is_id(id)) REFUSE("id", "1-60 of a-z, 0-9 and '_'; a tenant of at most 64 bytes");
    text_copy(id, to->id, sizeof to->id);
    text_copy(tenant, to->tenant, sizeof to->tenant);
    struct text label = read_text(in, LABEL_BYTES_MAX);
    if (in->bad) REFUSE("label", "at most 2,048 bytes");
    text_copy(label, to->label, sizeof to->label);
    if (!decode_limits(in, &to->limits, field, expected)) return false;
    if (!decode_mounts(in, &to->mounts, to->mount, field, expected)) return false;
    to->root = read_u32(in);
    to->paths = read_u32(in);
    if (in->bad || to->paths > PATHS_MAX) REFUSE("paths", "at most 4");
    for (uint32_t i = 0; i < to->paths; i++)
        if (!read_path(in, to->path[i]) || !is_plain_path(to->path[i]) || to->path[i][1] == 0
            || is_below(to->path[i], "/proc") || is_below(to->path[i], "/sys") || is_below(to->path[i], "/dev"))
            REFUSE("paths", "an absolute path without '.' and '..', not / and not below /proc, /sys or /dev");
    to->message = read_text(in, FRAME_BYTES_MAX);
    if (in->bad) REFUSE("message", "a text without NUL");
    if (in->at != in->end) REFUSE("frame", "nothing behind the last field");
    return true;
}

bool decode_root(struct reader *in, struct root_request *to, const char **field, const char **expected) {
    to->layers = read_u32(in);
    if (in->bad || to->layers < 1 || to->layers > LAYERS_MAX) REFUSE("layers", "1 to 64");
    for (uint32_t i = 0; i < to->layers; i++) {
        if (!read_path(in, to->layer[i]) || !is_plain_path(to->layer[i]) || strpbrk(to->layer[i], ":,\\"))
            REFUSE("layers", "absolute paths without '.', '..', ':', ',' and '\\'");
    }
    if (in->at != in->end) REFUSE("frame", "nothing behind the last field");
    return true;
}

/* The requests of the protocol, and from bytes to those that can be carried out: every value is checked here, before anything
   is done. Must not know what carries them out, nor what this machine has. */
#ifndef MAYFLY_REQUEST_H
#define MAYFLY_REQUEST_H

#include "wire.h"

struct limits {
    uint64_t memory_bytes;
    uint64_t cpu_us;   /* of CPU time in each 100,000 us */
    uint32_t pids;
    uint64_t tmp_bytes;
    uint32_t files;    /* RLIMIT_NOFILE */
    uint64_t io_bytes; /* a second, read and written each; 0: as the device can */
};

struct mount_request {
    char host[PATH_BYTES_MAX], inside[PATH_BYTES_MAX];
    bool read_only;
};

enum create_flags {
    CREATE_USER_NAMESPACE = 1,
    CREATE_GENERIC = 2, /* it waits for its bind, with the socket that this comes by as descriptor 3 */
    CREATE_ALL_FLAGS = 3,
};

/* A program: `strings` holds argv and env as they came. */
struct command {
    uint32_t argc, envc;
    const uint8_t *strings;
    uint32_t strings_bytes;
};

/* One sandbox to make. */
struct create_request {
    char id[ID_BYTES_MAX + 1], tenant[TENANT_BYTES_MAX + 1];
    char label[LABEL_BYTES_MAX + 1]; /* the server's own words about it, given back to its successor */
    uint32_t root, uid, flags;
    uint32_t zygote; /* that it is forked from, if that has a shell for it; 0: none */
    char network[PATH_BYTES_MAX]; /* file of the namespace to join; empty: one of its own with loopback alone */
    char listen[108];             /* where the host connects to; empty: standard input is empty */
    char cwd[PATH_BYTES_MAX];
    struct limits limits;
    uint32_t mounts;
    struct mount_request mount[MOUNTS_MAX];
    struct command command;
};

/* A warm interpreter that generic sandboxes are forked from. */
struct zygote_request {
    uint32_t root;
    struct command command;
};

/* What makes a generic sandbox one release's, for ever. */
struct bind_request {
    char id[ID_BYTES_MAX + 1], tenant[TENANT_BYTES_MAX + 1];
    char label[LABEL_BYTES_MAX + 1];
    struct limits limits;
    uint32_t mounts;
    struct mount_request mount[MOUNTS_MAX];
    uint32_t root, paths; /* folders of the root that appear inside at the same place */
    char path[PATHS_MAX][PATH_BYTES_MAX];
    struct text message; /* to the program */
};

struct root_request {
    uint32_t layers;
    char layer[LAYERS_MAX][PATH_BYTES_MAX]; /* top first */
};

/* Decode and check. On failure they return false and name the field and what was expected of it. */
bool decode_create(struct reader *, struct create_request *, const char **field, const char **expected);
bool decode_zygote(struct reader *, struct zygote_request *, const char **field, const char **expected);
bool decode_bind(struct reader *, struct bind_request *, const char **field, const char **expected);
bool decode_root(struct reader *, struct root_request *, const char **field, const char **expected);
bool decode_limits(struct reader *, struct limits *, const char **field, const char **expected);
bool decode_mounts(struct reader *, uint32_t *count, struct mount_request *, const char **field, const char **expected);

#endif

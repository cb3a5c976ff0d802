/* The bytes of the protocol: see README.md. Little-endian; nothing here allocates or trusts a length. */
#ifndef MAYFLY_WIRE_H
#define MAYFLY_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PROTOCOL_VERSION = 1,
    FRAME_HEAD = 9,             /* u32 length of what follows these four bytes, u8 type, u32 request */
    FRAME_BYTES_MAX = 256 * 1024,
    PATH_BYTES_MAX = 1024,
    ID_BYTES_MAX = 60,
    TENANT_BYTES_MAX = 64,
    LABEL_BYTES_MAX = 2048,
    LAYERS_MAX = 64,
    MOUNTS_MAX = 16,
    PATHS_MAX = 4,              /* of a root, at a bind */
    STRINGS_MAX = 4096,         /* of argv and of env */
};

enum frame_type {
    /* server to launcher */
    T_HELLO = 1, T_ROOT = 2, T_UNROOT = 3, T_CREATE = 4, T_BIND = 5, T_FREEZE = 6, T_THAW = 7, T_SIGNAL = 8,
    T_DESTROY = 9, T_ADOPT = 10, T_SWEEP = 11, T_STATS = 12, T_TAKEN = 13, T_STOP = 14, T_ZYGOTE = 16, T_RETIRE = 17,
    /* from a launcher to its predecessor on the same folder; the same in every version */
    T_LEAVE = 15,
    /* launcher to server */
    T_OK = 64, T_REFUSED = 65, T_OUTPUT = 66, T_EXITED = 67,
};

enum refusal {
    R_MALFORMED = 1,   /* the frame is not what the protocol says */
    R_INVALID = 2,     /* a value that cannot be used; the field is named */
    R_UNKNOWN = 3,     /* no such sandbox or root */
    R_CAPACITY = 4,    /* no free slot, or a table is full */
    R_FAILED = 5,      /* the machine said no; the errno is in the text */
    R_BOUND = 6,       /* a sandbox is bound once */
};

/* Reads a payload. After the first read beyond its end `bad` stays set and every read gives zeros. */
struct reader {
    const uint8_t *at, *end;
    bool bad;
};

struct text {
    const char *at; /* not terminated; points into the frame */
    uint32_t length;
};

uint8_t read_u8(struct reader *);
uint32_t read_u32(struct reader *);
uint64_t read_u64(struct reader *);
/* A text of at most `max` bytes without NUL. */
struct text read_text(struct reader *, uint32_t max);
bool text_copy(struct text, char *to, size_t size);

/* Writes a frame into a buffer of its own size; what does not fit sets `bad`. */
struct writer {
    uint8_t *start, *at, *end;
    bool bad;
};

void frame_begin(struct writer *, uint8_t *buffer, size_t size, uint8_t type, uint32_t request);
size_t frame_end(struct writer *); /* its size, or 0 if it did not fit */
void write_u8(struct writer *, uint8_t);
void write_u32(struct writer *, uint32_t);
void write_u64(struct writer *, uint64_t);
void write_text(struct writer *, const char *);
void write_bytes(struct writer *, const void *, uint32_t);

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

/* The bytes of the protocol: see README.md. Little-endian; nothing here allocates or trusts a length. Must not know what a
   request means. */
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

#endif

/* What a shell is told to become a program, from the launcher's bytes to the shell's. Must not know how a shell does it; the
   open descriptors that come along are its own affair. */
#ifndef MAYFLY_START_MESSAGE_H
#define MAYFLY_START_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "request.h"

enum { START_MESSAGE_BYTES_MAX = FRAME_BYTES_MAX + MOUNTS_MAX * PATH_BYTES_MAX + 1024 };

struct start_message {
    uint32_t slot, uid, flags, files, mounts, argc, envc;
    uint64_t tmp_bytes;
    bool listens, has_network; /* a descriptor comes for it */
    char cwd[PATH_BYTES_MAX];
    char inside[MOUNTS_MAX][PATH_BYTES_MAX]; /* where each mount appears */
    uint8_t *strings; /* argv and env as they came, in the message itself */
    uint32_t strings_bytes;
};

/* How many bytes it wrote for a request that is started in a slot; 0 if they do not fit. */
size_t start_message_encode(const struct create_request *, uint32_t slot, uint8_t *buffer, size_t size);
/* False if it is none. */
bool start_message_decode(uint8_t *bytes, size_t length, struct start_message *);

#endif

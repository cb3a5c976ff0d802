/* One connection of the gateway: bytes that came and were not used yet, and answers of our own. */
#ifndef MAYFLY_CONNECTION_H
#define MAYFLY_CONNECTION_H

#include <stdbool.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "head.h"
#include "bounds.h"
#include "refusal.h"

struct connection {
    int fd;
    bool local;    /* a unix socket */
    size_t at, end; /* what is buffered */
    char data[HEAD_BYTES_MAX + READ_BYTES];
};

struct connection *connection_new(int fd);
/* Lets what was sent arrive, then forgets it. */
void connection_end(struct connection *);
/* How long a read or a write may take; 0: for ever. */
void connection_patience(struct connection *, int seconds);
/* Reads more: how many bytes, 0 at the end, -1 with errno. */
ssize_t connection_fill(struct connection *);
/* The next head, if all of it is here. */
enum head_state connection_head(struct connection *, struct head *, struct refusal *);
/* Sends all of it. */
bool connection_send(struct connection *, struct iovec *parts, int count);
/* An answer of our own, with the reason for its status as its text. */
void connection_say(struct connection *, int status, const char *detail, bool close, bool bodyless);
/* For whoever comes while there is no room. */
void connection_turn_away(int fd, const char *detail);

#endif

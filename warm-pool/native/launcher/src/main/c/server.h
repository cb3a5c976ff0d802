/* The one connection to the server: frames in, frames out, each side bounded. Must not know what is in them. */
#ifndef MAYFLY_SERVER_H
#define MAYFLY_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "wire.h"

enum { QUEUE_BYTES_MAX = 4 << 20, QUEUE_BYTES_FULL = 3 << 20 }; /* from full on, output of sandboxes has to wait */

/* Takes over a connected socket. */
void server_connect(int fd);
bool server_connected(void);
int server_socket(void);
void server_disconnect(void);

/* Reads what has come and gives each whole frame to `handle`. False if the connection has ended or broke the protocol. */
bool server_read(void (*handle)(uint8_t type, uint32_t request, struct reader *));
/* Sends what waits. False if the connection is gone. */
bool server_flush(void);
bool server_wants_to_write(void);
uint32_t server_queued(void);

/* Frames to the server. Without a connection they are dropped. */
struct writer *server_frame(uint8_t type, uint32_t request);
void server_send(void);
void server_ok(uint32_t request);
/* `field` and `expected` may be empty. */
void server_refuse(uint32_t request, enum refusal, const char *field, const char *expected);
void server_output(const char *id, bool stderr_stream, const uint8_t *bytes, uint32_t length);

#endif

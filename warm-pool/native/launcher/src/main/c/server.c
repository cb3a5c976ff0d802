#include "server.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int connection = -1;
static bool broken;

static uint8_t in[4 + FRAME_BYTES_MAX];
static size_t in_length;

static uint8_t queue[QUEUE_BYTES_MAX];
static size_t queue_from, queue_to;

static uint8_t frame[64 * 1024 + 256];
static struct writer writer;

void server_connect(int fd) {
    connection = fd;
    broken = false;
    in_length = queue_from = queue_to = 0;
}

bool server_connected(void) { return connection >= 0; }
int server_socket(void) { return connection; }

void server_disconnect(void) {
    if (connection >= 0) close(connection);
    connection = -1;
}

bool server_read(void (*handle)(uint8_t, uint32_t, struct reader *)) {
    ssize_t got = recv(connection, in + in_length, sizeof in - in_length, MSG_DONTWAIT);
    if (got == 0) return false;
    if (got < 0) return errno == EAGAIN || errno == EINTR;
    in_length += got;
    size_t at = 0;
    while (!broken && in_length - at >= 4) {
        struct reader head = {in + at, in + in_length, false};
        uint32_t length = read_u32(&head);
        if (length < FRAME_HEAD - 4 || length > FRAME_BYTES_MAX) return false;
        if (in_length - at - 4 < length) break;
        struct reader body = {in + at + 4, in + at + 4 + length, false};
        uint8_t type = read_u8(&body);
        uint32_t request = read_u32(&body);
        at += 4 + length;
        handle(type, request, &body);
    }
    memmove(in, in + at, in_length - at);
    in_length -= at;
    return !broken;
}

bool server_flush(void) {
    while (connection >= 0 && queue_from < queue_to) {
        ssize_t sent = send(connection, queue + queue_from, queue_to - queue_from, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent < 0) return errno == EAGAIN || errno == EINTR;
        queue_from += sent;
    }
    if (queue_from == queue_to) queue_from = queue_to = 0;
    return !broken;
}

bool server_wants_to_write(void) { return queue_from < queue_to; }
uint32_t server_queued(void) { return queue_to - queue_from; }

static void enqueue(const uint8_t *bytes, size_t length) {
    if (connection < 0 || length == 0) return;
    if (queue_to + length > sizeof queue) {
        memmove(queue, queue + queue_from, queue_to - queue_from);
        queue_to -= queue_from;
        queue_from = 0;
    }
    if (queue_to + length > sizeof queue) {
        broken = true; /* A server that reads no answers for so long is not one. */
        return;
    }
    memcpy(queue + queue_to, bytes, length);
    queue_to += length;
}

struct writer *server_frame(uint8_t type, uint32_t request) {
    frame_begin(&writer, frame, sizeof frame, type, request);
    return &writer;
}

void server_send(void) { enqueue(frame, frame_end(&writer)); }

void server_ok(uint32_t request) {
    server_frame(T_OK, request);
    server_send();
}

void server_refuse(uint32_t request, enum refusal why, const char *field, const char *expected) {
    struct writer *out = server_frame(T_REFUSED, request);
    write_u8(out, why);
    write_text(out, field);
    write_text(out, expected);
    server_send();
}

void server_output(const char *id, bool stderr_stream, const uint8_t *bytes, uint32_t length) {
    struct writer *out = server_frame(T_OUTPUT, 0);
    write_text(out, id);
    write_u8(out, stderr_stream);
    write_u32(out, length);
    write_bytes(out, bytes, length);
    server_send();
}

#define _GNU_SOURCE
#include "body.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "text.h"

static bool keep(int fd, const char *bytes, size_t length) {
    while (length > 0) {
        ssize_t put = write(fd, bytes, length);
        if (put < 0 && errno == EINTR) continue;
        if (put <= 0) return false;
        bytes += put;
        length -= put;
    }
    return true;
}

static enum body_state copy(struct connection *connection, int fd, long long length, struct refusal *why) {
    while (length > 0) {
        size_t here = connection->end - connection->at;
        if (here == 0) {
            if (connection_fill(connection) <= 0) return BODY_GONE;
            continue;
        }
        size_t taken = (long long)here < length ? here : (size_t)length;
        if (!keep(fd, connection->data + connection->at, taken)) {
            refuse(why, 500, "body: it cannot be kept: %s", strerror(errno));
            return BODY_REFUSED;
        }
        connection->at += taken;
        length -= taken;
    }
    return BODY_WHOLE;
}

/* The next line, without its end, in the connection's buffer. */
static enum body_state read_line(struct connection *connection, char **line, struct refusal *why) {
    for (;;) {
        char *start = connection->data + connection->at;
        size_t here = connection->end - connection->at;
        char *end = memchr(start, '\n', here);
        if (end ? end - start > CHUNK_LINE_BYTES_MAX : here > CHUNK_LINE_BYTES_MAX) {
            refuse(why, 400, "chunk size or trailer: more than %d bytes", CHUNK_LINE_BYTES_MAX);
            return BODY_REFUSED;
        }
        if (end) {
            connection->at += end + 1 - start;
            if (end == start || end[-1] != '\r') {
                refuse(why, 400, "line end (expected: CR LF)");
                return BODY_REFUSED;
            }
            end[-1] = 0;
            *line = start;
            return BODY_WHOLE;
        }
        if (connection_fill(connection) <= 0) return BODY_GONE;
    }
}

static bool chunk_size(char *line, long long *size) {
    char *end = line + strcspn(line, ";"), *digits = trimmed(line, end);
    size_t count = strlen(digits);
    *size = 0;
    if (count == 0 || count > 8) return false;
    for (; *digits; digits++) {
        if (to_hex(*digits) < 0) return false;
        *size = *size * 16 + to_hex(*digits);
    }
    return true;
}

static enum body_state copy_chunks(struct connection *connection, int fd, long long *length, struct refusal *why) {
    char *line;
    enum body_state state;
    for (long long size = -1; size != 0;) {
        if ((state = read_line(connection, &line, why)) != BODY_WHOLE) return state;
        if (!chunk_size(line, &size)) {
            refuse(why, 400, "chunk size (expected: a hexadecimal number)");
            return BODY_REFUSED;
        }
        *length += size;
        if (*length > BODY_BYTES_MAX) {
            refuse(why, 413, "body: more than %d bytes", BODY_BYTES_MAX);
            return BODY_REFUSED;
        }
        if (size == 0) break;
        if ((state = copy(connection, fd, size, why)) != BODY_WHOLE) return state;
        if ((state = read_line(connection, &line, why)) != BODY_WHOLE) return state;
        if (*line) {
            refuse(why, 400, "chunk (expected: as long as announced)");
            return BODY_REFUSED;
        }
    }
    for (int fields = 0; fields <= FIELDS_MAX; fields++) {
        if ((state = read_line(connection, &line, why)) != BODY_WHOLE) return state;
        if (*line == 0) return BODY_WHOLE;
    }
    refuse(why, 431, "more than %d trailer fields", FIELDS_MAX);
    return BODY_REFUSED;
}

enum body_state body_take(struct connection *connection, const struct head *head, int *fd, long long *length, struct refusal *why) {
    *length = 0;
    *fd = head->length == 0 ? open("/dev/null", O_RDONLY | O_CLOEXEC) : memfd_create("body", MFD_CLOEXEC);
    if (*fd < 0) {
        refuse(why, 500, "body: it cannot be kept: %s", strerror(errno));
        return BODY_REFUSED;
    }
    if (head->length == 0) return BODY_WHOLE;
    enum body_state state = BODY_WHOLE;
    if (head->waits && connection->at == connection->end) {
        struct iovec go_on = {"HTTP/1.1 100 Continue\r\n\r\n", 25};
        if (!connection_send(connection, &go_on, 1)) state = BODY_GONE;
    }
    if (state == BODY_WHOLE) {
        if (head->length == CHUNKED) {
            state = copy_chunks(connection, *fd, length, why);
        } else {
            state = copy(connection, *fd, *length = head->length, why);
        }
    }
    if (state == BODY_WHOLE && lseek(*fd, 0, SEEK_SET) == 0) return BODY_WHOLE;
    close(*fd);
    *fd = -1;
    return state;
}

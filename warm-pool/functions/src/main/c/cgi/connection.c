#define _GNU_SOURCE
#include "connection.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "reasons.h"

enum { FAREWELL_READS = 64, ANSWER_BYTES = 1024 };

struct connection *connection_new(int fd) {
    struct connection *connection = malloc(sizeof *connection);
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    if (connection == NULL) return NULL;
    connection->fd = fd;
    connection->at = connection->end = 0;
    connection->local = getsockname(fd, (struct sockaddr *)&address, &size) == 0 && address.ss_family == AF_UNIX;
    return connection;
}

void connection_end(struct connection *connection) {
    shutdown(connection->fd, SHUT_WR);
    if (!connection->local) { /* A TCP socket that is closed with unread bytes resets the connection. */
        connection_patience(connection, 1);
        for (int i = 0; i < FAREWELL_READS && recv(connection->fd, connection->data, sizeof connection->data, 0) > 0; i++) {}
    }
    close(connection->fd);
    free(connection);
}

void connection_patience(struct connection *connection, int seconds) {
    struct timeval limit = {.tv_sec = seconds};
    setsockopt(connection->fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(connection->fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

ssize_t connection_fill(struct connection *connection) {
    if (connection->at == connection->end) connection->at = connection->end = 0;
    if (connection->end == sizeof connection->data) {
        memmove(connection->data, connection->data + connection->at, connection->end - connection->at);
        connection->end -= connection->at;
        connection->at = 0;
    }
    ssize_t got;
    do got = recv(connection->fd, connection->data + connection->end, sizeof connection->data - connection->end, 0);
    while (got < 0 && errno == EINTR);
    if (got > 0) connection->end += got;
    return got;
}

enum head_state connection_head(struct connection *connection, struct head *head, struct refusal *why) {
    while (connection->at < connection->end && (connection->data[connection->at] == '\r' || connection->data[connection->at] == '\n'))
        connection->at++;
    const char *bytes = connection->data + connection->at;
    size_t length;
    enum head_state state = head_find(bytes, connection->end - connection->at, &length, why);
    if (state != HEAD_WHOLE) return state;
    connection->at += length;
    return head_parse(head, bytes, length, why) ? HEAD_WHOLE : HEAD_REFUSED;
}

bool connection_send(struct connection *connection, struct iovec *parts, int count) {
    while (count > 0) {
        struct msghdr message = {.msg_iov = parts, .msg_iovlen = count};
        ssize_t sent = sendmsg(connection->fd, &message, MSG_NOSIGNAL);
        if (sent < 0) {
            if (errno == EINTR) continue;
            return false;
        }
        for (; count > 0 && (size_t)sent >= parts->iov_len; parts++, count--) sent -= parts->iov_len;
        if (count > 0) {
            parts->iov_base = (char *)parts->iov_base + sent;
            parts->iov_len -= sent;
        }
    }
    return true;
}

void connection_say(struct connection *connection, int status, const char *detail, bool close, bool bodyless) {
    char answer[ANSWER_BYTES];
    size_t length = strlen(detail);
    int head = snprintf(answer, sizeof answer, "HTTP/1.1 %d %s\r\n%scontent-length: %zu\r\n%s\r\n", status, reason_of(status),
                        length ? "content-type: text/plain; charset=utf-8\r\n" : "", length ? length + 1 : 0,
                        close ? "connection: close\r\n" : "");
    struct iovec parts[] = {{answer, head}, {(char *)detail, bodyless ? 0 : length}, {"\n", length && !bodyless}};
    connection_send(connection, parts, 3); /* If it has left there is nobody to tell. */
}

void connection_turn_away(int fd, const char *detail) {
    char answer[ANSWER_BYTES], body[ANSWER_BYTES / 2];
    int length = snprintf(body, sizeof body, "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":503,\"detail\":\"%s\"}", reason_of(503), detail);
    int size = snprintf(answer, sizeof answer,
                        "HTTP/1.1 503 %s\r\ncontent-type: application/problem+json\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%s",
                        reason_of(503), length, body);
    send(fd, answer, size, MSG_NOSIGNAL | MSG_DONTWAIT);
    close(fd);
}

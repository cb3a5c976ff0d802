#define _GNU_SOURCE
#include "relay.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "answer.h"

enum { CHUNK_HEAD_BYTES = 24, OWN_FIELDS_BYTES = 256 };

struct relay {
    struct connection *connection;
    struct program *program;
    const char *name;
    bool chunked;
    bool ended; /* nothing more comes */
    size_t used;
    char data[ANSWER_HEAD_BYTES_MAX + READ_BYTES];
};

enum heard { HEARD_MORE, HEARD_NOTHING, HEARD_END, HEARD_CALLER_LEAVE };

/* Waits for output, its end, or the caller's leave. What others hold open after the program has ended is not waited for. */
static enum heard hear(struct relay *relay, int milliseconds) {
    if (relay->ended) return HEARD_END;
    for (;;) {
        struct pollfd polled[] = {{relay->program->output, POLLIN, 0},
                                  {relay->connection->fd, POLLRDHUP, 0}}; /* The gateway ends its side only to say so. */
        int ready = program_poll(relay->program, polled, 2, milliseconds);
        if (ready < 0) continue; /* The program may have ended: look again. */
        if (polled[1].revents) return HEARD_CALLER_LEAVE;
        if (ready == 0) {
            if (!relay->program->ended) return HEARD_NOTHING;
            break;
        }
        ssize_t got = read(relay->program->output, relay->data + relay->used, sizeof relay->data - relay->used);
        if (got > 0) {
            relay->used += got;
            return HEARD_MORE;
        }
        if (got == 0 || errno != EINTR) break;
    }
    relay->ended = true;
    return HEARD_END;
}

/* All of the program's head. */
static enum relayed collect(struct relay *relay, struct answer *answer, struct refusal *why) {
    char end[100], reason[200];
    for (;;) {
        size_t head = answer_find(relay->data, relay->used);
        if (head > ANSWER_HEAD_BYTES_MAX || (head == 0 && relay->used > ANSWER_HEAD_BYTES_MAX)) {
            refuse(why, 502, "The function's program sent what is no answer: a head of more than %d bytes", ANSWER_HEAD_BYTES_MAX);
            return NO_ANSWER;
        }
        if (head > 0) {
            if (!answer_parse(answer, relay->data, head, reason, sizeof reason)) {
                refuse(why, 502, "The function's program sent what is no answer: %s", reason);
                return NO_ANSWER;
            }
            memmove(relay->data, relay->data + head, relay->used -= head);
            return RELAYED;
        }
        enum heard heard = hear(relay, -1);
        if (heard == HEARD_CALLER_LEAVE) return TORN;
        if (heard == HEARD_END) {
            program_await(relay->program, FAREWELL_MS);
            program_say_end(relay->program, end, sizeof end);
            refuse(why, 502, "The function's program ended %s (%s)", relay->used ? "within the head of its answer" : "without an answer", end);
            return NO_ANSWER;
        }
    }
}

/* Sends what is buffered, in one piece with what goes before it. */
static bool pass(struct relay *relay, char *head, size_t head_bytes, size_t body_bytes) {
    char size[CHUNK_HEAD_BYTES];
    bool framed = relay->chunked && body_bytes > 0;
    int size_bytes = framed ? snprintf(size, sizeof size, "%zx\r\n", body_bytes) : 0;
    struct iovec parts[] = {{head, head_bytes}, {size, size_bytes}, {relay->data, body_bytes}, {"\r\n", framed ? 2 : 0}};
    relay->used = 0;
    return connection_send(relay->connection, parts, 4);
}

static void complain(const struct relay *relay, const char *what) { dprintf(2, "function '%s': %s\n", relay->name, what); }

/* The body after the head: as many bytes as announced, or chunks, or what there is. */
static bool pass_body(struct relay *relay, char *head, size_t head_bytes, long long length, bool bodyless) {
    long long left = length, lost = 0;
    for (;;) {
        size_t sent = bodyless ? 0 : length >= 0 && (long long)relay->used > left ? (size_t)left : relay->used;
        if (!bodyless && length >= 0) lost += relay->used - sent;
        left -= sent;
        if (!pass(relay, head, head_bytes, sent)) return false;
        head_bytes = 0;
        enum heard heard;
        do heard = hear(relay, -1);
        while (heard == HEARD_NOTHING);
        if (heard == HEARD_CALLER_LEAVE) return false;
        if (heard == HEARD_END) break;
    }
    if (lost) complain(relay, "it wrote more than its Content-Length; that is lost");
    if (bodyless || length < 0 || left == 0) return true;
    complain(relay, "it wrote less than its Content-Length; the connection ends");
    return false;
}

/* The program that ends by a signal in the middle of its answer has not finished it, and the caller shall see that. */
static bool finish(struct relay *relay) {
    char end[100], text[160];
    program_await(relay->program, FAREWELL_MS);
    if (relay->program->ended && (relay->program->by_signal || relay->program->code)) {
        program_say_end(relay->program, end, sizeof end);
        snprintf(text, sizeof text, "it ended with %s", end);
        complain(relay, text);
        if (relay->program->by_signal) return false;
    }
    struct iovec last = {"0\r\n\r\n", 5};
    return !relay->chunked || connection_send(relay->connection, &last, 1);
}

enum relayed relay_answer(struct connection *connection, const struct head *request, struct program *program, const char *name, bool close,
                          struct refusal *why) {
    static struct relay relay; /* One request at a time. */
    static struct answer answer;
    static char head[sizeof answer.fields + sizeof answer.reason + OWN_FIELDS_BYTES];
    relay.connection = connection, relay.program = program, relay.name = name;
    relay.used = 0, relay.ended = relay.chunked = false;
    enum relayed state = collect(&relay, &answer, why);
    if (state != RELAYED) return state;

    bool bodyless = answer.status == 204 || answer.status == 304 || strcmp(request->method, "HEAD") == 0;
    if (!bodyless && answer.length == LENGTH_UNKNOWN) {
        while (relay.used < sizeof relay.data) { /* What has come already may be all. */
            enum heard heard = hear(&relay, 0);
            if (heard == HEARD_CALLER_LEAVE) return TORN;
            if (heard != HEARD_MORE) break;
        }
        if (relay.ended) answer.length = relay.used;
    }
    relay.chunked = !bodyless && answer.length == LENGTH_UNKNOWN && !request->old;
    bool endless = !bodyless && answer.length == LENGTH_UNKNOWN && request->old;
    int bytes = snprintf(head, sizeof head, "HTTP/1.1 %d %s\r\n%.*s", answer.status, answer.reason, (int)answer.field_bytes, answer.fields);
    if (answer.length >= 0 && answer.status != 204) bytes += sprintf(head + bytes, "content-length: %lld\r\n", answer.length);
    bytes += sprintf(head + bytes, "%s%s\r\n", relay.chunked ? "transfer-encoding: chunked\r\n" : "",
                     close || endless ? "connection: close\r\n" : "");
    bool whole = pass_body(&relay, head, bytes, answer.length, bodyless);
    return relay.ended && finish(&relay) && whole && !endless ? RELAYED : TORN;
}

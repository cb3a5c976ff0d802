/*
 * Fuzzes what the CGI shim does with bytes that others wrote: heads and bodies of requests, heads of answers. Checks besides
 * what the sanitizers see that what was taken is what it should be. With libFuzzer: clang -fsanitize=fuzzer,address,undefined.
 * With -DDRIVER it brings a loop of its own: parsers INPUTS SEED.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "answer.h"
#include "body.h"
#include "variables.h"

static char *environment[] = {"PATH=/bin", "HTTP_PROXY=ours", "CONTENT_LENGTH=forged", NULL};

static void check(bool holds, const char *what) {
    if (holds) return;
    fprintf(stderr, "does not hold: %s\n", what);
    abort();
}

static void request(const uint8_t *bytes, size_t length) {
    static struct head head;
    struct refusal why = {0, ""};
    struct variables variables;
    int pair[2], body;
    long long size;
    check(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0, "a socket");
    struct connection *connection = connection_new(pair[0]);
    check(send(pair[1], bytes, length, MSG_DONTWAIT) == (ssize_t)length, "sent");
    shutdown(pair[1], SHUT_WR);
    while (connection_fill(connection) > 0) {}
    for (;;) {
        enum head_state state = connection_head(connection, &head, &why);
        check(state != HEAD_REFUSED || (why.status >= 400 && why.detail[0]), "a refusal has a reason");
        if (state != HEAD_WHOLE) break;
        if (body_take(connection, &head, &body, &size, &why) != BODY_WHOLE) break;
        struct stat status;
        check(fstat(body, &status) == 0 && (head.length == 0 || status.st_size == size), "the body has its length");
        close(body);
        if (!variables_make(&variables, &head, size, environment, &why)) continue;
        for (unsigned i = 0; i < variables.count; i++) {
            check(strchr(variables.list[i], '=') != NULL && strpbrk(variables.list[i], "\r\n") != variables.list[i], "a variable");
            check(strncmp(variables.list[i], "HTTP_PROXY=", 11) != 0 || strcmp(variables.list[i], "HTTP_PROXY=ours") == 0, "no proxy of theirs");
            check(strcmp(variables.list[i], "CONTENT_LENGTH=forged") != 0, "no length of theirs");
        }
        variables_free(&variables);
    }
    close(pair[1]);
    connection_end(connection);
}

static void answer(const uint8_t *bytes, size_t length) {
    static struct answer answer;
    char why[200] = "";
    size_t head = answer_find((const char *)bytes, length);
    if (head == 0 || head > ANSWER_HEAD_BYTES_MAX) return;
    if (!answer_parse(&answer, (const char *)bytes, head, why, sizeof why)) {
        check(why[0] != 0, "a refusal has a reason");
        return;
    }
    check(answer.status >= 200 && answer.status <= 599, "a status");
    check(answer.field_bytes < sizeof answer.fields, "fields within bounds");
    check(memmem(answer.fields, answer.field_bytes, "\r\n\r\n", 4) == NULL, "one head");
    for (size_t i = 0; i < answer.field_bytes; i++)
        check(answer.fields[i] != '\n' || (i > 0 && answer.fields[i - 1] == '\r'), "no line of theirs");
    check(strpbrk(answer.reason, "\r\n") == NULL, "one line of status");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    if (length == 0 || length > 60000) return 0;
    if (bytes[0] % 2) {
        request(bytes + 1, length - 1);
    } else {
        answer(bytes + 1, length - 1);
    }
    return 0;
}

#ifdef DRIVER
static uint64_t state;

static uint32_t random_number(void) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return state >> 33;
}

static const char *const PIECES[] = {
    "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "POST /a%20b?c=d HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nProxy: y\r\n\r\nabc",
    "PUT http://h:1/x HTTP/1.0\r\nCookie: a\r\nCookie: b\r\nConnection: keep-alive\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\nA\r\n0123456789\r\n0\r\nT: t\r\n\r\n",
    "Content-Type: text/plain\n\nbody",
    "Status: 404 Not Found\r\nX-A: b\r\n\r\n",
    "Location: /a\nContent-Length: 5\n\n12345",
    "\r\n", "%00", ": ", "\0", "Content-Length: 7\r\n", "Status: 999\n", "0\r\n\r\n",
};

int main(int argc, char **argv) {
    long inputs = argc > 1 ? atol(argv[1]) : 100000;
    state = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    static uint8_t input[65536];
    for (long i = 0; i < inputs; i++) {
        size_t length = 1;
        input[0] = random_number();
        for (unsigned pieces = 1 + random_number() % 4; pieces > 0; pieces--) {
            const char *piece = PIECES[random_number() % (sizeof PIECES / sizeof *PIECES)];
            memcpy(input + length, piece, strlen(piece));
            length += strlen(piece);
        }
        for (unsigned spoilt = random_number() % 6; spoilt > 0 && length > 1; spoilt--) {
            size_t at = 1 + random_number() % (length - 1), to = 1 + random_number() % (length - 1);
            switch (random_number() % 5) {
            case 0: input[at] = random_number(); break;
            case 1: input[at] ^= 1 << random_number() % 8; break;
            case 2: input[at] = input[to]; break;
            case 3: memmove(input + at, input + at + 1, length - at - 1), length--; break;
            default: length = at + 1;
            }
        }
        LLVMFuzzerTestOneInput(input, length);
    }
    printf("%ld inputs\n", inputs);
    return 0;
}
#endif

/* Links: server.c wire.c */
#include "server.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"

static int other = -1; /* the server's end */
static int handled;
static uint8_t last_type;
static uint32_t last_request, last_bytes;

static void handle(uint8_t type, uint32_t request, struct reader *in) {
    handled++;
    last_type = type;
    last_request = request;
    last_bytes = in->end - in->at;
}

static void connect_anew(void) {
    int pair[2], size = 1 << 20;
    server_disconnect();
    if (other >= 0) close(other);
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0) abort();
    setsockopt(pair[1], SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size);
    other = pair[1];
    server_connect(pair[0]);
    handled = 0;
}

static void send_bytes(const void *bytes, size_t length) { CHECK_NUMBER(send(other, bytes, length, MSG_DONTWAIT), length); }

static size_t frame(uint8_t *to, uint32_t payload) {
    struct writer out;
    frame_begin(&out, to, FRAME_HEAD + payload, T_SWEEP, 77);
    memset(out.at, 5, payload);
    out.at += payload;
    return frame_end(&out);
}

static void aFrameIsHandledOnceWhenItIsWhole(void) {
    uint8_t bytes[64];
    size_t length = frame(bytes, 20);
    connect_anew();
    for (size_t i = 0; i < length; i++) {
        CHECK_NUMBER(handled, 0);
        send_bytes(bytes + i, 1);
        CHECK(server_read(handle));
    }
    CHECK_NUMBER(handled, 1);
    CHECK_NUMBER(last_type, T_SWEEP);
    CHECK_NUMBER(last_request, 77);
    CHECK_NUMBER(last_bytes, 20);
}

static void framesInOneGoAreHandledOneByOne(void) {
    uint8_t bytes[256];
    size_t length = frame(bytes, 0);
    length += frame(bytes + length, 3);
    length += frame(bytes + length, 50);
    connect_anew();
    send_bytes(bytes, length - 1);
    CHECK(server_read(handle));
    CHECK_NUMBER(handled, 2);
    send_bytes(bytes + length - 1, 1);
    CHECK(server_read(handle));
    CHECK_NUMBER(handled, 3);
    CHECK_NUMBER(last_bytes, 50);
}

static bool is_taken(uint32_t length) {
    uint8_t head[FRAME_HEAD] = {length, length >> 8, length >> 16, length >> 24, T_SWEEP};
    connect_anew();
    send_bytes(head, sizeof head);
    return server_read(handle);
}

static void aHostileLengthEndsTheConnection(void) {
    CHECK(!is_taken(0));
    CHECK(!is_taken(FRAME_HEAD - 5));
    CHECK(is_taken(FRAME_HEAD - 4));
    CHECK_NUMBER(handled, 1);
    CHECK(is_taken(FRAME_BYTES_MAX));
    CHECK_NUMBER(handled, 0);
    CHECK(!is_taken(FRAME_BYTES_MAX + 1));
    CHECK(!is_taken(0x7fffffff));
    CHECK(!is_taken(0xffffffff));
    CHECK_NUMBER(handled, 0);
}

static void theLargestFrameIsHandled(void) {
    static uint8_t bytes[4 + FRAME_BYTES_MAX];
    uint32_t length = FRAME_BYTES_MAX;
    memcpy(bytes, &length, 4);
    bytes[4] = T_SWEEP;
    connect_anew();
    for (size_t at = 0; at < sizeof bytes;) {
        ssize_t sent = send(other, bytes + at, sizeof bytes - at, MSG_DONTWAIT);
        if (sent > 0) at += sent;
        if (!server_read(handle)) break;
    }
    while (handled == 0 && server_read(handle)) {}
    CHECK_NUMBER(handled, 1);
    CHECK_NUMBER(last_bytes, FRAME_BYTES_MAX - 5);
}

static void itsEndIsNoticed(void) {
    connect_anew();
    CHECK(server_read(handle));
    shutdown(other, SHUT_WR);
    CHECK(!server_read(handle));
}

static void answersArriveInTheirOrder(void) {
    uint8_t bytes[256];
    connect_anew();
    server_ok(3);
    server_refuse(4, R_UNKNOWN, "id", "a running sandbox");
    CHECK(server_wants_to_write());
    CHECK(server_flush());
    CHECK(!server_wants_to_write());
    ssize_t got = recv(other, bytes, sizeof bytes, MSG_DONTWAIT);
    struct reader in = {bytes, bytes + got, false};
    CHECK_NUMBER(read_u32(&in), 5);
    CHECK_NUMBER(read_u8(&in), T_OK);
    CHECK_NUMBER(read_u32(&in), 3);
    read_u32(&in);
    CHECK_NUMBER(read_u8(&in), T_REFUSED);
    CHECK_NUMBER(read_u32(&in), 4);
    CHECK_NUMBER(read_u8(&in), R_UNKNOWN);
    CHECK_NUMBER(read_text(&in, 10).length, 2);
    CHECK_NUMBER(read_text(&in, 100).length, strlen("a running sandbox"));
    CHECK(!in.bad && in.at == in.end);
}

static void whoReadsNoAnswersIsGivenUp(void) {
    static uint8_t bytes[32 * 1024];
    connect_anew();
    for (int pieces = 0; pieces < 2 * QUEUE_BYTES_MAX / (int)sizeof bytes; pieces++) {
        server_output("ins_1", false, bytes, sizeof bytes);
        server_flush();
        CHECK(server_queued() <= QUEUE_BYTES_MAX);
    }
    CHECK(server_queued() > QUEUE_BYTES_FULL);
    send_bytes(bytes, 1);
    CHECK(!server_read(handle));
}

static void nothingIsLostOfWhatFits(void) {
    static uint8_t bytes[32 * 1024];
    size_t sent = 0, arrived = 0;
    connect_anew();
    for (int round = 0; round < 500; round++) {
        server_output("ins_1", true, bytes, sizeof bytes);
        sent += FRAME_HEAD + 4 + 5 + 1 + 4 + sizeof bytes;
        CHECK(server_flush());
        for (ssize_t got; (got = recv(other, bytes, sizeof bytes, MSG_DONTWAIT)) > 0;) arrived += got;
    }
    while (server_wants_to_write() && server_flush())
        for (ssize_t got; (got = recv(other, bytes, sizeof bytes, MSG_DONTWAIT)) > 0;) arrived += got;
    for (ssize_t got; (got = recv(other, bytes, sizeof bytes, MSG_DONTWAIT)) > 0;) arrived += got;
    CHECK_NUMBER(arrived, sent);
}

static void nothingIsKeptForNobody(void) {
    connect_anew();
    server_disconnect();
    server_ok(1);
    CHECK_NUMBER(server_queued(), 0);
    CHECK(server_flush());
}

int main(void) {
    aFrameIsHandledOnceWhenItIsWhole();
    framesInOneGoAreHandledOneByOne();
    aHostileLengthEndsTheConnection();
    theLargestFrameIsHandled();
    itsEndIsNoticed();
    answersArriveInTheirOrder();
    whoReadsNoAnswersIsGivenUp();
    nothingIsLostOfWhatFits();
    nothingIsKeptForNobody();
    return check_result();
}

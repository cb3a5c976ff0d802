/* Links: output.c slots.c events.c clock.c server.c wire.c kernel.c */
#include "output.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"
#include "server.h"

enum { WINDOW_BYTES = 256 * 1024, PIECE_BYTES_MAX = 32 * 1024 };

static int server_end = -1, out_end = -1, err_end = -1;
static uint32_t said[2]; /* bytes that the server got of each stream */

static struct slot *start(void) {
    int pair[2];
    struct slot *slot = slots_at(3);
    server_disconnect();
    if (server_end >= 0) close(server_end), close(out_end), close(err_end);
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0) abort();
    server_connect(pair[0]);
    server_end = pair[1];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) != 0) abort();
    slot->out = (struct stream){pair[0], false};
    out_end = pair[1];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) != 0) abort();
    slot->err = (struct stream){pair[0], false};
    err_end = pair[1];
    slots_enter(slot, RUNNING);
    snprintf(slot->id, sizeof slot->id, "ins_1");
    output_begin(slot);
    said[0] = said[1] = 0;
    return slot;
}

/* Takes what the server gets. */
static void take(void) {
    static uint8_t bytes[1 << 20];
    static size_t length;
    if (said[0] + said[1] == 0) length = 0;
    server_flush();
    for (ssize_t got; (got = recv(server_end, bytes + length, sizeof bytes - length, MSG_DONTWAIT)) > 0;) {
        length += got;
        size_t at = 0;
        for (uint32_t frame; length - at >= 4 && (memcpy(&frame, bytes + at, 4), length - at - 4 >= frame); at += 4 + frame) {
            struct reader in = {bytes + at + 4, bytes + at + 4 + frame, false};
            CHECK_NUMBER(read_u8(&in), T_OUTPUT);
            read_u32(&in);
            CHECK_NUMBER(read_text(&in, ID_BYTES_MAX).length, 5);
            bool errors = read_u8(&in);
            uint32_t piece = read_u32(&in);
            CHECK(piece == (size_t)(in.end - in.at) && piece <= PIECE_BYTES_MAX);
            said[errors] += piece;
        }
        memmove(bytes, bytes + at, length - at);
        length -= at;
        server_flush();
    }
}

static void print(int fd, uint32_t bytes) {
    static uint8_t text[64 * 1024];
    CHECK_NUMBER(send(fd, text, bytes, MSG_DONTWAIT), bytes);
}

static void whatIsPrintedArrivesOnItsStream(void) {
    struct slot *slot = start();
    print(out_end, 10);
    print(err_end, 7);
    output_hear(slot, FROM_OUTPUT);
    output_hear(slot, FROM_ERRORS);
    take();
    CHECK_NUMBER(said[0], 10);
    CHECK_NUMBER(said[1], 7);
    output_close(slot);
}

static void noMoreIsOnItsWayThanTheServerHasRoomFor(void) {
    struct slot *slot = start();
    for (int i = 0; i < 100; i++) {
        print(i % 2 ? out_end : err_end, 16 * 1024);
        output_hear(slot, i % 2 ? FROM_OUTPUT : FROM_ERRORS);
        take();
        if (said[0] + said[1] == WINDOW_BYTES) break;
    }
    CHECK_NUMBER(said[0] + said[1], WINDOW_BYTES);
    print(out_end, 1);
    output_hear(slot, FROM_OUTPUT);
    take();
    CHECK_NUMBER(said[0] + said[1], WINDOW_BYTES);
    CHECK(output_waits());
    output_taken("another", WINDOW_BYTES);
    CHECK(slot->out.paused);
    output_taken("ins_1", 4096);
    CHECK(!slot->out.paused);
    output_hear(slot, FROM_OUTPUT);
    take();
    CHECK_NUMBER(said[0] + said[1], WINDOW_BYTES + 1);
    output_taken("ins_1", UINT32_MAX); /* More than there is: it owes nothing, and has no more room than any other. */
    CHECK_NUMBER(slot->unacknowledged, 0);
    output_close(slot);
    CHECK(!output_waits());
}

static void whoPrintsLineAfterLineRests(void) {
    struct slot *slot = start();
    for (int i = 0; i < 2; i++) {
        print(out_end, 10);
        output_hear(slot, FROM_OUTPUT);
    }
    CHECK(slot->out.paused && slot->out.rests_until > 0);
    CHECK(output_waits());
    output_resume(slot);
    CHECK(slot->out.paused);
    slot->out.rests_until = 1; /* Long ago. */
    output_resume(slot);
    CHECK(!slot->out.paused && !output_waits());
    output_close(slot);
}

static void theRestIsHandedOnAtTheEnd(void) {
    struct slot *slot = start();
    print(out_end, 50 * 1024);
    print(err_end, 3);
    CHECK(output_hand_on_rest(slot));
    shutdown(out_end, SHUT_RDWR);
    CHECK(output_hand_on_rest(slot));
    shutdown(err_end, SHUT_RDWR);
    CHECK(!output_hand_on_rest(slot));
    take();
    CHECK_NUMBER(said[0], 50 * 1024);
    CHECK_NUMBER(said[1], 3);
}

static void withoutAServerEverythingWaits(void) {
    struct slot *slot = start();
    server_disconnect();
    print(out_end, 10);
    output_hear(slot, FROM_OUTPUT);
    CHECK(slot->out.paused);
    output_pause(slot, true);
    CHECK(slot->err.paused);
    output_pause(slot, false);
    CHECK(!output_waits());
    output_close(slot);
}

int main(void) {
    if (events_open() != 0) abort();
    whatIsPrintedArrivesOnItsStream();
    noMoreIsOnItsWayThanTheServerHasRoomFor();
    whoPrintsLineAfterLineRests();
    theRestIsHandedOnAtTheEnd();
    withoutAServerEverythingWaits();
    return check_result();
}

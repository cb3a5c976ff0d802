/* Links: pending.c request.c server.c wire.c */
#include "pending.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"
#include "create.h"
#include "server.h"
#include "supply.h"

/* --- in place of shells and sandboxes --- */

static int shells[KINDS_MAX]; /* that wait, of each kind */
static bool grows = true;
static uint32_t begun[2 * PENDING_MAX], kinds[2 * PENDING_MAX], begins;

uint32_t supply_kind(uint32_t zygote) { return zygote; }
bool supply_can_start(uint32_t kind) { return shells[kind] > 0; }
bool supply_may_grow(uint32_t kind) { return (void)kind, grows; }
void create_begin(uint32_t request, const struct create_request *create, uint32_t kind) {
    CHECK_TEXT(create->id, "ins_1");
    shells[kind]--;
    begun[begins] = request;
    kinds[begins++] = kind;
}

static int other = -1;
static uint8_t payload[FRAME_BYTES_MAX];
static uint32_t payload_bytes;

static void connect_anew(void) {
    int pair[2];
    if (other >= 0) close(other);
    server_disconnect();
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0) abort();
    other = pair[1];
    server_connect(pair[0]);
}

/* How many requests were refused since the last look. */
static int refusals(void) {
    uint8_t bytes[4096];
    int count = 0;
    server_flush();
    for (ssize_t got; (got = recv(other, bytes, sizeof bytes, MSG_DONTWAIT)) > 0;)
        for (ssize_t at = 0; at + FRAME_HEAD <= got;) {
            struct reader in = {bytes + at, bytes + got, false};
            at += 4 + read_u32(&in);
            count += read_u8(&in) == T_REFUSED;
        }
    return count;
}

static void begin_test(void) {
    pending_forget();
    connect_anew();
    memset(shells, 0, sizeof shells);
    grows = true;
    begins = 0;
}

static void write_payload(uint32_t filler) {
    static char text[FRAME_BYTES_MAX];
    struct writer out = {payload, payload, payload + sizeof payload, false};
    memset(text, 'x', filler);
    text[filler] = 0;
    write_text(&out, "ins_1");
    write_text(&out, "tenant");
    write_text(&out, "");
    write_u32(&out, 0);
    write_u32(&out, 20000);
    write_u32(&out, 3);
    write_u32(&out, 0);
    write_text(&out, "");
    write_text(&out, "");
    write_text(&out, "/");
    write_u64(&out, 64 << 20);
    write_u64(&out, 100000);
    write_u32(&out, 32);
    write_u64(&out, 1 << 20);
    write_u32(&out, 1024);
    write_u64(&out, 0);
    write_u32(&out, 0);
    write_u32(&out, 1);
    write_u32(&out, 0);
    write_text(&out, text);
    payload_bytes = out.at - payload;
    CHECK(!out.bad);
}

static void startsBeginInTheirOrderAsShellsCome(void) {
    begin_test();
    for (uint32_t request = 1; request <= 5; request++) pending_add(request, 0, payload, payload_bytes);
    pending_begin();
    CHECK_NUMBER(begins, 0);
    CHECK(pending_any());
    shells[0] = 2;
    pending_begin();
    CHECK_NUMBER(begins, 2);
    shells[0] = 10;
    pending_begin();
    CHECK_NUMBER(begins, 5);
    for (uint32_t i = 0; i < 5; i++) CHECK_NUMBER(begun[i], i + 1);
    CHECK(!pending_any());
}

static void whoHasAShellPassesThoseOfOtherZygotes(void) {
    begin_test();
    pending_add(1, 1, payload, payload_bytes);
    pending_add(2, 2, payload, payload_bytes);
    pending_add(3, 1, payload, payload_bytes);
    CHECK(pending_holds(1) && pending_holds(2) && !pending_holds(0));
    shells[2] = 1;
    pending_begin();
    CHECK_NUMBER(begins, 1);
    CHECK_NUMBER(begun[0], 2);
    CHECK_NUMBER(kinds[0], 2);
    CHECK(pending_holds(1) && !pending_holds(2));
    shells[1] = 2;
    pending_begin();
    CHECK_NUMBER(begun[1], 1);
    CHECK_NUMBER(begun[2], 3);
}

static void onlySoManyWait(void) {
    begin_test();
    for (uint32_t request = 0; request < PENDING_MAX; request++) pending_add(request, 0, payload, payload_bytes);
    CHECK_NUMBER(refusals(), 0);
    pending_add(PENDING_MAX, 0, payload, payload_bytes);
    CHECK_NUMBER(refusals(), 1);
    shells[0] = 1;
    pending_begin();
    pending_add(PENDING_MAX + 1, 0, payload, payload_bytes);
    CHECK_NUMBER(refusals(), 0);
    shells[0] = PENDING_MAX;
    pending_begin();
    CHECK_NUMBER(begins, PENDING_MAX + 1);
    CHECK_NUMBER(begun[PENDING_MAX], PENDING_MAX + 1);
}

static void onlySoManyBytesWait(void) {
    begin_test();
    write_payload(200 * 1024);
    uint32_t fit = PENDING_BYTES_MAX / payload_bytes;
    for (uint32_t request = 0; request < fit; request++) pending_add(request, 0, payload, payload_bytes);
    CHECK_NUMBER(refusals(), 0);
    pending_add(fit, 0, payload, payload_bytes);
    CHECK_NUMBER(refusals(), 1);
    shells[0] = 1;
    pending_begin();
    pending_add(fit, 0, payload, payload_bytes);
    CHECK_NUMBER(refusals(), 0);
    write_payload(8);
}

static void nobodyWaitsForAShellThatDoesNotCome(void) {
    begin_test();
    grows = false;
    pending_add(1, 0, payload, payload_bytes);
    CHECK_NUMBER(refusals(), 1);
    CHECK(!pending_any());
}

static void whatIsForgottenNeverBegins(void) {
    begin_test();
    for (uint32_t request = 0; request < 10; request++) pending_add(request, 0, payload, payload_bytes);
    pending_forget();
    shells[0] = 10;
    pending_begin();
    CHECK_NUMBER(begins, 0);
    CHECK(!pending_any());
}

int main(void) {
    write_payload(8);
    startsBeginInTheirOrderAsShellsCome();
    whoHasAShellPassesThoseOfOtherZygotes();
    onlySoManyWait();
    onlySoManyBytesWait();
    nobodyWaitsForAShellThatDoesNotCome();
    whatIsForgottenNeverBegins();
    pending_forget();
    return check_result();
}

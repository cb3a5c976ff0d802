/* Links: start_message.c program.c wire.c */
#include "start_message.h"

#include <stdlib.h>

#include "check.h"
#include "program.h"

static uint8_t strings[256];
static struct create_request request;
static struct start_message told;

static void fill_request(void) {
    struct writer out = {strings, strings, strings + sizeof strings, false};
    write_text(&out, "/bin/app");
    write_text(&out, "argument");
    write_text(&out, "NAME=value");
    request = (struct create_request){.uid = 20000, .flags = 3, .listen = "/run/s", .cwd = "/workspace", .mounts = MOUNTS_MAX};
    request.limits.files = 1024;
    request.limits.tmp_bytes = 1ull << 40;
    for (int i = 0; i < MOUNTS_MAX; i++) snprintf(request.mount[i].inside, PATH_BYTES_MAX, "/mount/%d", i);
    request.command = (struct command){2, 1, strings, out.at - strings};
}

static void aShellIsToldWhatWasAsked(void) {
    static uint8_t message[START_MESSAGE_BYTES_MAX];
    size_t length = start_message_encode(&request, 9, message, sizeof message);
    CHECK(start_message_decode(message, length, &told));
    CHECK_NUMBER(told.slot, 9);
    CHECK_NUMBER(told.uid, 20000);
    CHECK_NUMBER(told.flags, 3);
    CHECK_NUMBER(told.files, 1024);
    CHECK(told.tmp_bytes == 1ull << 40);
    CHECK(told.listens && !told.has_network);
    CHECK_TEXT(told.cwd, "/workspace");
    CHECK_NUMBER(told.mounts, MOUNTS_MAX);
    CHECK_TEXT(told.inside[15], "/mount/15");
    CHECK_NUMBER(told.argc, 2);
    CHECK_NUMBER(told.envc, 1);
    CHECK_NUMBER(told.strings_bytes, request.command.strings_bytes);
    CHECK(program_set(told.strings, told.strings_bytes, told.argc, told.envc));
}

static void noPartOfItIsAStart(void) {
    static uint8_t message[START_MESSAGE_BYTES_MAX];
    size_t length = start_message_encode(&request, 9, message, sizeof message);
    for (size_t cut = 0; cut < length; cut++) {
        uint8_t *copy = malloc(cut + 1); /* The byte behind its end is written to. */
        memcpy(copy, message, cut);
        bool whole = start_message_decode(copy, cut, &told) && program_set(told.strings, told.strings_bytes, told.argc, told.envc);
        CHECK(!whole);
        free(copy);
    }
}

static void whatDoesNotFitIsNotSent(void) {
    static uint8_t message[START_MESSAGE_BYTES_MAX];
    size_t length = start_message_encode(&request, 9, message, sizeof message);
    CHECK(length > 0);
    CHECK_NUMBER(start_message_encode(&request, 9, message, length - 1), 0);
    CHECK_NUMBER(start_message_encode(&request, 9, message, length), length);
}

static void tooManyMountsAreNone(void) {
    static uint8_t message[START_MESSAGE_BYTES_MAX];
    size_t length = start_message_encode(&request, 9, message, sizeof message);
    size_t mounts_at = FRAME_HEAD + 4 * 4 + 8 + 2 + 4 + strlen(request.cwd);
    CHECK_NUMBER(message[mounts_at], MOUNTS_MAX);
    message[mounts_at] = MOUNTS_MAX + 1;
    CHECK(!start_message_decode(message, length, &told));
    memset(message + mounts_at, 0xff, 4);
    CHECK(!start_message_decode(message, length, &told));
}

static void aProgramHasAsManyTextsAsItSays(void) {
    uint8_t copy[sizeof strings];
    uint32_t bytes = request.command.strings_bytes;
    memcpy(copy, strings, sizeof copy);
    CHECK(!program_set(copy, bytes, 3, 1));
    CHECK(!program_set(copy, bytes, STRINGS_MAX + 1, 0));
    CHECK(!program_set(copy, bytes, 0xffffffff, 1));
    CHECK(program_set(copy, bytes, 2, 1));
}

int main(void) {
    fill_request();
    aShellIsToldWhatWasAsked();
    noPartOfItIsAStart();
    whatDoesNotFitIsNotSent();
    tooManyMountsAreNone();
    aProgramHasAsManyTextsAsItSays();
    return check_result();
}

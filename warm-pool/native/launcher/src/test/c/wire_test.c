/* Links: wire.c */
#include "wire.h"

#include <stdlib.h>

#include "check.h"

static void numbersComeBackAsTheyWere(void) {
    uint8_t buffer[64];
    struct writer out;
    frame_begin(&out, buffer, sizeof buffer, T_OK, 0xfffffffe);
    write_u8(&out, 0xff);
    write_u32(&out, 0x80000001);
    write_u64(&out, 0xffffffffffffffff);
    write_u64(&out, 1ull << 63);
    size_t size = frame_end(&out);
    CHECK_NUMBER(size, FRAME_HEAD + 1 + 4 + 8 + 8);
    struct reader in = {buffer, buffer + size, false};
    CHECK_NUMBER(read_u32(&in), size - 4);
    CHECK_NUMBER(read_u8(&in), T_OK);
    CHECK_NUMBER(read_u32(&in), 0xfffffffe);
    CHECK_NUMBER(read_u8(&in), 0xff);
    CHECK_NUMBER(read_u32(&in), 0x80000001);
    CHECK(read_u64(&in) == 0xffffffffffffffff);
    CHECK(read_u64(&in) == 1ull << 63);
    CHECK(!in.bad && in.at == in.end);
}

static void bytesAreLittleEndian(void) {
    static const uint8_t bytes[] = {1, 2, 3, 4, 5, 6, 7, 8};
    struct reader in = {bytes, bytes + 8, false};
    CHECK(read_u64(&in) == 0x0807060504030201);
}

/* Of exactly so many bytes, so that a look beyond the last is found. */
static struct reader exactly(const void *bytes, size_t length, uint8_t **copy) {
    *copy = malloc(length ? length : 1);
    memcpy(*copy, bytes, length);
    return (struct reader){*copy, *copy + length, false};
}

static void whatIsCutIsBadAndStaysBad(void) {
    static const uint8_t bytes[8] = {9, 9, 9, 9, 9, 9, 9, 9};
    uint8_t *copy;
    for (size_t length = 0; length < 8; length++) {
        struct reader in = exactly(bytes, length, &copy);
        CHECK(length >= 4 || read_u64(&in) == 0);
        if (length >= 4) read_u64(&in);
        CHECK(in.bad);
        CHECK_NUMBER(read_u8(&in), 0);
        CHECK_NUMBER(read_u32(&in), 0);
        CHECK_NUMBER(read_text(&in, 10).length, 0);
        free(copy);
    }
}

static bool is_read(uint32_t length, const char *bytes, uint32_t there, uint32_t max) {
    uint8_t frame[64], *copy;
    struct writer out = {frame, frame, frame + sizeof frame, false};
    write_u32(&out, length);
    write_bytes(&out, bytes, there);
    struct reader in = exactly(frame, out.at - frame, &copy);
    struct text text = read_text(&in, max);
    bool good = !in.bad && text.length == length && memcmp(text.at, bytes, length) == 0;
    CHECK(good || (in.bad && text.length == 0));
    free(copy);
    return good;
}

static void textsAreBoundedAndWithoutNul(void) {
    CHECK(is_read(0, "", 0, 0));
    CHECK(is_read(5, "hello", 5, 5));
    CHECK(!is_read(5, "hello", 5, 4));
    CHECK(!is_read(5, "hel\0o", 5, 10));
    CHECK(!is_read(6, "hello", 5, 10));
    CHECK(!is_read(0xffffffff, "hello", 5, 0xffffffff));
    CHECK(!is_read(0x80000000, "hello", 5, 0xffffffff));
}

static void aCopyIsTerminatedOrRefused(void) {
    char to[6] = "xxxxx";
    CHECK(text_copy((struct text){"hello", 5}, to, 6));
    CHECK_TEXT(to, "hello");
    CHECK(!text_copy((struct text){"longer", 6}, to, 6));
    CHECK_TEXT(to, "hello");
    CHECK(text_copy((struct text){"", 0}, to, 1));
    CHECK_TEXT(to, "");
}

static void aFrameThatDoesNotFitIsNone(void) {
    uint8_t buffer[FRAME_HEAD + 8 + 1];
    for (size_t size = 0; size <= FRAME_HEAD + 8; size++) {
        struct writer out;
        memset(buffer, 0xaa, sizeof buffer);
        frame_begin(&out, buffer, size, T_OK, 7);
        write_u64(&out, 7);
        CHECK_NUMBER(frame_end(&out), size < FRAME_HEAD + 8 ? 0 : FRAME_HEAD + 8);
        CHECK_NUMBER(buffer[size], 0xaa);
    }
}

static void nothingIsWrittenAfterWhatDidNotFit(void) {
    uint8_t buffer[FRAME_HEAD + 2];
    struct writer out;
    frame_begin(&out, buffer, sizeof buffer, T_OK, 7);
    write_text(&out, "too long");
    write_u8(&out, 1);
    CHECK_NUMBER(frame_end(&out), 0);
}

int main(void) {
    numbersComeBackAsTheyWere();
    bytesAreLittleEndian();
    whatIsCutIsBadAndStaysBad();
    textsAreBoundedAndWithoutNul();
    aCopyIsTerminatedOrRefused();
    aFrameThatDoesNotFitIsNone();
    nothingIsWrittenAfterWhatDidNotFit();
    return check_result();
}

#include "wire.h"

#include <string.h>

static bool take(struct reader *in, size_t bytes) {
    if (in->bad || (size_t)(in->end - in->at) < bytes) {
        in->bad = true;
        return false;
    }
    return true;
}

uint8_t read_u8(struct reader *in) { return take(in, 1) ? *in->at++ : 0; }

uint32_t read_u32(struct reader *in) {
    if (!take(in, 4)) return 0;
    uint32_t value = in->at[0] | in->at[1] << 8 | in->at[2] << 16 | (uint32_t)in->at[3] << 24;
    in->at += 4;
    return value;
}

uint64_t read_u64(struct reader *in) {
    uint64_t low = read_u32(in);
    return low | (uint64_t)read_u32(in) << 32;
}

struct text read_text(struct reader *in, uint32_t max) {
    struct text none = {"", 0};
    uint32_t length = read_u32(in);
    if (length > max || !take(in, length) || memchr(in->at, 0, length) != NULL) {
        in->bad = true;
        return none;
    }
    struct text text = {(const char *)in->at, length};
    in->at += length;
    return text;
}

bool text_copy(struct text text, char *to, size_t size) {
    if (text.length >= size) return false;
    memcpy(to, text.at, text.length);
    to[text.length] = 0;
    return true;
}

void frame_begin(struct writer *out, uint8_t *buffer, size_t size, uint8_t type, uint32_t request) {
    out->start = out->at = buffer;
    out->end = buffer + size;
    out->bad = false;
    write_u32(out, 0);
    write_u8(out, type);
    write_u32(out, request);
}

size_t frame_end(struct writer *out) {
    if (out->bad) return 0;
    size_t size = out->at - out->start;
    uint32_t length = size - 4;
    for (int i = 0; i < 4; i++) out->start[i] = length >> 8 * i;
    return size;
}

void write_bytes(struct writer *out, const void *bytes, uint32_t length) {
    if (out->bad || (size_t)(out->end - out->at) < length) {
        out->bad = true;
        return;
    }
    memcpy(out->at, bytes, length);
    out->at += length;
}

void write_u8(struct writer *out, uint8_t value) { write_bytes(out, &value, 1); }

void write_u32(struct writer *out, uint32_t value) {
    uint8_t bytes[4] = {value, value >> 8, value >> 16, value >> 24};
    write_bytes(out, bytes, 4);
}

void write_u64(struct writer *out, uint64_t value) {
    write_u32(out, value);
    write_u32(out, value >> 32);
}

void write_text(struct writer *out, const char *text) {
    uint32_t length = strlen(text);
    write_u32(out, length);
    write_bytes(out, text, length);
}

#include "start_message.h"

size_t start_message_encode(const struct create_request *request, uint32_t slot, uint8_t *buffer, size_t size) {
    struct writer out;
    frame_begin(&out, buffer, size, 0, 0);
    write_u32(&out, slot);
    write_u32(&out, request->uid);
    write_u32(&out, request->flags);
    write_u32(&out, request->limits.files);
    write_u64(&out, request->limits.tmp_bytes);
    write_u8(&out, request->listen[0] != 0);
    write_u8(&out, request->network[0] != 0);
    write_text(&out, request->cwd);
    write_u32(&out, request->mounts);
    for (uint32_t i = 0; i < request->mounts; i++) write_text(&out, request->mount[i].inside);
    write_u32(&out, request->command.argc);
    write_u32(&out, request->command.envc);
    write_bytes(&out, request->command.strings, request->command.strings_bytes);
    return frame_end(&out);
}

bool start_message_decode(uint8_t *bytes, size_t length, struct start_message *to) {
    if (length < FRAME_HEAD) return false;
    struct reader in = {bytes + FRAME_HEAD, bytes + length, false};
    to->slot = read_u32(&in);
    to->uid = read_u32(&in);
    to->flags = read_u32(&in);
    to->files = read_u32(&in);
    to->tmp_bytes = read_u64(&in);
    to->listens = read_u8(&in) != 0;
    to->has_network = read_u8(&in) != 0;
    if (!text_copy(read_text(&in, PATH_BYTES_MAX - 1), to->cwd, sizeof to->cwd)) return false;
    to->mounts = read_u32(&in);
    if (in.bad || to->mounts > MOUNTS_MAX) return false;
    for (uint32_t i = 0; i < to->mounts; i++)
        if (!text_copy(read_text(&in, PATH_BYTES_MAX - 1), to->inside[i], PATH_BYTES_MAX)) return false;
    to->argc = read_u32(&in);
    to->envc = read_u32(&in);
    to->strings = bytes + (in.at - bytes);
    to->strings_bytes = in.end - in.at;
    return !in.bad;
}

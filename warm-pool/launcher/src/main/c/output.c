#define _GNU_SOURCE
#include "slots.h"

#include <errno.h>
#include <unistd.h>

#include "server.h"

enum {
    WINDOW_BYTES = 256 * 1024, /* output of one sandbox that the server has not taken yet */
    RATE_BYTES = 4 << 20,      /* a second, of one sandbox */
};

void streams_begin(struct slot *slot) {
    slot->unacknowledged = 0;
    slot->tokens = BURST_BYTES;
    slot->tokens_at = now_ns();
    slot_watch(slot->out.fd, W_OUT, slot);
    slot_watch(slot->err.fd, W_ERR, slot);
}

void stream_pause(struct stream *stream, enum watch kind, struct slot *slot, bool paused) {
    if (stream->fd < 0 || stream->paused == paused) return;
    stream->paused = paused;
    counts.paused_streams += paused ? 1 : -1;
    if (paused) slot_unwatch(stream->fd);
    else slot_watch(stream->fd, kind, slot);
}

void stream_close(struct stream *stream) {
    if (stream->fd < 0) return;
    if (stream->paused) counts.paused_streams--;
    stream->paused = false;
    close_fd(&stream->fd);
}

uint32_t stream_allowance(struct slot *slot) {
    uint64_t time = now_ns();
    slot->tokens += (int64_t)((time - slot->tokens_at) / 1000 * RATE_BYTES / 1000000);
    slot->tokens_at = time;
    if (slot->tokens > BURST_BYTES) slot->tokens = BURST_BYTES;
    int64_t room = WINDOW_BYTES - (int64_t)slot->unacknowledged;
    if (room > slot->tokens) room = slot->tokens;
    if (!server_connected() || server_queued() > QUEUE_BYTES_FULL || room < 0) room = 0;
    return room > CHUNK_BYTES ? CHUNK_BYTES : room;
}

/* Hands one piece on. A sandbox that prints more than is taken waits in its own full pipe. */
bool stream_pump(struct slot *slot, struct stream *stream, enum watch kind, uint32_t most) {
    static uint8_t bytes[CHUNK_BYTES];
    if (stream->fd < 0) return false;
    if (most == 0) {
        stream_pause(stream, kind, slot, true);
        return false;
    }
    ssize_t got = read(stream->fd, bytes, most);
    if (got > 0) {
        server_output(slot->id, kind == W_ERR, bytes, got);
        slot->unacknowledged += got;
        slot->tokens -= got;
        return true;
    }
    if (got == 0 || (errno != EAGAIN && errno != EINTR)) stream_close(stream);
    return false;
}

void sandboxes_taken(const char *id, uint32_t bytes) {
    struct slot *slot = slot_find(id);
    if (slot == NULL) return;
    slot->unacknowledged -= bytes < slot->unacknowledged ? bytes : slot->unacknowledged;
    if (counts.paused_streams > 0 && stream_allowance(slot) > 0) {
        stream_pause(&slot->out, W_OUT, slot, false);
        stream_pause(&slot->err, W_ERR, slot, false);
    }
}

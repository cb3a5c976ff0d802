#define _GNU_SOURCE
#include "slots.h"

#include <errno.h>
#include <unistd.h>

#include "server.h"

enum {
    WINDOW_BYTES = 256 * 1024, /* output of one sandbox that the server has not taken yet */
    RATE_BYTES = 4 << 20,      /* a second, of one sandbox */
    REST_NS = 20 * 1000 * 1000,
};

void streams_begin(struct slot *slot) {
    slot->unacknowledged = 0;
    slot->tokens = BURST_BYTES;
    slot->tokens_at = now_ns();
    slot->out.heard_at = slot->err.heard_at = slot->out.rests_until = slot->err.rests_until = 0;
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

/* Goes on, unless it still rests or may not. */
void stream_resume(struct stream *stream, enum watch kind, struct slot *slot) {
    if (stream->paused && now_ns() >= stream->rests_until && stream_allowance(slot) > 0)
        stream_pause(stream, kind, slot, false);
}

void stream_close(struct stream *stream) {
    if (stream->fd < 0) return;
    /* Its slot holds a copy for a successor: as long as that is open, to close ours alone would end no event. */
    if (stream->paused) counts.paused_streams--;
    else slot_unwatch(stream->fd);
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

/* Hands one piece on; returns its bytes. A sandbox that prints more than is taken waits in its own full pipe. */
uint32_t stream_pump(struct slot *slot, struct stream *stream, enum watch kind, uint32_t most) {
    static uint8_t bytes[CHUNK_BYTES];
    if (stream->fd < 0) return 0;
    if (most == 0) {
        stream_pause(stream, kind, slot, true);
        return 0;
    }
    ssize_t got = read(stream->fd, bytes, most);
    if (got > 0) {
        server_output(slot->id, kind == W_ERR, bytes, got);
        slot->unacknowledged += got;
        slot->tokens -= got;
        return got;
    }
    if (got == 0 || (errno != EAGAIN && errno != EINTR)) stream_close(stream);
    return 0;
}

/* Who prints line after line is heard every 20 ms, and its pipe gathers them meanwhile: a piece for each line would cost its
   neighbours a dozen wakeups each. */
void stream_hear(struct slot *slot, struct stream *stream, enum watch kind) {
    uint32_t got = stream_pump(slot, stream, kind, stream_allowance(slot));
    if (got == 0) return;
    uint64_t time = now_ns();
    if (time - stream->heard_at < REST_NS && got < CHUNK_BYTES / 2) {
        stream->rests_until = time + REST_NS;
        stream_pause(stream, kind, slot, true);
    }
    stream->heard_at = time;
}

void sandboxes_taken(const char *id, uint32_t bytes) {
    struct slot *slot = slot_find(id);
    if (slot == NULL) return;
    slot->unacknowledged -= bytes < slot->unacknowledged ? bytes : slot->unacknowledged;
    stream_resume(&slot->out, W_OUT, slot);
    stream_resume(&slot->err, W_ERR, slot);
}

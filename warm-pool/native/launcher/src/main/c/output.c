#include "output.h"

#include <errno.h>
#include <unistd.h>

#include "clock.h"
#include "kernel.h"
#include "server.h"

enum {
    CHUNK_BYTES = 32 * 1024,
    WINDOW_BYTES = 256 * 1024, /* output of one sandbox that the server has not taken yet */
    BURST_BYTES = 8 << 20,
    RATE_BYTES = 4 << 20,      /* a second, of one sandbox */
    REST_NS = 20 * 1000 * 1000,
};

static int paused_streams;

static struct stream *stream_of(struct slot *slot, enum source source) {
    return source == FROM_ERRORS ? &slot->err : &slot->out;
}

void output_begin(struct slot *slot) {
    slot->unacknowledged = 0;
    slot->tokens = BURST_BYTES;
    slot->tokens_at = clock_ns();
    slot->out.heard_at = slot->err.heard_at = slot->out.rests_until = slot->err.rests_until = 0;
    events_watch(slot->out.fd, FROM_OUTPUT, slots_number(slot));
    events_watch(slot->err.fd, FROM_ERRORS, slots_number(slot));
}

static void pause_stream(struct slot *slot, enum source source, bool paused) {
    struct stream *stream = stream_of(slot, source);
    if (stream->fd < 0 || stream->paused == paused) return;
    stream->paused = paused;
    paused_streams += paused ? 1 : -1;
    if (paused) events_unwatch(stream->fd);
    else events_watch(stream->fd, source, slots_number(slot));
}

static void close_stream(struct stream *stream) {
    if (stream->fd < 0) return;
    /* Its slot holds a copy for a successor: as long as that is open, to close ours alone would end no event. */
    if (stream->paused) paused_streams--;
    else events_unwatch(stream->fd);
    stream->paused = false;
    close_fd(&stream->fd);
}

/* How many bytes may be handed on now. */
static uint32_t allowance(struct slot *slot) {
    uint64_t time = clock_ns();
    slot->tokens += (int64_t)((time - slot->tokens_at) / 1000 * RATE_BYTES / 1000000);
    slot->tokens_at = time;
    if (slot->tokens > BURST_BYTES) slot->tokens = BURST_BYTES;
    int64_t room = WINDOW_BYTES - (int64_t)slot->unacknowledged;
    if (room > slot->tokens) room = slot->tokens;
    if (!server_connected() || server_queued() > QUEUE_BYTES_FULL || room < 0) room = 0;
    return room > CHUNK_BYTES ? CHUNK_BYTES : room;
}

/* Hands one piece on; returns its bytes. A sandbox that prints more than is taken waits in its own full pipe. */
static uint32_t hand_on(struct slot *slot, enum source source, uint32_t most) {
    static uint8_t bytes[CHUNK_BYTES];
    struct stream *stream = stream_of(slot, source);
    if (stream->fd < 0) return 0;
    if (most == 0) {
        pause_stream(slot, source, true);
        return 0;
    }
    ssize_t got = read(stream->fd, bytes, most);
    if (got > 0) {
        server_output(slot->id, source == FROM_ERRORS, bytes, got);
        slot->unacknowledged += got;
        slot->tokens -= got;
        return got;
    }
    if (got == 0 || (errno != EAGAIN && errno != EINTR)) close_stream(stream);
    return 0;
}

/* Who prints line after line is heard every 20 ms, and its pipe gathers them meanwhile: a piece for each line would cost its
   neighbours a dozen wakeups each. */
void output_hear(struct slot *slot, enum source source) {
    struct stream *stream = stream_of(slot, source);
    uint32_t got = hand_on(slot, source, allowance(slot));
    if (got == 0) return;
    uint64_t time = clock_ns();
    if (time - stream->heard_at < REST_NS && got < CHUNK_BYTES / 2) {
        stream->rests_until = time + REST_NS;
        pause_stream(slot, source, true);
    }
    stream->heard_at = time;
}

static void resume_stream(struct slot *slot, enum source source) {
    struct stream *stream = stream_of(slot, source);
    if (stream->paused && clock_ns() >= stream->rests_until && allowance(slot) > 0) pause_stream(slot, source, false);
}

void output_resume(struct slot *slot) {
    resume_stream(slot, FROM_OUTPUT);
    resume_stream(slot, FROM_ERRORS);
}

bool output_waits(void) { return paused_streams > 0; }

void output_taken(const char *id, uint32_t bytes) {
    struct slot *slot = slots_find(id);
    if (slot == NULL) return;
    slot->unacknowledged -= bytes < slot->unacknowledged ? bytes : slot->unacknowledged;
    output_resume(slot);
}

void output_pause(struct slot *slot, bool paused) {
    pause_stream(slot, FROM_OUTPUT, paused);
    pause_stream(slot, FROM_ERRORS, paused);
}

bool output_hand_on_rest(struct slot *slot) {
    while (hand_on(slot, FROM_OUTPUT, CHUNK_BYTES)) {}
    while (hand_on(slot, FROM_ERRORS, CHUNK_BYTES)) {}
    return slot->out.fd >= 0 || slot->err.fd >= 0;
}

void output_close(struct slot *slot) {
    close_stream(&slot->out);
    close_stream(&slot->err);
}

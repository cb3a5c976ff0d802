package dev.mayfly.gateway.forward;

import dev.mayfly.gateway.http.AnswerHead;
import dev.mayfly.model.ErrorCode;
import io.netty.handler.codec.http.HttpHeaders;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The instance has begun its answer, and the caller gets it as it comes, no faster than it reads. */
final class Answering implements Phase {
    private static final Logger log = LoggerFactory.getLogger(Answering.class);

    private final Call call;
    private final Place place;

    /** Bytes of the body that are still owed, or {@link AnswerHead#UNKNOWN}. */
    private long left;

    private long bytes;

    /** Whether the caller has been given all of it. The instance may yet have to end it. */
    private boolean ended;

    private Answering(Call call, Place place, long length) {
        this.call = call;
        this.place = place;
        this.left = length;
    }

    /**
     * Status and fields have been copied into the caller's answer.
     *
     * @param length of the body, or {@link AnswerHead#UNKNOWN}
     */
    static void begin(Call call, Place place, long length) {
        Answering answering = new Answering(call, place, length);
        call.enter(answering);
        answering.head();
    }

    private void head() {
        HttpServerResponse response = call.response;
        AnswerMarks.ofAnswer(call, place.lease().instanceId());
        if (!call.body.whole()) {
            // It answers before it has read all: what is left of the body cannot be told from a next request.
            response.putHeader(io.vertx.core.http.HttpHeaders.CONNECTION, io.vertx.core.http.HttpHeaders.CLOSE);
        }
        if (left == 0) {
            ended = true;
            response.end();
            return;
        }
        response.drainHandler(_ -> place.exchange().resume());
        flushSoon();
    }

    /** A head whose body is slow to come must not wait for it; one whose body is already here goes with it. */
    private void flushSoon() {
        if (endsByClose()) {
            return; // Vert.x cannot write such a head alone.
        }
        call.calls.vertx.runOnContext(_ -> {
            if (call.isIn(this) && nothingWritten()) {
                call.response.writeHead();
            }
        });
    }

    /** Whether the caller learns of the end of the body by the end of the connection alone. */
    private boolean endsByClose() {
        return call.request.version() == HttpVersion.HTTP_1_0 && left == AnswerHead.UNKNOWN;
    }

    private boolean nothingWritten() {
        return !call.response.headWritten() && !call.response.closed();
    }

    @Override
    public void body(Buffer chunk) {
        if (ended) {
            return;
        }
        HttpServerResponse response = call.response;
        bytes += chunk.length();
        if (left != AnswerHead.UNKNOWN) {
            left -= chunk.length();
            if (left == 0) {
                ended = true;
                response.end(chunk); // Head, body and end in one write, for most answers.
                return;
            }
        }
        response.write(chunk);
        if (response.writeQueueFull()) {
            place.exchange().pause();
        }
    }

    @Override
    public void drained() {
        call.body.resume();
    }

    @Override
    public void end(HttpHeaders trailers) {
        if (!ended) {
            if (left > 0) {
                cut();
                return;
            }
            AnswerHead.copyTrailers(trailers, call.response);
            call.response.end();
        }
        boolean close = !call.body.whole() || endsByClose();
        call.end(call.response.getStatusCode(), null, false);
        if (close) {
            call.connection.closeSoon(call.request);
        }
    }

    @Override
    public void broken(Throwable cause) {
        log.debug("An instance broke off; request={}", call.requestId, cause);
        cut();
    }

    /** The answer broke off after its head: the caller must see that it is not whole. */
    private void cut() {
        if (ended) {
            call.end(call.response.getStatusCode(), null, false);
        } else if (nothingWritten()) {
            Lost.begin(call, this, place.lease(), "broke off its answer", false);
        } else {
            call.connection.cut();
            call.end(call.response.getStatusCode(), ErrorCode.INSTANCE_DIED, false);
        }
    }

    @Override
    public String instance() {
        return place.lease().instanceId();
    }

    @Override
    public long moved() {
        return call.body.bytes() + bytes;
    }

    @Override
    public boolean callerStalls() {
        return call.response.writeQueueFull();
    }

    @Override
    public long bytesOut() {
        return bytes;
    }

    @Override
    public void giveBack(boolean broken) {
        place.giveBack(call, broken);
    }
}

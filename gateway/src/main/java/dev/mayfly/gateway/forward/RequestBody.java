package dev.mayfly.gateway.forward;

import dev.mayfly.gateway.instance.Exchange;
import dev.mayfly.model.ErrorCode;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;

/** The body of a request, from the caller to the instance no faster than that reads. Longer-lived than any one phase. */
final class RequestBody {
    private final Call call;
    private long bytes;
    private boolean whole;

    RequestBody(Call call, boolean whole) {
        this.call = call;
        this.whole = whole;
    }

    /** Whether all of it has come. */
    boolean whole() {
        return whole;
    }

    /** Bytes that have come. */
    long bytes() {
        return bytes;
    }

    /** It must not flow before an instance is there to take it. */
    void hold() {
        if (!whole) {
            call.request.pause();
        }
    }

    void sendTo(Exchange to) {
        HttpServerRequest from = call.request;
        if (call.head.expectsContinue()) {
            call.response.writeContinue(); // An instance is there now and takes the body.
        }
        from.exceptionHandler(call::bodyBroken);
        from.handler(chunk -> send(chunk, to));
        from.endHandler(_ -> {
            whole = true;
            to.end();
        });
        from.resume();
        to.flush(); // The head, if nothing of the body is here yet.
    }

    private void send(Buffer chunk, Exchange to) {
        long max = call.calls.shared.limits().bodyBytesMax();
        bytes += chunk.length();
        if (bytes > max) {
            call.fail(Outcome.of(ErrorCode.TOO_LARGE, "body: above " + max + " bytes"), false);
            return;
        }
        to.write(chunk);
        if (to.full()) {
            call.request.pause();
        }
    }

    /** The instance takes more. */
    void resume() {
        if (!whole) {
            call.request.resume();
        }
    }
}

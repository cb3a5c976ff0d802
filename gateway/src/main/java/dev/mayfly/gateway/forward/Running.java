package dev.mayfly.gateway.forward;

import dev.mayfly.gateway.http.AnswerHead;
import dev.mayfly.gateway.http.RequestHead;
import dev.mayfly.model.ErrorCode;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpVersion;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An instance has the request's head, gets its body, and has not answered yet. */
final class Running implements Phase {
    private static final Logger log = LoggerFactory.getLogger(Running.class);

    private final Call call;
    private final Place place;

    private Running(Call call, Place place) {
        this.call = call;
        this.place = place;
    }

    static void begin(Call call, Place place) {
        Running running = new Running(call, place);
        call.enter(running);
        call.timings.sent();
        running.send();
    }

    private void send() {
        RequestHead head = call.head;
        MultiMap fields = ForwardedHeaders.of(call.request, head, call.requestId, call.traceParent);
        String upgrade = head.upgrade();
        if (upgrade != null) {
            fields.set(HttpHeaders.CONNECTION, "upgrade").set(HttpHeaders.UPGRADE, upgrade);
        } else if (head.bodyLength() == RequestHead.CHUNKED) {
            fields.set(HttpHeaders.TRANSFER_ENCODING, HttpHeaders.CHUNKED);
        } else if (head.bodyLength() > 0) {
            fields.set(HttpHeaders.CONTENT_LENGTH, String.valueOf(head.bodyLength()));
        }
        boolean bodyless = call.body.whole();
        place.exchange()
                .send(call.request.method().toNetty(), head.target(), ForwardedHeaders.netty(fields), bodyless, call);
        if (!bodyless) {
            call.body.sendTo(place.exchange());
        }
    }

    @Override
    public void drained() {
        call.body.resume();
    }

    @Override
    public void head(HttpResponse from) {
        call.timings.answered();
        int status = from.status().code();
        if (status == HttpResponseStatus.SWITCHING_PROTOCOLS.code() && call.head.upgrade() != null) {
            upgrade(from);
        } else if (status < 200 || status > 999) {
            lost("answered with status " + status);
        } else {
            answer(from);
        }
    }

    private void answer(HttpResponse from) {
        long length;
        try {
            length = copy(from, call.request.version());
        } catch (IllegalArgumentException e) {
            fieldsNotAllowed();
            return;
        }
        Answering.begin(call, place, length);
    }

    private void upgrade(HttpResponse from) {
        try {
            copy(from, HttpVersion.HTTP_1_0); // Nothing frames what comes after it.
        } catch (IllegalArgumentException e) {
            fieldsNotAllowed();
            return;
        }
        String protocol = from.headers().get(HttpHeaders.UPGRADE);
        if (protocol == null) {
            lost("answered with an upgrade to nothing");
        } else {
            Tunnelling.begin(call, place, protocol);
        }
    }

    private long copy(HttpResponse from, HttpVersion callerVersion) {
        return AnswerHead.copy(from, call.response, call.request.method(), callerVersion);
    }

    private void fieldsNotAllowed() {
        lost("answered with fields that HTTP does not allow, or more than " + AnswerHead.FIELDS_MAX + " of them");
    }

    @Override
    public void broken(Throwable cause) {
        log.debug("An instance broke off; request={}", call.requestId, cause);
        lost(
                isNotHttp(cause)
                        ? "answered with something that is not HTTP/1.1"
                        : "closed the connection without an answer");
    }

    /** Which of its connections an app ends is up to its code and to who calls it. Whether it still lives is asked elsewhere. */
    private void lost(String what) {
        Lost.begin(call, this, place.lease(), what, false);
    }

    @Override
    public void bodyBroken(Throwable cause) {
        if (isNotHttp(cause) && !call.response.closed()) {
            call.fail(
                    Outcome.of(ErrorCode.INVALID_REQUEST, "body: not as announced (expected: RFC 9112 framing)"),
                    false);
            call.connection.flush(); // Vert.x closes it right after this.
        } // Else the caller has gone, of which its connection tells.
    }

    private static boolean isNotHttp(Throwable cause) {
        return cause instanceof IllegalArgumentException || cause instanceof DecoderException;
    }

    @Override
    public String instance() {
        return place.lease().instanceId();
    }

    @Override
    public long moved() {
        return call.body.whole() ? STILL : call.body.bytes();
    }

    @Override
    public boolean callerStalls() {
        return !place.exchange().full();
    }

    @Override
    public boolean instanceStuck() {
        return call.body.whole() && call.release.spec().concurrency() == 1;
    }

    @Override
    public void giveBack(boolean broken) {
        place.giveBack(call, broken);
    }
}

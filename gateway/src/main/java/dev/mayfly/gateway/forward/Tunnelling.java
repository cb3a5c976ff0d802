package dev.mayfly.gateway.forward;

import dev.mayfly.gateway.calls.CallRecord;
import io.vertx.core.http.HttpHeaders;

/** Caller and instance have agreed on another protocol: bytes both ways, until one of them ends. */
final class Tunnelling implements Phase {
    private static final int SWITCHING_PROTOCOLS = 101;

    private final Call call;
    private final Place place;
    private final Tunnel tunnel;

    private Tunnelling(Call call, Place place) {
        this.call = call;
        this.place = place;
        this.tunnel = new Tunnel(place.exchange(), () -> call.end(SWITCHING_PROTOCOLS, null, false));
    }

    /** Status and fields have been copied into the caller's answer. */
    static void begin(Call call, Place place, String protocol) {
        Tunnelling tunnelling = new Tunnelling(call, place);
        call.enter(tunnelling);
        tunnelling.upgrade(protocol);
    }

    private void upgrade(String protocol) {
        tunnel.upgrade();
        AnswerMarks.ofAnswer(call, place.lease().instanceId());
        call.response.putHeader(HttpHeaders.CONNECTION, "upgrade");
        call.response.putHeader(HttpHeaders.UPGRADE, protocol);
        call.request.toNetSocket().onComplete(socket -> {
            if (socket.failed()) {
                place.exchange().close();
                call.end(CallRecord.CALLER_LEFT, null, false);
            } else {
                tunnel.open(socket.result());
            }
        });
    }

    /** The tunnel sees for itself that the caller has gone, after all that came from it. */
    @Override
    public boolean endsWithCaller() {
        return false;
    }

    @Override
    public void fail(Call failed, Outcome why, boolean broken) {
        failed.end(SWITCHING_PROTOCOLS, why.code(), broken);
        tunnel.close();
    }

    @Override
    public String instance() {
        return place.lease().instanceId();
    }

    @Override
    public long moved() {
        return tunnel.bytesIn() + tunnel.bytesOut();
    }

    @Override
    public long bytesIn(Call of) {
        return tunnel.bytesIn();
    }

    @Override
    public long bytesOut() {
        return tunnel.bytesOut();
    }

    @Override
    public void giveBack(boolean broken) {
        place.close(broken);
    }
}

package dev.mayfly.gateway.forward;

import dev.mayfly.gateway.instance.AnswerListener;
import dev.mayfly.gateway.instance.Exchange;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetSocket;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Bytes both ways between a caller and an instance after an upgrade, each way no faster than its reader. */
final class Tunnel implements AnswerListener {
    private final Exchange instance;
    private final Runnable onClose;
    private @Nullable NetSocket caller;

    /** What came behind the instance's answer, until the caller's side is open: what one read held. */
    private @Nullable List<Buffer> early = new ArrayList<>(1);

    private long bytesIn;
    private long bytesOut;
    private boolean callerGone;
    private boolean closed;

    Tunnel(Exchange instance, Runnable onClose) {
        this.instance = instance;
        this.onClose = onClose;
    }

    /** The instance has agreed. Nothing flows until {@link #open}. */
    void upgrade() {
        instance.pause();
        instance.upgrade(this);
    }

    void open(NetSocket socket) {
        caller = socket;
        List<Buffer> first = early;
        early = null;
        socket.handler(chunk -> {
            bytesIn += chunk.length();
            instance.write(chunk);
            if (instance.full()) {
                socket.pause();
            }
        });
        socket.drainHandler(_ -> instance.resume());
        socket.exceptionHandler(_ -> close());
        // The end of one side ends the other after what is already on its way. A closed socket may yet hold what it had
        // read, until the instance takes more; its end comes after that.
        socket.closeHandler(_ -> {
            callerGone = true;
            instance.resume();
        });
        socket.endHandler(_ -> {
            if (ends()) {
                instance.finish();
                onClose.run();
            }
        });
        if (first != null) {
            first.forEach(this::body);
        }
        if (closed) { // The instance has gone meanwhile.
            socket.end();
            return;
        }
        if (!socket.writeQueueFull()) {
            instance.resume();
        }
        socket.resume();
    }

    @Override
    public void head(HttpResponse head) {}

    @Override
    public void end(HttpHeaders trailers) {}

    @Override
    public void body(Buffer chunk) {
        NetSocket to = caller;
        if (to == null) {
            if (early != null) {
                early.add(chunk);
            }
            return;
        }
        if (callerGone) {
            return;
        }
        bytesOut += chunk.length();
        to.write(chunk);
        if (to.writeQueueFull()) {
            instance.pause();
        }
    }

    @Override
    public void drained() {
        if (caller != null) {
            caller.resume();
        }
    }

    @Override
    public void broken(Throwable cause) {
        if (ends()) {
            if (caller != null) {
                caller.end();
            }
            onClose.run();
        }
    }

    void close() {
        if (ends()) {
            instance.close();
            if (caller != null) {
                caller.close();
            }
            onClose.run();
        }
    }

    private boolean ends() {
        boolean first = !closed;
        closed = true;
        return first;
    }

    long bytesIn() {
        return bytesIn;
    }

    long bytesOut() {
        return bytesOut;
    }
}

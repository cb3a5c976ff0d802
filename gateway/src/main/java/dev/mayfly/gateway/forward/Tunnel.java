package dev.mayfly.gateway.forward;

import io.vertx.core.net.NetSocket;

/** Bytes both ways between a caller and an instance after an upgrade, each way no faster than its reader. */
final class Tunnel {
    private final NetSocket caller;
    private final NetSocket instance;
    private final Runnable onClose;
    private long bytesIn;
    private long bytesOut;
    private boolean closed;

    Tunnel(NetSocket caller, NetSocket instance, Runnable onClose) {
        this.caller = caller;
        this.instance = instance;
        this.onClose = onClose;
    }

    void open() {
        caller.handler(chunk -> {
            bytesIn += chunk.length();
            move(caller, instance, chunk);
        });
        instance.handler(chunk -> {
            bytesOut += chunk.length();
            move(instance, caller, chunk);
        });
        caller.drainHandler(_ -> instance.resume());
        instance.drainHandler(_ -> caller.resume());
        caller.exceptionHandler(_ -> close());
        instance.exceptionHandler(_ -> close());
        // The end of one side ends the other after what is already on its way.
        caller.closeHandler(_ -> endOther(instance));
        instance.closeHandler(_ -> endOther(caller));
        instance.resume();
        caller.resume();
    }

    private static void move(NetSocket from, NetSocket to, io.vertx.core.buffer.Buffer chunk) {
        to.write(chunk);
        if (to.writeQueueFull()) {
            from.pause();
        }
    }

    private void endOther(NetSocket other) {
        if (!closed) {
            closed = true;
            other.end();
            onClose.run();
        }
    }

    void close() {
        if (!closed) {
            closed = true;
            caller.close();
            instance.close();
            onClose.run();
        }
    }

    long bytes() {
        return bytesIn + bytesOut;
    }

    long bytesIn() {
        return bytesIn;
    }

    long bytesOut() {
        return bytesOut;
    }
}

package dev.mayfly.gateway.instance;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One request to an instance and its answer, on a connection that is this exchange's alone until it is over. Confined to its
 * event loop.
 *
 * <p>The connection is used again only if the whole request had been written before the answer began, the answer was read
 * whole, and nothing came behind it. Who answers before it has been asked may not read the rest of the question, and would
 * take it for the next one.
 */
public final class Exchange {
    private static final int INFORMATIONAL_MAX = 16;

    private final InstanceConnection connection;
    private final Channel channel;
    private @Nullable AnswerListener listener;

    /** Told once when the instance is done with a request that nobody waits for any more. */
    private @Nullable Consumer<Boolean> whenFree;

    private boolean sent;
    private boolean requestWhole;
    private boolean outputLost;
    private boolean informational;
    private int informationals;
    private boolean answering;
    private boolean again;
    private boolean upgraded;
    private boolean over;

    Exchange(InstanceConnection connection) {
        this.connection = connection;
        this.channel = connection.channel();
    }

    /** Whether the connection is no longer this exchange's. What is asked of it then does nothing. */
    public boolean over() {
        return over;
    }

    /**
     * Sends the head of the request, or all of it if it has no body. With a body it leaves with the first of that, or with
     * {@link #flush}.
     *
     * @param fields all that go out, the framing of the body with them
     */
    public void send(HttpMethod method, String target, HttpHeaders fields, boolean bodyless, AnswerListener hears) {
        listener = hears;
        sent = true;
        connection.decoder().expect(HttpMethod.HEAD.equals(method));
        if (bodyless) {
            requestWhole = true;
            channel.writeAndFlush(new DefaultFullHttpRequest(
                    HttpVersion.HTTP_1_1, method, target, Unpooled.EMPTY_BUFFER, fields, EmptyHttpHeaders.INSTANCE));
        } else {
            channel.write(new DefaultHttpRequest(HttpVersion.HTTP_1_1, method, target, fields));
        }
    }

    /** Sends some of the body; after an upgrade, bytes. */
    public void write(Buffer chunk) {
        if (!over && !outputLost) {
            ByteBuf bytes = ((BufferInternal) chunk).getByteBuf();
            channel.writeAndFlush(upgraded ? bytes : new DefaultHttpContent(bytes));
        }
    }

    /** Sends what {@link #send} has held back. */
    public void flush() {
        if (!over) {
            channel.flush();
        }
    }

    /** The request is whole. */
    public void end() {
        if (!over && !outputLost) {
            requestWhole = true;
            channel.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT);
        }
    }

    /** Whether to wait for {@link AnswerListener#drained} before more is written. */
    public boolean full() {
        return !over && !channel.isWritable();
    }

    public void pause() {
        if (!over) {
            channel.config().setAutoRead(false);
        }
    }

    public void resume() {
        if (!over) {
            channel.config().setAutoRead(true);
        }
    }

    /**
     * After an answer of 101: bytes both ways from now on, what came behind the answer first. The listener is told of them by
     * {@code body}, and of the end by {@code broken}.
     */
    public void upgrade(AnswerListener hears) {
        listener = hears;
        upgraded = true;
        connection.forgetHttp();
    }

    /** Ends the connection when the instance has read what was written and has ended it too, or after a while. */
    public void finish() {
        if (!over) {
            over = true;
            connection.closeWhenFlushed();
        }
    }

    /** Ends the connection now. The instance may still work on the request. */
    public void close() {
        if (!over) {
            over = true;
            connection.close();
        }
    }

    /**
     * Nobody waits for the answer any more. The instance is told so by the end of what it reads, and is asked for nothing else
     * until it is done with this: until it answers, goes on with its answer, or ends the connection. Then the connection is
     * closed.
     *
     * @param untilNanos how long to wait for that, by the clock of {@link Instances}
     * @param free is told once; true: the instance has shown nothing until then
     */
    public void leave(long untilNanos, Consumer<Boolean> free) {
        if (over || !sent || upgraded) {
            close();
            free.accept(false);
            return;
        }
        listener = null;
        whenFree = free;
        connection.linger(untilNanos);
    }

    /** Time is over for an instance that nobody waits for. */
    void letGo(boolean silent) {
        Consumer<Boolean> free = whenFree;
        whenFree = null;
        close();
        if (free != null) {
            free.accept(silent);
        }
    }

    void outputLost() {
        outputLost = true; // What the instance has to say may yet be read.
    }

    void drained() {
        AnswerListener hears = listener;
        if (!over && hears != null) {
            hears.drained();
        }
    }

    /** The connection has closed. */
    void lost(Throwable cause) {
        if (over) {
            return;
        }
        if (whenFree != null) {
            letGo(false);
        } else {
            fail(cause);
        }
    }

    private void fail(Throwable cause) {
        AnswerListener hears = listener;
        close();
        if (hears != null) {
            hears.broken(cause);
        }
    }

    /** What the instance sent, in order. */
    void received(Object message) {
        boolean taken = false;
        try {
            if (over) {
                return;
            }
            if (upgraded) {
                if (message instanceof ByteBuf bytes && listener != null) {
                    taken = true;
                    listener.body(BufferInternal.safeBuffer(bytes));
                }
                return;
            }
            if (message instanceof HttpObject object && object.decoderResult().isFailure()) {
                lost(object.decoderResult().cause());
                return;
            }
            if (message instanceof HttpResponse head) {
                begins(head);
            }
            if (message instanceof HttpContent content) {
                taken = goesOn(content);
            }
        } finally {
            if (!taken) {
                ReferenceCountUtil.release(message);
            }
        }
    }

    private void begins(HttpResponse head) {
        HttpVersion version = head.protocolVersion();
        if (!version.equals(HttpVersion.HTTP_1_1) && !version.equals(HttpVersion.HTTP_1_0)) {
            lost(new IllegalArgumentException("version " + version));
            return;
        }
        int status = head.status().code();
        informational = status >= 100 && status < 200 && status != 101;
        if (informational) {
            if (++informationals > INFORMATIONAL_MAX) {
                lost(new IllegalArgumentException("more than " + INFORMATIONAL_MAX + " informational answers"));
            }
            return;
        }
        if (whenFree != null) {
            letGo(false);
            return;
        }
        answering = true;
        // After 101 what comes is no HTTP any more, whether or not anybody wanted that.
        again = requestWhole && status != 101 && HttpUtil.isKeepAlive(head);
        if (listener != null) {
            listener.head(head);
        }
    }

    /** @return whether the content's bytes have been taken over */
    private boolean goesOn(HttpContent content) {
        boolean last = content instanceof LastHttpContent;
        if (over || upgraded) {
            return false;
        }
        if (informational) {
            informational = !last;
            return false;
        }
        if (whenFree != null) {
            letGo(false);
            return false;
        }
        AnswerListener hears = listener;
        boolean taken = false;
        if (content.content().isReadable() && hears != null) {
            taken = true;
            hears.body(BufferInternal.safeBuffer(content.content()));
        }
        if (whenFree != null) { // It was left just now.
            letGo(false);
        } else if (last && !over && answering) {
            over = true;
            connection.ends(again && !outputLost);
            if (hears != null) {
                hears.end(((LastHttpContent) content).trailingHeaders());
            }
        }
        return taken;
    }
}

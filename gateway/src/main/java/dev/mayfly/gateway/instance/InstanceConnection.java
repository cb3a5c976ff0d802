package dev.mayfly.gateway.instance;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.nio.AbstractNioChannel;
import io.netty.channel.socket.ChannelOutputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.HttpRequestEncoder;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.internal.ContextInternal;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One connection to an instance. It has one exchange, or none and waits for the next; it is closed as soon as anything comes
 * while it has none. Confined to its event loop.
 */
final class InstanceConnection extends ChannelInboundHandlerAdapter {
    private static final int FINISH_SECONDS_MAX = 5;

    private final Instances instances;
    private final Instances.Key key;
    private final ContextInternal context;
    private final Channel channel;
    private @Nullable Exchange exchange;
    private final AnswerDecoder decoder = new AnswerDecoder(() -> exchange != null);
    private final HttpRequestEncoder encoder = new HttpRequestEncoder();
    private @Nullable Throwable failure;

    /** Its last bytes are leaving; what still comes is for nobody. */
    private boolean finishing;

    private long waitsSinceNanos;
    private long lingersUntilNanos;

    InstanceConnection(Instances instances, Instances.Key key, ContextInternal context, Channel channel) {
        this.instances = instances;
        this.key = key;
        this.context = context;
        this.channel = channel;
        channel.pipeline().addLast(decoder, encoder, new ChunkCollector(), this);
    }

    Channel channel() {
        return channel;
    }

    AnswerDecoder decoder() {
        return decoder;
    }

    Instances.Key key() {
        return key;
    }

    /** Since when it waits for its next exchange. */
    long waitsSinceNanos() {
        return waitsSinceNanos;
    }

    /** Until when its instance may be at something that nobody waits for. */
    long lingersUntilNanos() {
        return lingersUntilNanos;
    }

    Exchange begin() {
        Exchange begun = new Exchange(this);
        exchange = begun;
        return begun;
    }

    /**
     * Looks whether it can be used: reads what has come already, be it an end or bytes that nobody asked for. What an instance
     * sent before a request was written is no answer to it.
     */
    boolean usable() {
        if (channel.isActive() && channel.unsafe() instanceof AbstractNioChannel.NioUnsafe unsafe) {
            unsafe.read();
        }
        return channel.isActive();
    }

    /** The exchange is over. Only here does a connection go back to wait for the next. */
    void ends(boolean again) {
        exchange = null;
        if (again && !decoder.surplus() && flushed() && channel.isActive()) {
            channel.config().setAutoRead(true);
            waitsSinceNanos = instances.now();
            instances.keep(this);
        } else {
            channel.close();
        }
    }

    /** Whether all that was written has left: the request is with the kernel, not with us. */
    private boolean flushed() {
        ChannelOutboundBuffer waiting = channel.unsafe().outboundBuffer();
        return waiting != null && waiting.isEmpty();
    }

    void close() {
        exchange = null;
        channel.close();
    }

    /**
     * Ends what is sent after what was written, and closes when the instance does. Closing at once would tell an instance that
     * still talks to forget what it has not read yet.
     */
    void closeWhenFlushed() {
        exchange = null;
        finishing = true;
        channel.config().setAutoRead(true);
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(_ -> ((DuplexChannel) channel).shutdownOutput());
        var late = channel.eventLoop().schedule(() -> channel.close(), FINISH_SECONDS_MAX, TimeUnit.SECONDS);
        channel.closeFuture().addListener(_ -> late.cancel(false));
    }

    /** No more is sent; what comes is waited for. */
    void linger(long untilNanos) {
        lingersUntilNanos = untilNanos;
        channel.config().setAutoRead(true);
        instances.linger(this);
        ((DuplexChannel) channel).shutdownOutput();
    }

    /** It has shown nothing until its time was over. */
    void lingeredTooLong() {
        Exchange left = exchange;
        if (left != null) {
            context.emit(true, left::letGo);
        }
    }

    void forgetHttp() {
        channel.pipeline().remove(encoder);
        channel.pipeline().remove(decoder); // What it has not read is passed on by this.
    }

    @Override
    public void channelRead(ChannelHandlerContext netty, Object message) {
        Exchange asked = exchange;
        if (asked == null) {
            ReferenceCountUtil.release(message);
            if (!finishing) {
                channel.close();
            }
        } else {
            context.emit(message, asked::received);
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext netty) {
        Exchange asked = exchange;
        if (asked != null && channel.isWritable()) {
            context.emit(null, _ -> asked.drained());
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext netty, Object event) {
        if (event == ChannelOutputShutdownEvent.INSTANCE) {
            if (exchange != null) {
                exchange.outputLost();
            } else if (!finishing) {
                channel.close();
            }
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext netty, Throwable cause) {
        failure = cause;
        channel.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext netty) {
        instances.forget(this);
        Exchange asked = exchange;
        exchange = null;
        if (asked != null) {
            Throwable cause = failure == null ? new ClosedChannelException() : failure;
            context.emit(cause, asked::lost);
        }
    }
}

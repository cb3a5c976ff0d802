package dev.mayfly.gateway.instance;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.LastHttpContent;
import org.jspecify.annotations.Nullable;

/**
 * Puts the small chunks of a body that came with one read together. How a body is cut into chunks is its sender's choice;
 * else each chunk, of one byte perhaps, would cost the way through the server and a system call on the other side.
 */
public final class ChunkCollector extends ChannelInboundHandlerAdapter {
    /** From so many bytes on a chunk is worth its own way. */
    private static final int LARGE_BYTES = 4 * 1024;

    private @Nullable ByteBuf collected;

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (small(message)) {
            collect((HttpContent) message);
        } else {
            pass(context);
            context.fireChannelRead(message);
        }
    }

    private static boolean small(Object message) {
        return message instanceof HttpContent chunk
                && !(message instanceof LastHttpContent)
                && !(message instanceof HttpMessage)
                && chunk.decoderResult().isSuccess()
                && chunk.content().readableBytes() < LARGE_BYTES;
    }

    /** Into a buffer on the heap: the server would make one of it anyway. */
    private void collect(HttpContent chunk) {
        try {
            ByteBuf into = collected;
            if (into == null) {
                into = Unpooled.buffer(chunk.content().readableBytes());
                collected = into;
            }
            into.writeBytes(chunk.content());
        } finally {
            chunk.release();
        }
    }

    private void pass(ChannelHandlerContext context) {
        ByteBuf full = collected;
        if (full != null) {
            collected = null;
            context.fireChannelRead(new DefaultHttpContent(full));
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        pass(context);
        context.fireChannelReadComplete();
    }
}

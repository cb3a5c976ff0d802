package dev.mayfly.gateway.instance;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.ReferenceCountUtil;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Reads answers, and says whether anything came behind one. What comes while nobody has asked ends the connection, and is not
 * read at all: half an answer would wait in here to become the beginning of the next.
 */
final class AnswerDecoder extends HttpResponseDecoder {
    private static final int LINE_BYTES_MAX = 4 * 1024;
    private static final int HEAD_BYTES_MAX = 64 * 1024;

    private final BooleanSupplier asked;
    private boolean toHead;
    private boolean surplus;

    /** @param asked whether the connection has an exchange */
    AnswerDecoder(BooleanSupplier asked) {
        super(new HttpDecoderConfig()
                .setMaxInitialLineLength(LINE_BYTES_MAX)
                .setMaxHeaderSize(HEAD_BYTES_MAX)
                .setMaxChunkSize(ReadBudget.BYTES));
        this.asked = asked;
    }

    /** The next answer is one to HEAD, which has no body whatever its fields say. */
    void expect(boolean answerToHead) {
        toHead = answerToHead;
    }

    /** Whether bytes have come behind what was read last. Right after the end of an answer: behind the answer. */
    boolean surplus() {
        return surplus;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object bytes) throws Exception {
        if (asked.getAsBoolean()) {
            super.channelRead(context, bytes);
        } else {
            ReferenceCountUtil.release(bytes);
            context.close();
        }
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) throws Exception {
        super.decode(context, in, out);
        surplus = in.isReadable();
    }

    @Override
    protected boolean isContentAlwaysEmpty(HttpMessage message) {
        return toHead
                || (message instanceof HttpResponse answer
                        && answer.status().code() == HttpResponseStatus.SWITCHING_PROTOCOLS.code())
                || super.isContentAlwaysEmpty(message);
    }
}

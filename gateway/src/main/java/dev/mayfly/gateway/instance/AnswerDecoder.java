package dev.mayfly.gateway.instance;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.List;

/** Reads answers, and says whether anything came behind one. */
final class AnswerDecoder extends HttpResponseDecoder {
    private static final int LINE_BYTES_MAX = 4 * 1024;
    private static final int HEAD_BYTES_MAX = 64 * 1024;

    private boolean toHead;
    private boolean surplus;

    AnswerDecoder() {
        super(new HttpDecoderConfig()
                .setMaxInitialLineLength(LINE_BYTES_MAX)
                .setMaxHeaderSize(HEAD_BYTES_MAX)
                .setMaxChunkSize(ReadBudget.BYTES));
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

package dev.mayfly.gateway.instance;

import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;

/**
 * How much of one connection is read in one turn of its event loop: one read, of so many bytes. What else has come waits for
 * the next turn, after all the neighbours'. Netty would take sixteen reads of 64 KiB.
 */
public final class ReadBudget {
    /** Bytes of one connection in one turn. */
    public static final int BYTES = 16 * 1024;

    private static final int BYTES_MIN = 512;
    private static final int BYTES_FIRST = 2 * 1024;

    private ReadBudget() {}

    /** For callers' connections, of which many hold half a request for long: a buffer grows only as it is filled. */
    public static RecvByteBufAllocator ofCaller() {
        return new AdaptiveRecvByteBufAllocator(BYTES_MIN, BYTES_FIRST, BYTES).maxMessagesPerRead(1);
    }

    static RecvByteBufAllocator ofInstance() {
        return new FixedRecvByteBufAllocator(BYTES).maxMessagesPerRead(1);
    }
}

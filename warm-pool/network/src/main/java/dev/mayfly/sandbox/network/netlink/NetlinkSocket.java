package dev.mayfly.sandbox.network.netlink;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A conversation with the kernel about one network namespace: that of the thread that opened it, whoever uses it. The kernel
 * answers within the call that asks, so nothing here waits. Safe from many threads.
 */
final class NetlinkSocket implements AutoCloseable {
    static final int ROUTE = 0;
    static final int NETFILTER = 12;

    private static final int AF_NETLINK = 16;
    private static final int RAW_CLOSE_ON_EXEC = 3 | 0x80000;
    private static final int SOL_NETLINK = 270;
    private static final int SOL_SOCKET = 1;
    private static final int SEND_BUFFER_FORCE = 32;
    private static final int RECEIVE_BUFFER_FORCE = 33;

    /** Enough for an error about each of the most messages that anybody sends at once. */
    private static final int BUFFER = 2 * 1024 * 1024;

    private static final int CAP_ACK = 10;
    private static final int EXT_ACK = 11;
    private static final int ERROR = 2;
    private static final int CAPPED = 0x100;
    private static final int ACK_TLVS = 0x200;
    private static final int RECEIVE_MAX = 64 * 1024;

    private final int fd;
    private final ReentrantLock lock = new ReentrantLock();
    private final byte[] received = new byte[RECEIVE_MAX];
    private int sequence = 1;
    private boolean closed;

    private NetlinkSocket(int fd) {
        this.fd = fd;
    }

    static NetlinkSocket open(int protocol) {
        int fd = Syscalls.socket(AF_NETLINK, RAW_CLOSE_ON_EXEC, protocol);
        if (fd < 0) {
            throw new NetlinkException("cannot open a netlink socket", -fd, null);
        }
        Syscalls.setOption(fd, SOL_NETLINK, CAP_ACK, 1);
        Syscalls.setOption(fd, SOL_NETLINK, EXT_ACK, 1);
        Syscalls.setOption(fd, SOL_SOCKET, RECEIVE_BUFFER_FORCE, BUFFER);
        Syscalls.setOption(fd, SOL_SOCKET, SEND_BUFFER_FORCE, BUFFER);
        return new NetlinkSocket(fd);
    }

    /**
     * Sends all as one and returns what came back besides acknowledgements.
     *
     * @param what for the error, for example "make link mf12"
     * @throws NetlinkException the first error the kernel names; what came before it may have been done
     */
    List<ByteBuffer> send(String what, List<Message> messages) {
        lock.lock();
        try {
            if (closed) {
                throw new IllegalStateException(what + ": the socket is closed");
            }
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            int first = sequence;
            int acks = 0;
            for (Message message : messages) {
                all.writeBytes(message.bytes(sequence++));
                acks += message.wantsAck() ? 1 : 0;
            }
            int sent = Syscalls.send(fd, all.toByteArray());
            if (sent < 0) {
                throw new NetlinkException(what, -sent, null);
            }
            return answers(what, first, acks);
        } finally {
            lock.unlock();
        }
    }

    private List<ByteBuffer> answers(String what, int first, int expected) {
        List<ByteBuffer> replies = new ArrayList<>();
        NetlinkException failure = null;
        int acks = 0;
        for (int size = Syscalls.receive(fd, received);
                size != -Syscalls.EAGAIN;
                size = Syscalls.receive(fd, received)) {
            if (size < 0) {
                throw new NetlinkException(what, -size, "while reading the answer");
            }
            ByteBuffer in = ByteBuffer.wrap(received, 0, size).order(ByteOrder.nativeOrder());
            while (in.remaining() >= Message.HEADER) {
                int start = in.position();
                int length = in.getInt(start);
                if (in.getInt(start + 8) - first >= 0) { // Not late words about an earlier conversation.
                    if (in.getShort(start + 4) == ERROR) {
                        int errno = -in.getInt(start + Message.HEADER);
                        acks++;
                        if (errno != 0 && failure == null) {
                            failure = new NetlinkException(what, errno, why(in, start, length));
                        }
                    } else {
                        byte[] copy = new byte[length];
                        in.get(start, copy);
                        replies.add(ByteBuffer.wrap(copy).order(ByteOrder.nativeOrder()));
                    }
                }
                in.position(Math.min(in.limit(), start + ((length + 3) & ~3)));
            }
        }
        if (failure != null) {
            throw failure;
        }
        if (acks < expected) {
            throw new NetlinkException(what, Syscalls.EAGAIN, acks + " of " + expected + " changes acknowledged");
        }
        return replies;
    }

    /** What the kernel says in words, if it does. */
    private static @Nullable String why(ByteBuffer in, int start, int length) {
        int flags = in.getShort(start + 6);
        if ((flags & ACK_TLVS) == 0 || (flags & CAPPED) == 0) {
            return null;
        }
        int at = start + Message.HEADER + 4 + Message.HEADER;
        while (at + 4 <= start + length) {
            int size = in.getShort(at);
            if (size < 4) {
                return null;
            }
            if (in.getShort(at + 2) == 1) {
                byte[] text = new byte[size - 5];
                in.get(at + 4, text);
                return new String(text, StandardCharsets.US_ASCII);
            }
            at += (size + 3) & ~3;
        }
        return null;
    }

    @Override
    public void close() {
        lock.lock();
        try {
            if (!closed) {
                closed = true;
                Syscalls.close(fd);
            }
        } finally {
            lock.unlock();
        }
    }
}

package dev.mayfly.sandbox.network.names;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The name servers that we ask. A new port and a number of their own for each question, so that nobody beside them can answer
 * in their place. Blocking.
 */
final class Upstream {
    private static final Duration TRY = Duration.ofSeconds(2);
    private static final int ROUNDS = 2;
    private static final int SERVERS_MAX = 3;
    private static final int STRAY_PACKETS_MAX = 16;

    private final List<InetSocketAddress> servers;
    private final SecureRandom random = new SecureRandom();

    /** @param servers the first three are asked, in turn, twice: at most 12 s */
    Upstream(List<InetSocketAddress> servers) {
        this.servers = List.copyOf(servers.subList(0, Math.min(SERVERS_MAX, servers.size())));
    }

    static InetSocketAddress server(String address) {
        return new InetSocketAddress(InetAddress.ofLiteral(address), 53);
    }

    /** What the first of them that answers says; empty if none does. */
    Optional<Reply> ask(String name, int type) {
        for (int round = 0; round < ROUNDS; round++) {
            for (InetSocketAddress server : servers) {
                try {
                    Optional<Reply> reply = ask(server, name, type);
                    if (reply.isPresent() && usable(reply.get().code())) {
                        return reply;
                    }
                } catch (IOException e) {
                    // Silent or gone: the next one.
                }
            }
        }
        return Optional.empty();
    }

    private static boolean usable(int code) {
        return code == Query.OK || code == Query.NO_SUCH_NAME;
    }

    private Optional<Reply> ask(InetSocketAddress server, String name, int type) throws IOException {
        int id = random.nextInt(1 << 16);
        byte[] question = Query.write(id, name, type);
        Optional<Reply> reply = overUdp(server, question, id, name, type);
        return reply.isPresent() && reply.get().truncated() ? overTcp(server, question, id, name, type) : reply;
    }

    private static Optional<Reply> overUdp(InetSocketAddress server, byte[] question, int id, String name, int type)
            throws IOException {
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.connect(server); // The kernel drops what others send.
            socket.send(new DatagramPacket(question, question.length));
            long deadline = System.nanoTime() + TRY.toNanos();
            byte[] buffer = new byte[Forwarder.MESSAGE_MAX];
            for (int i = 0; i < STRAY_PACKETS_MAX; i++) {
                long left = (deadline - System.nanoTime()) / 1_000_000;
                if (left <= 0) {
                    break;
                }
                socket.setSoTimeout((int) left);
                DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
                socket.receive(packet);
                Optional<Reply> reply = Reply.read(java.util.Arrays.copyOf(buffer, packet.getLength()), id, name, type);
                if (reply.isPresent()) {
                    return reply;
                }
            }
            return Optional.empty();
        }
    }

    private static Optional<Reply> overTcp(InetSocketAddress server, byte[] question, int id, String name, int type)
            throws IOException {
        try (Socket socket = new Socket()) {
            int limit = (int) TRY.toMillis();
            socket.setSoTimeout(limit);
            socket.connect(server, limit);
            socket.getOutputStream()
                    .write(ByteBuffer.allocate(2 + question.length)
                            .putShort((short) question.length)
                            .put(question)
                            .array());
            DataInputStream in = new DataInputStream(socket.getInputStream());
            byte[] message = new byte[in.readUnsignedShort()];
            in.readFully(message);
            return Reply.read(message, id, name, type);
        }
    }
}

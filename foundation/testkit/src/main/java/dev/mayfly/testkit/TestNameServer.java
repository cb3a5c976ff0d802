package dev.mayfly.testkit;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** A name server whose words a test decides, over UDP and TCP. It remembers what it was asked. */
public final class TestNameServer implements AutoCloseable {
    /**
     * One record of an answer.
     *
     * @param data an address, or the name that an alias leads to
     */
    public record Told(String owner, long ttl, String data) {}

    /** What it says to every question, whatever the question. */
    public interface Words {
        byte[] answer(byte[] question);
    }

    private static final int TRIES = 20;
    private static final int HEADER_BYTES = 12;
    private static final int A = 1;
    private static final int AAAA = 28;
    private static final int NO_SUCH_NAME = 3;

    /** What is asked, and how many bytes of the message ask it (RFC 1035, 4.1.2). */
    private record Question(int id, String name, int type, int bytes) {
        static Question read(byte[] message) {
            ByteBuffer in = ByteBuffer.wrap(message);
            int id = in.getShort() & 0xffff;
            in.position(HEADER_BYTES);
            List<String> labels = new ArrayList<>();
            for (int length = in.get(); length > 0; length = in.get()) {
                byte[] label = new byte[length];
                in.get(label);
                labels.add(new String(label, StandardCharsets.US_ASCII).toLowerCase(Locale.ROOT));
            }
            int type = in.getShort() & 0xffff;
            in.getShort(); // The class.
            return new Question(id, String.join(".", labels), type, in.position() - HEADER_BYTES);
        }
    }

    private final Map<String, List<Told>> records = new ConcurrentHashMap<>();
    private final List<String> asked = Collections.synchronizedList(new ArrayList<>());
    private final DatagramSocket udp;
    private final ServerSocket tcp;
    private volatile Optional<Words> words = Optional.empty();
    private volatile boolean truncates;
    private volatile int code;

    public TestNameServer(InetSocketAddress listen) throws IOException {
        DatagramSocket open = new DatagramSocket(listen);
        Optional<ServerSocket> beside = beside(open);
        for (int i = 0;
                i < TRIES && beside.isEmpty();
                i++) { // The number that UDP was given may be somebody's for TCP.
            open.close();
            open = new DatagramSocket(listen);
            beside = beside(open);
        }
        udp = open;
        tcp = beside.orElseThrow(() -> new IOException("no number is free for both UDP and TCP"));
        Thread.ofPlatform().daemon().start(this::serveUdp);
        Thread.ofPlatform().daemon().start(this::serveTcp);
    }

    private static Optional<ServerSocket> beside(DatagramSocket udp) {
        try {
            return Optional.of(new ServerSocket(udp.getLocalPort(), 50, udp.getLocalAddress()));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    public InetSocketAddress address() {
        return new InetSocketAddress(udp.getLocalAddress(), udp.getLocalPort());
    }

    /** From now on. */
    public void say(String name, Told... answer) {
        records.put(name, List.of(answer));
    }

    public void sayAlways(Words always) {
        words = Optional.of(always);
    }

    public void truncate() {
        truncates = true;
    }

    public void failWith(int newCode) {
        code = newCode;
    }

    /** Names it was asked for, with "/tcp" if it was over TCP. */
    public List<String> asked() {
        synchronized (asked) {
            return List.copyOf(asked);
        }
    }

    private void serveUdp() {
        try {
            while (true) {
                DatagramPacket packet = new DatagramPacket(new byte[4_096], 4_096);
                udp.receive(packet);
                byte[] answer = answer(Arrays.copyOf(packet.getData(), packet.getLength()), false);
                udp.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    private void serveTcp() {
        try {
            while (true) {
                try (Socket socket = tcp.accept()) {
                    DataInputStream in = new DataInputStream(socket.getInputStream());
                    byte[] question = new byte[in.readUnsignedShort()];
                    in.readFully(question);
                    byte[] answer = answer(question, true);
                    socket.getOutputStream()
                            .write(ByteBuffer.allocate(answer.length + 2)
                                    .putShort((short) answer.length)
                                    .put(answer)
                                    .array());
                }
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    private byte[] answer(byte[] message, boolean overTcp) {
        Question query = Question.read(message);
        asked.add(query.name() + (overTcp ? "/tcp" : ""));
        if (words.isPresent()) {
            return words.get().answer(message);
        }
        List<Told> answer = records.getOrDefault(query.name(), List.of());
        boolean cut = truncates && !overTcp;
        int flags = 0x8180 | code | (cut ? 0x0200 : 0) | (records.containsKey(query.name()) ? 0 : NO_SUCH_NAME);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        List<byte[]> all = cut
                ? List.of()
                : answer.stream()
                        .map(record -> bytes(record, query.type()))
                        .filter(bytes -> bytes.length > 0)
                        .toList();
        out.writeBytes(ByteBuffer.allocate(12)
                .putShort((short) query.id())
                .putShort((short) flags)
                .putShort((short) 1)
                .putShort((short) all.size())
                .array());
        out.write(message, HEADER_BYTES, query.bytes());
        all.forEach(out::writeBytes);
        return out.toByteArray();
    }

    /** Addresses of the other family are left out. */
    private static byte[] bytes(Told record, int type) {
        boolean v6 = record.data().contains(":");
        boolean v4 = record.data().matches("[0-9.]+");
        if ((v6 && type != AAAA) || (v4 && type != A)) {
            return new byte[0];
        }
        byte[] data = v4 || v6 ? InetAddress.ofLiteral(record.data()).getAddress() : name(record.data());
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(name(record.owner()));
        out.writeBytes(ByteBuffer.allocate(10)
                .putShort((short) (v4 || v6 ? type : 5))
                .putShort((short) 1)
                .putInt((int) record.ttl())
                .putShort((short) data.length)
                .array());
        out.writeBytes(data);
        return out.toByteArray();
    }

    private static byte[] name(String name) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (String label : name.split("\\.")) {
            out.write(label.length());
            out.writeBytes(label.getBytes(StandardCharsets.US_ASCII));
        }
        out.write(0);
        return out.toByteArray();
    }

    @Override
    public void close() throws IOException {
        udp.close();
        tcp.close();
    }
}

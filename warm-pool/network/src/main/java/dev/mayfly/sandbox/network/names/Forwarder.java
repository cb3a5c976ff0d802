package dev.mayfly.sandbox.network.names;

import dev.mayfly.runtime.health.Health;
import dev.mayfly.runtime.health.Part;
import dev.mayfly.runtime.health.Supervised;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The name server of sandboxes with a list of destinations, over UDP and TCP. The firewall lets nobody else reach it. What
 * comes when too many questions are open is dropped: a program asks again.
 */
public final class Forwarder implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Forwarder.class);

    static final int MESSAGE_MAX = 4_096;
    private static final int OPEN_MAX = 512;
    private static final int OPEN_OF_ONE_MAX = 16;
    private static final int CONNECTIONS_MAX = 128;
    private static final int QUESTIONS_OF_A_CONNECTION_MAX = 64;
    private static final Duration CONNECTION_IDLE = Duration.ofSeconds(5);

    private final Clients clients;
    private final Resolver resolver;
    private final DatagramSocket udp;
    private final ServerSocket tcp;
    private final QueryAdmission questions = new QueryAdmission(OPEN_MAX, OPEN_OF_ONE_MAX);
    private final QueryAdmission connections = new QueryAdmission(CONNECTIONS_MAX, OPEN_OF_ONE_MAX);
    private final byte[] buffer = new byte[MESSAGE_MAX + 1];
    private final List<Supervised> loops;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    /**
     * Starts to answer.
     *
     * @param address where to listen, on port 53
     * @param servers name servers to ask; empty: every question fails
     * @param refused networks that no answer may contain, besides those that are not public
     * @param health learns whether it still takes questions
     */
    public Forwarder(InetAddress address, List<String> servers, List<Prefix> refused, Clients clients, Health health) {
        this(
                new InetSocketAddress(address, 53),
                servers.stream().map(Upstream::server).toList(),
                refused,
                clients,
                health);
    }

    Forwarder(
            InetSocketAddress listen,
            List<InetSocketAddress> servers,
            List<Prefix> refused,
            Clients clients,
            Health health) {
        this.clients = clients;
        this.resolver = new Resolver(clients, new Upstream(servers), new PublicAddresses(refused));
        try {
            this.udp = new DatagramSocket(listen);
            this.tcp = beside(udp, listen.getAddress());
        } catch (IOException e) {
            throw new UncheckedIOException("the name server of sandboxes cannot listen on " + listen, e);
        }
        this.loops = List.of(
                health.loop(Part.STARTS, "mayfly-names-udp", this::takeQuestion),
                health.loop(Part.STARTS, "mayfly-names-tcp", this::takeConnection));
    }

    private static ServerSocket beside(DatagramSocket udp, InetAddress address) throws IOException {
        try {
            return new ServerSocket(udp.getLocalPort(), CONNECTIONS_MAX, address);
        } catch (IOException e) {
            udp.close();
            throw e;
        }
    }

    InetSocketAddress address() {
        return new InetSocketAddress(udp.getLocalAddress(), udp.getLocalPort());
    }

    /** One question. What it holds cannot end this: only the socket can. */
    private void takeQuestion() throws IOException {
        DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
        try {
            udp.receive(packet);
        } catch (IOException e) {
            if (udp.isClosed()) {
                return;
            }
            throw e;
        }
        try {
            byte[] message = Arrays.copyOf(buffer, packet.getLength());
            var from = packet.getSocketAddress();
            Optional<Clients.Client> client = clients.at(packet.getAddress());
            Optional<Query> query = client.isPresent() ? Query.read(message) : Optional.empty();
            if (query.isPresent()) {
                begin(questions, client.get(), () -> answer(client.get(), query.get(), from));
            }
        } catch (RuntimeException e) {
            log.atWarn().setCause(e).log("A question for a name was lost");
        }
    }

    /** Does it on a thread of its own if there is room; returns false if not. The work must leave what it enters here. */
    private static boolean begin(QueryAdmission admission, Clients.Client client, Runnable work) {
        if (!admission.enter(client.link())) {
            return false;
        }
        try {
            Thread.startVirtualThread(work);
            return true;
        } catch (Throwable e) { // No memory for a thread: its place must not stay taken.
            admission.leave(client.link());
            throw e;
        }
    }

    private void answer(Clients.Client client, Query query, java.net.SocketAddress to) {
        try {
            byte[] answer = resolver.answer(client, query);
            udp.send(new DatagramPacket(answer, answer.length, to));
        } catch (IOException | RuntimeException e) {
            if (!udp.isClosed()) {
                log.atWarn().addKeyValue("link", client.link()).setCause(e).log("A name was not answered");
            }
        } finally {
            questions.leave(client.link());
        }
    }

    private void takeConnection() throws IOException {
        Socket socket;
        try {
            socket = tcp.accept();
        } catch (IOException e) {
            if (tcp.isClosed()) {
                return;
            }
            throw e;
        }
        boolean begun = false;
        try {
            Optional<Clients.Client> client = clients.at(socket.getInetAddress());
            open.add(socket);
            begun = client.isPresent() && begin(connections, client.get(), () -> serve(socket, client.get()));
        } catch (RuntimeException e) {
            log.atWarn().setCause(e).log("A connection for names was lost");
        } finally {
            if (!begun) {
                open.remove(socket);
                socket.close();
            }
        }
    }

    private void serve(Socket socket, Clients.Client client) {
        try (socket) {
            socket.setSoTimeout((int) CONNECTION_IDLE.toMillis());
            DataInputStream in = new DataInputStream(socket.getInputStream());
            for (int i = 0; i < QUESTIONS_OF_A_CONNECTION_MAX; i++) {
                int size = in.readUnsignedShort();
                if (size > MESSAGE_MAX) {
                    return;
                }
                byte[] message = new byte[size];
                in.readFully(message);
                Optional<Query> query = Query.read(message);
                // Only the owner of the claim that the connection began with.
                if (query.isEmpty() || !clients.at(socket.getInetAddress()).equals(Optional.of(client))) {
                    return;
                }
                byte[] answer = resolver.answer(client, query.get());
                socket.getOutputStream()
                        .write(ByteBuffer.allocate(2 + answer.length)
                                .putShort((short) answer.length)
                                .put(answer)
                                .array());
            }
        } catch (EOFException e) {
            // It is done asking.
        } catch (IOException | RuntimeException e) {
            log.atDebug().addKeyValue("link", client.link()).setCause(e).log("A connection for names ended early");
        } finally {
            open.remove(socket);
            connections.leave(client.link());
        }
    }

    @Override
    public void close() {
        udp.close();
        try {
            tcp.close();
            for (Socket socket : open) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            loops.forEach(Supervised::close);
        }
    }
}

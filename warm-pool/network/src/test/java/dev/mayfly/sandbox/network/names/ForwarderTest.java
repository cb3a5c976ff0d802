package dev.mayfly.sandbox.network.names;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.runtime.health.Health;
import dev.mayfly.testkit.TestNameServer;
import dev.mayfly.testkit.TestNameServer.Told;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real sockets on loopback on both sides. */
final class ForwarderTest {
    private static final InetSocketAddress ANY = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    /** One sandbox, whoever asks, and a firewall that writes down what it is told. */
    private static final class OneClient implements Clients {
        private final List<String> allowed = Collections.synchronizedList(new ArrayList<>());
        private volatile boolean known = true;
        private volatile boolean willing = true;
        private volatile boolean ipv6 = true;

        @Override
        public Optional<Client> at(InetAddress source) {
            return known ? Optional.of(new Client(1, 1)) : Optional.empty();
        }

        @Override
        public Set<Integer> ports(Client client, String name) {
            return Map.of("db.example.com", Set.of(5432)).getOrDefault(name, Set.of());
        }

        @Override
        public boolean hasIpv6() {
            return ipv6;
        }

        @Override
        public boolean allow(Client client, List<InetAddress> addresses, Set<Integer> ports, long ttlMs) {
            addresses.forEach(address -> allowed.add(address.getHostAddress() + " " + ports + " " + ttlMs));
            return willing;
        }
    }

    private final OneClient client = new OneClient();
    private TestNameServer upstream;
    private Forwarder forwarder;

    @BeforeEach
    void open() throws IOException {
        upstream = new TestNameServer(ANY);
        forwarder = listening(10);
    }

    /** The number that UDP was given may be somebody's for TCP. */
    private Forwarder listening(int tries) {
        try {
            return new Forwarder(ANY, List.of(upstream.address()), List.of(), client, new Health());
        } catch (UncheckedIOException e) {
            if (tries == 0) {
                throw e;
            }
            return listening(tries - 1);
        }
    }

    @AfterEach
    void close() throws IOException {
        forwarder.close();
        upstream.close();
    }

    @Test
    void aNameOnTheListIsAnsweredAfterTheWayIsOpen() throws IOException {
        upstream.say("db.example.com", new Told("db.example.com", 77, "203.0.113.5"));
        assertThat(ask("db.example.com", Query.A)).isEqualTo("0 [203.0.113.5] 77");
        assertThat(client.allowed).containsExactly("203.0.113.5 [5432] 77000");
    }

    @Test
    void caseDoesNotMatterAndComesBackAsItWas() throws IOException {
        upstream.say("db.example.com", new Told("db.example.com", 77, "203.0.113.5"));
        byte[] question = Query.write(7, "Db.Example.COM", Query.A);
        byte[] answer = overUdp(question);
        assertThat(new String(answer, java.nio.charset.StandardCharsets.US_ASCII))
                .contains("Db\u0007Example\u0003COM");
        assertThat(client.allowed).hasSize(1);
    }

    @Test
    void anAliasIsFollowedAndLivesNoLongerThanItsShortestPart() throws IOException {
        upstream.say(
                "db.example.com",
                new Told("db.example.com", 30, "real.example.net"),
                new Told("real.example.net", 300, "203.0.113.5"),
                new Told("stranger.example.net", 300, "203.0.113.6"));
        assertThat(ask("db.example.com", Query.A)).isEqualTo("0 [203.0.113.5] 30");
    }

    @Test
    void aNameThatIsNotOnTheListIsRefusedAndNeverAskedFor() throws IOException {
        upstream.say("secret.evil.example", new Told("secret.evil.example", 77, "203.0.113.5"));
        assertThat(ask("secret.evil.example", Query.A)).startsWith("5 []");
        assertThat(ask("sub.db.example.com", Query.A)).startsWith("5 []");
        assertThat(upstream.asked()).isEmpty();
        assertThat(client.allowed).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.1", "127.0.0.1", "169.254.169.254", "100.64.0.1", "192.168.1.1", "0.0.0.0"})
    void privateAddressesAreTakenOut(String address) throws IOException {
        upstream.say(
                "db.example.com",
                new Told("db.example.com", 77, address),
                new Told("db.example.com", 77, "203.0.113.5"));
        assertThat(ask("db.example.com", Query.A)).isEqualTo("0 [203.0.113.5] 77");
        assertThat(client.allowed).containsExactly("203.0.113.5 [5432] 77000");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"::1", "::ffff:127.0.0.1", "::ffff:203.0.113.5", "64:ff9b::a00:1", "fd00:ec2::254", "fe80::1"})
    void privateIpv6AddressesAreTakenOut(String address) throws IOException {
        upstream.say("db.example.com", new Told("db.example.com", 77, address));
        assertThat(ask("db.example.com", Query.AAAA)).startsWith("0 []");
        assertThat(client.allowed).isEmpty();
    }

    @Test
    void ipv6IsAnsweredWhereThereIsAny() throws IOException {
        upstream.say("db.example.com", new Told("db.example.com", 77, "2001:db8::5"));
        assertThat(ask("db.example.com", Query.AAAA)).isEqualTo("0 [2001:db8:0:0:0:0:0:5] 77");
        client.ipv6 = false;
        assertThat(ask("db.example.com", Query.AAAA)).startsWith("0 []");
    }

    @Test
    void otherTypesHaveNoAnswer() throws IOException {
        for (int type : new int[] {5, 16, 33, 64, 65, 255}) {
            assertThat(ask("db.example.com", type)).startsWith("0 []");
        }
        assertThat(upstream.asked()).isEmpty();
    }

    @Test
    void withoutAnOpenWayThereIsNoAnswer() throws IOException {
        upstream.say("db.example.com", new Told("db.example.com", 77, "203.0.113.5"));
        client.willing = false;
        assertThat(ask("db.example.com", Query.A)).startsWith("2 []");
    }

    @Test
    void anAnswerIsRememberedForItsLife() throws IOException {
        upstream.say("db.example.com", new Told("db.example.com", 77, "203.0.113.5"));
        ask("db.example.com", Query.A);
        ask("db.example.com", Query.A);
        assertThat(upstream.asked()).hasSize(1);
        assertThat(client.allowed).as("but the way is opened for each").hasSize(2);
    }

    @Test
    void aLongLifeIsCutAndNoneIsOne() throws IOException {
        upstream.say("db.example.com", new Told("db.example.com", 4_000_000_000L, "203.0.113.5"));
        assertThat(ask("db.example.com", Query.A)).isEqualTo("0 [203.0.113.5] 3600");
        upstream.say("db.example.com", new Told("db.example.com", 0, "2001:db8::5"));
        assertThat(ask("db.example.com", Query.AAAA)).isEqualTo("0 [2001:db8:0:0:0:0:0:5] 1");
    }

    @Test
    void whatDoesNotFitIsAskedForOverTcp() throws IOException {
        upstream.truncate();
        upstream.say("db.example.com", new Told("db.example.com", 77, "203.0.113.5"));
        assertThat(ask("db.example.com", Query.A)).isEqualTo("0 [203.0.113.5] 77");
        assertThat(upstream.asked()).containsExactly("db.example.com", "db.example.com/tcp");
    }

    @Test
    void answersOverTcpSeveralTimes() throws IOException {
        upstream.say("db.example.com", new Told("db.example.com", 77, "203.0.113.5"));
        try (Socket socket = new Socket(ANY.getAddress(), forwarder.address().getPort())) {
            socket.setSoTimeout(10_000);
            for (String name : List.of("db.example.com", "other.example", "db.example.com")) {
                byte[] question = Query.write(9, name, Query.A);
                socket.getOutputStream()
                        .write(ByteBuffer.allocate(question.length + 2)
                                .putShort((short) question.length)
                                .put(question)
                                .array());
                DataInputStream in = new DataInputStream(socket.getInputStream());
                byte[] answer = new byte[in.readUnsignedShort()];
                in.readFully(answer);
                assertThat(answer[3] & 15).isEqualTo(name.equals("other.example") ? Query.REFUSED : Query.OK);
            }
        }
    }

    @Test
    void anUnknownNameStaysUnknownAndAFailureAFailure() throws IOException {
        assertThat(ask("db.example.com", Query.A)).startsWith("3 []");
        upstream.say("db.example.com");
        upstream.failWith(2);
        assertThat(ask("db.example.com", Query.AAAA)).startsWith("2 []");
    }

    @Test
    void answersThatAreNotToTheQuestionAreNotBelieved() throws IOException {
        List<byte[]> lies = new ArrayList<>();
        byte[] address = {(byte) 203, 0, 113, 66};
        upstream.sayAlways(question -> {
            byte[] lie = Query.read(question).orElseThrow().answer(Query.OK, List.of(address), 60);
            switch (lies.size()) {
                case 0 -> lie[0] ^= 1; // another number
                case 1 -> lie[14] ^= 1; // another name
                default -> lie[2] &= 0x7f; // no answer
            }
            lies.add(lie);
            return lie;
        });
        assertThat(ask("db.example.com", Query.A)).startsWith("2 []");
        assertThat(lies).hasSizeGreaterThanOrEqualTo(2);
        assertThat(client.allowed).isEmpty();
    }

    @Test
    void strangersAndNonsenseGetNoAnswerAndDoNoHarm() throws IOException {
        Random random = new Random(11);
        try (DatagramSocket socket = new DatagramSocket()) {
            for (int i = 0; i < 2_000; i++) {
                byte[] noise = Query.write(i, "db.example.com", Query.A);
                for (int flips = random.nextInt(1, 8); flips > 0; flips--) {
                    noise[random.nextInt(2, noise.length)] = (byte) random.nextInt();
                }
                noise[2] |= (byte) 0x80; // Whatever else it is, it says that it is an answer.
                socket.send(new DatagramPacket(noise, random.nextInt(noise.length), forwarder.address()));
            }
            socket.setSoTimeout(200);
            client.known = false;
            byte[] question = Query.write(1, "db.example.com", Query.A);
            socket.send(new DatagramPacket(question, question.length, forwarder.address()));
            org.assertj.core.api.Assertions.assertThatThrownBy(
                            () -> socket.receive(new DatagramPacket(new byte[512], 512)))
                    .isInstanceOf(java.net.SocketTimeoutException.class);
        }
        client.known = true;
        upstream.say("db.example.com", new Told("db.example.com", 77, "203.0.113.5"));
        assertThat(ask("db.example.com", Query.A)).startsWith("0 [203.0.113.5]");
    }

    /** Any bytes at all: a reply or none, never an exception, never more than the limit. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void anyBytesAreReadWithinLimits(long seed) {
        Random random = new Random(seed);
        byte[] address = {(byte) 203, 0, 113, 5};
        for (int i = 0; i < 20_000; i++) {
            byte[] good = Query.read(Query.write(5, "db.example.com", Query.A))
                    .orElseThrow()
                    .answer(0, Collections.nCopies(random.nextInt(60), address), 60);
            for (int flips = random.nextInt(6); flips > 0; flips--) {
                good[random.nextInt(good.length)] = (byte) random.nextInt();
            }
            byte[] cut = Arrays.copyOf(good, random.nextInt(good.length + 1));
            Reply.read(cut, 5, "db.example.com", Query.A)
                    .ifPresent(reply -> assertThat(reply.addresses()).hasSizeLessThanOrEqualTo(Reply.ADDRESSES_MAX));
            Query.read(cut).ifPresent(query -> assertThat(query.name()).hasSizeLessThanOrEqualTo(255));
        }
    }

    private String ask(String name, int type) throws IOException {
        byte[] answer = overUdp(Query.write(4_711, name, type));
        ByteBuffer in = ByteBuffer.wrap(answer);
        assertThat(in.getShort(0)).isEqualTo((short) 4_711);
        int code = answer[3] & 15;
        return Reply.read(answer, 4_711, name, type)
                .map(reply -> code + " "
                        + reply.addresses().stream().map(ForwarderTest::text).toList() + " " + reply.ttlSeconds())
                .orElseThrow();
    }

    private static String text(byte[] address) {
        try {
            return InetAddress.getByAddress(address).getHostAddress();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private byte[] overUdp(byte[] question) throws IOException {
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.setSoTimeout(20_000);
            socket.send(new DatagramPacket(question, question.length, forwarder.address()));
            DatagramPacket packet = new DatagramPacket(new byte[4_096], 4_096);
            socket.receive(packet);
            return Arrays.copyOf(packet.getData(), packet.getLength());
        }
    }
}

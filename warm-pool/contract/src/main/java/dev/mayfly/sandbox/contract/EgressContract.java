package dev.mayfly.sandbox.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.model.Destination;
import dev.mayfly.model.EgressPolicy;
import dev.mayfly.sandbox.HostCommands;
import dev.mayfly.sandbox.Sandbox;
import dev.mayfly.sandbox.SandboxRuntime;
import dev.mayfly.sandbox.SandboxSpec;
import dev.mayfly.sandbox.network.Network;
import dev.mayfly.sandbox.network.NetworkConfig;
import dev.mayfly.sandbox.network.NetworkPoolConfig;
import dev.mayfly.sandbox.network.NetworkRequest;
import dev.mayfly.sandbox.network.Networks;
import dev.mayfly.testkit.NetworksOnMachine;
import dev.mayfly.testkit.TestNameServer;
import dev.mayfly.testkit.TestNameServer.Told;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a real sandbox reaches under each policy, tried from inside. The servers are in a namespace of the test's own, under
 * addresses of every kind, and reachable from the host: only the firewall is between. Needs root and a mount namespace of its
 * own.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class EgressContract {
    private static final String YES = "ALLOWED";
    private static final String NO = "ETIMEDOUT";
    private static final int CONNECTIONS_MAX = 20;

    private static final EgressPolicy LIST = new EgressPolicy.Only(Stream.of(
                    "203.0.113.10:443",
                    "[2001:db8:113::10]:443",
                    "192.168.213.20:443", // refused by the operator
                    "[fd00:213::20]:443",
                    "100.100.100.200:80", // Metadata, named in so many words.
                    "168.63.129.16:80",
                    "[fd00:ec2::254]:80",
                    "[fd20:ce::254]:80",
                    "metadata.google.internal:80",
                    "good.example:443",
                    "good.example:8080",
                    "rebind.example:443",
                    "inside.example:443",
                    "here.example:443")
            .map(Destination::parse)
            .toList());

    /** Destination, then the outcome under open, none and the list. */
    private static final List<List<String>> TABLE = List.of(
            List.of("tcp,203.0.113.10,443", YES, NO, YES),
            List.of("udp,203.0.113.10,443", "ANSWERED", "SILENT", "ANSWERED"),
            List.of("tcp,2001:db8:113::10,443", YES, NO, YES),
            List.of("udp,2001:db8:113::10,443", "ANSWERED", "SILENT", "ANSWERED"),
            // Another port of a listed address; another address.
            List.of("tcp,203.0.113.10,8080", YES, NO, NO),
            List.of("udp,203.0.113.10,8080", "ANSWERED", "SILENT", "SILENT"),
            List.of("tcp,2001:db8:113::10,8080", YES, NO, NO),
            List.of("tcp,203.0.113.20,443", YES, NO, NO),
            List.of("tcp,2001:db8:113::20,443", YES, NO, NO),
            // Mail.
            List.of("tcp,203.0.113.10,25", NO, NO, NO),
            List.of("tcp,2001:db8:113::10,25", NO, NO, NO),
            // Names, past our own name server.
            List.of("tcp,203.0.113.30,53", YES, NO, NO),
            List.of("udp,203.0.113.30,53", "ANSWERED", "SILENT", "SILENT"),
            // What the operator refuses, on the list or not.
            List.of("tcp,192.168.213.10,443", NO, NO, NO),
            List.of("tcp,192.168.213.20,443", NO, NO, NO),
            List.of("tcp,fd00:213::10,443", NO, NO, NO),
            List.of("tcp,fd00:213::20,443", NO, NO, NO),
            // Metadata: a server of each network is really there.
            List.of("tcp,100.100.100.200,80", NO, NO, NO),
            List.of("udp,100.100.100.200,80", "SILENT", "SILENT", "SILENT"),
            List.of("tcp,100.96.0.96,80", NO, NO, NO),
            List.of("tcp,100.80.80.80,80", NO, NO, NO),
            List.of("tcp,100.64.113.10,443", NO, NO, NO),
            List.of("tcp,168.63.129.16,80", NO, NO, NO),
            List.of("tcp,192.0.0.192,80", NO, NO, NO),
            List.of("tcp,169.254.170.2,80", NO, NO, NO),
            List.of("tcp,169.254.0.23,80", NO, NO, NO),
            List.of("tcp,fd00:ec2::23,80", NO, NO, NO),
            List.of("tcp,fd20:ce::254,80", NO, NO, NO),
            List.of("tcp,fd00:c1::a9fe:a9fe,80", NO, NO, NO),
            List.of("tcp,fd00:a9fe:a9fe::1,80", NO, NO, NO),
            List.of("tcp,fd00:42::42,80", NO, NO, NO),
            List.of("tcp,fd00:100::100:200,80", NO, NO, NO),
            // The same in another dress.
            List.of("tcp,64:ff9b::6464:64c8,80", NO, NO, NO),
            List.of("tcp,2002:6464:64c8::1,80", NO, NO, NO),
            List.of("tcp,2001:0:6464:64c8::1,80", NO, NO, NO),
            // Link-local, metadata, IPv4 through NAT64.
            List.of("tcp,169.254.113.10,443", NO, NO, NO),
            List.of("tcp,169.254.169.254,80", NO, NO, NO),
            List.of("tcp,fd00:ec2:0:113::10,443", NO, NO, NO),
            List.of("tcp,fd00:ec2::254,80", NO, NO, NO),
            List.of("tcp,64:ff9b::cb00:710a,443", NO, NO, NO));

    private final String tag = "%04x".formatted(ProcessHandle.current().pid() * 17 & 0xffff);
    private Path layer = Path.of("");
    private Path probe = Path.of("");
    private MachineLock machine;
    private Internet internet;
    private TestNameServer upstream;
    private Networks networks;
    private SandboxRuntime runtime;
    private List<String> before = List.of();
    private int next;

    @BeforeAll
    void open(@TempDir Path folder) throws Exception {
        machine = MachineLock.take();
        before = NetworksOnMachine.of(tag);
        layer = folder.resolve("layer");
        probe = layer.resolve("bin/netprobe");
        Files.createDirectories(layer.resolve("bin"));
        Path source = Sources.of("netprobe.c");
        HostCommands.run("cc", "-static", "-O1", "-Wall", "-Werror", "-o", probe.toString(), source.toString());
        HostCommands.run("chmod", "-R", "a+rX", folder.toString());
        internet = new Internet(tag, folder, probe, "443", "8080", "25", "53", "80");
        // Loopback is wide; nobody else listens at an address like this.
        String loopback = "127.77." + (ProcessHandle.current().pid() >> 8 & 255) + ".53";
        upstream = new TestNameServer(new InetSocketAddress(InetAddress.ofLiteral(loopback), 53));
        networks = new Networks(
                new NetworkConfig(
                        Optional.empty(),
                        List.of("192.168.213.0/24", "fd00:213::/64"),
                        List.of(loopback),
                        true,
                        false,
                        false,
                        CONNECTIONS_MAX,
                        new NetworkPoolConfig(2, 50, 4, Duration.ofMinutes(1), 200)),
                folder.resolve("netns"),
                tag);
        runtime = runtime(folder.resolve("run"), tag, networks);
    }

    /** The class that the table is held against: each enters a network in its own way. */
    protected abstract SandboxRuntime runtime(Path run, String own, Networks shared) throws InterruptedException;

    @AfterAll
    void close() throws Exception {
        try {
            runtime.close();
            networks.close();
        } finally {
            internet.close();
            upstream.close();
            machine.close();
        }
        assertThat(NetworksOnMachine.of(tag)).as("left on the machine").isEqualTo(before);
    }

    @Test
    void theHostItselfReachesAllOfThem() throws Exception {
        // Else the table would prove nothing.
        List<String> attempts = TABLE.stream()
                .map(List::getFirst)
                .filter(attempt -> !attempt.contains("169.254.169.254,80") && !attempt.contains("fd00:ec2::254,80"))
                .toList();
        List<String> argv = new ArrayList<>(List.of(probe.toString(), "try"));
        argv.addAll(attempts);
        Map<String, String> seen =
                outcomes(HostCommands.run(argv.toArray(String[]::new)).lines().toList());
        assertThat(seen).hasSameSizeAs(attempts);
        seen.forEach((attempt, outcome) -> assertThat(outcome).as(attempt).isIn(YES, "ANSWERED"));
    }

    @Test
    void anOpenSandboxReachesTheInternetOnly() throws Exception {
        assertThat(attempt(EgressPolicy.OPEN, destinations())).isEqualTo(column(1));
    }

    @Test
    void aClosedSandboxReachesNothing() throws Exception {
        assertThat(attempt(EgressPolicy.NONE, destinations())).isEqualTo(column(2));
    }

    @Test
    void aSandboxWithAListReachesTheListOnly() throws Exception {
        assertThat(attempt(LIST, destinations())).isEqualTo(column(3));
    }

    @Test
    void thisMachineIsOutOfReachUnderEveryPolicy() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 50)) {
            int port = server.getLocalPort();
            List<String> attempts = new ArrayList<>();
            for (String address : ownAddresses()) {
                attempts.add("tcp," + address + "," + port);
                attempts.add("tcp," + address + ",22");
                attempts.add("udp," + address + ",53");
            }
            assertThat(attempts).anyMatch(each -> each.contains("203.0.113.1,"));
            assertThat(attempts).anyMatch(each -> each.contains("2001:db8:113:0"));
            // On a list, too: the machine's own address may be there, but not be reached.
            EgressPolicy own = new EgressPolicy.Only(Stream.of("203.0.113.1", "2001:db8:113:0:0:0:0:1")
                    .map(a -> new Destination(a, port))
                    .toList());
            for (EgressPolicy policy : List.of(EgressPolicy.OPEN, EgressPolicy.NONE, LIST, own)) {
                attempt(policy, attempts)
                        .forEach((attempt, outcome) ->
                                assertThat(outcome).as(policy + " " + attempt).isIn(NO, "SILENT"));
            }
        }
    }

    @Test
    void anotherSandboxIsOutOfReachUnderEveryPolicyButNotForTheHost() throws Exception {
        List<String> lines = Collections.synchronizedList(new ArrayList<>());
        Sandbox other = runtime.start(spec("other", EgressPolicy.OPEN, lines, "serve", "8080"));
        try {
            awaitLine(lines, "ready");
            String address = other.address().orElseThrow();
            try (Socket gateway = new Socket(address, 8080)) {
                assertThat(gateway.isConnected()).isTrue();
            }
            String address6 = address6(address);
            List<String> attempts = List.of(
                    "tcp," + address + ",8080", "udp," + address + ",8080",
                    "tcp," + address6 + ",8080", "udp," + address6 + ",8080");
            EgressPolicy named =
                    new EgressPolicy.Only(List.of(new Destination(address, 8080), new Destination(address6, 8080)));
            for (EgressPolicy policy : List.of(EgressPolicy.OPEN, EgressPolicy.NONE, LIST, named)) {
                attempt(policy, attempts)
                        .forEach((attempt, outcome) ->
                                assertThat(outcome).as(policy + " " + attempt).isIn(NO, "SILENT"));
            }
        } finally {
            assertThat(other.destroy()).isEmpty();
        }
    }

    @Test
    void aNameOnTheListOpensItsAddressesAtItsPorts() throws Exception {
        upstream.say(
                "good.example",
                new Told("good.example", 60, "203.0.113.20"),
                new Told("good.example", 60, "2001:db8:113::20"));
        Map<String, String> seen = attempt(
                LIST,
                List.of(
                        "tcp,203.0.113.20,443",
                        "then",
                        "name,good.example,A,udp",
                        "name,good.example,AAAA,tcp",
                        "then",
                        "tcp,203.0.113.20,443,",
                        "udp,203.0.113.20,443",
                        "tcp,203.0.113.20,8080",
                        "tcp,203.0.113.20,80",
                        "tcp,2001:db8:113::20,443",
                        "tcp,2001:db8:113::20,80",
                        "tcp,203.0.113.30,443"));
        assertThat(seen)
                .containsEntry("tcp,203.0.113.20,443", NO)
                .containsEntry("name,good.example,A,udp", "code=0 203.0.113.20")
                .containsEntry("name,good.example,AAAA,tcp", "code=0 2001:db8:113::20")
                .containsEntry("tcp,203.0.113.20,443,", YES)
                .containsEntry("udp,203.0.113.20,443", "ANSWERED")
                .containsEntry("tcp,203.0.113.20,8080", YES)
                .containsEntry("tcp,203.0.113.20,80", NO)
                .containsEntry("tcp,2001:db8:113::20,443", YES)
                .containsEntry("tcp,2001:db8:113::20,80", NO)
                .containsEntry("tcp,203.0.113.30,443", NO);
    }

    @Test
    void whatOneLookedUpIsClosedForTheNextOfTheSameTenant() throws Exception {
        upstream.say("good.example", new Told("good.example", 60, "203.0.113.20"));
        String connect = "tcp,203.0.113.20,443";
        String lookUp = "name,good.example,A,udp";
        assertThat(attempt("same", LIST, List.of(lookUp, "then", connect))).containsEntry(connect, YES);
        assertThat(attempt("same", LIST, List.of(connect))).containsEntry(connect, NO);
    }

    @Test
    void aNameThatTurnsPrivateOpensNothing() throws Exception {
        upstream.say("rebind.example", new Told("rebind.example", 0, "203.0.113.20"));
        List<String> lines = Collections.synchronizedList(new ArrayList<>());
        String first = "name,rebind.example,A,udp";
        assertThat(attempt(LIST, List.of(first))).containsEntry(first, "code=0 203.0.113.20");
        for (String inside : List.of("192.168.213.10", "169.254.169.254", "127.0.0.1", "10.0.0.1")) {
            upstream.say("rebind.example", new Told("rebind.example", 0, inside));
            String connect = "tcp," + inside + ",443";
            Map<String, String> seen = attempt(LIST, List.of(first, "then", connect));
            assertThat(seen).containsEntry(first, "code=0");
            assertThat(seen.get(connect)).isIn(NO, "ECONNREFUSED"); // Refused by its own loopback.
        }
        upstream.say("inside.example", new Told("inside.example", 0, "fd00:213::10"));
        assertThat(attempt(LIST, List.of("name,inside.example,AAAA,udp", "then", "tcp,fd00:213::10,443")))
                .containsEntry("name,inside.example,AAAA,udp", "code=0")
                .containsEntry("tcp,fd00:213::10,443", NO);
        assertThat(lines).isEmpty();
    }

    @Test
    void aNameThatLeadsToMetadataOpensNothingAndTheNamesOfMetadataAreNotAskedFor() throws Exception {
        String ask = "name,rebind.example,A,udp";
        for (String inside :
                List.of("100.100.100.200", "168.63.129.16", "192.0.0.192", "100.96.0.96", "169.254.0.23")) {
            upstream.say("rebind.example", new Told("rebind.example", 0, inside));
            String connect = "tcp," + inside + ",443";
            assertThat(attempt(LIST, List.of(ask, "then", connect)))
                    .containsEntry(ask, "code=0")
                    .containsEntry(connect, NO);
        }
        upstream.say("metadata.google.internal", new Told("metadata.google.internal", 60, "203.0.113.20"));
        String name = "name,metadata.google.internal,A,udp";
        assertThat(attempt(LIST, List.of(name, "then", "tcp,203.0.113.20,80")))
                .containsEntry(name, "code=5")
                .containsEntry("tcp,203.0.113.20,80", NO);
        assertThat(upstream.asked()).doesNotContain("metadata.google.internal");
    }

    @Test
    void aNameThatLeadsToThisMachineOpensNothing() throws Exception {
        upstream.say("here.example", new Told("here.example", 60, "203.0.113.1"));
        try (ServerSocket server = new ServerSocket(443, 5, InetAddress.ofLiteral("203.0.113.1"))) {
            assertThat(server.isBound()).isTrue();
            assertThat(attempt(LIST, List.of("name,here.example,A,udp", "then", "tcp,203.0.113.1,443")))
                    .containsEntry("tcp,203.0.113.1,443", NO);
        }
    }

    @Test
    void aNameThatIsNotOnTheListIsRefusedAndNotAskedFor() throws Exception {
        assertThat(attempt(LIST, List.of("name,c2VjcmV0.evil.example,A,udp", "name,sub.good.example,A,tcp")))
                .containsEntry("name,c2VjcmV0.evil.example,A,udp", "code=5")
                .containsEntry("name,sub.good.example,A,tcp", "code=5");
        assertThat(upstream.asked()).noneMatch(name -> name.contains("evil") || name.startsWith("sub."));
    }

    @Test
    void theNameServerIsThereForSandboxesWithAListOnly() throws Exception {
        Network listed = networks.claim(new NetworkRequest("it", "it", LIST));
        String server = listed.resolvers().getFirst();
        networks.release(listed);
        for (EgressPolicy policy : List.of(EgressPolicy.OPEN, EgressPolicy.NONE)) {
            assertThat(attempt(policy, List.of("tcp," + server + ",53", "udp," + server + ",53")))
                    .containsEntry("tcp," + server + ",53", NO)
                    .containsEntry("udp," + server + ",53", "SILENT");
        }
        assertThat(attempt(LIST, List.of("tcp," + server + ",53", "tcp," + server + ",80")))
                .containsEntry("tcp," + server + ",53", YES)
                .containsEntry("tcp," + server + ",80", NO);
        assertThat(outcomes(HostCommands.run(probe.toString(), "try", "tcp," + server + ",53")
                        .lines()
                        .toList()))
                .as("from the host")
                .containsEntry("tcp," + server + ",53", NO);
    }

    @Test
    void aForgedSourceGoesNowhere() throws Exception {
        Network network = networks.claim(new NetworkRequest("it", "it", EgressPolicy.OPEN));
        try {
            // With more privileges than any sandbox has.
            for (String source : List.of(network.address(), "203.0.113.99", "198.51.100.1", neighbour(network))) {
                String word = source.equals(network.address()) ? "honest" : "forged";
                HostCommands.run(
                        "nsenter",
                        "--net=" + network.namespace(),
                        probe.toString(),
                        "raw",
                        source,
                        "203.0.113.10",
                        "443",
                        word);
            }
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
            while (internet.said().stream().noneMatch(line -> line.endsWith(" honest"))) {
                assertThat(System.nanoTime() - deadline)
                        .as("the honest packet arrives")
                        .isNegative();
                Thread.sleep(20);
            }
            assertThat(internet.said()).noneMatch(line -> line.endsWith(" forged"));
        } finally {
            networks.release(network);
        }
        assertThat(attempt(
                        EgressPolicy.OPEN,
                        List.of("from,203.0.113.99,203.0.113.10,443", "from,2001:db8:113::99,2001:db8:113::10,443")))
                .allSatisfy((attempt, outcome) -> assertThat(outcome).isNotEqualTo("ANSWERED"));
        assertThat(internet.said()).noneMatch(line -> line.endsWith(" spoofed"));
    }

    @Test
    void nobodySpeaksBelowIpAndTheHostDoesNotListen() throws Exception {
        assertThat(attempt(EgressPolicy.OPEN, List.of("arp"))).containsEntry("arp", "EPERM");
        Network network = networks.claim(new NetworkRequest("it", "it", EgressPolicy.OPEN));
        try {
            String name = "mf" + tag + network.link();
            assertThat(HostCommands.run("ip", "link", "show", name)).contains("NOARP");
            assertThat(HostCommands.run("ip", "neigh", "show", "dev", name))
                    .contains(network.address())
                    .contains("PERMANENT");
        } finally {
            networks.release(network);
        }
    }

    @Test
    void aSandboxHasSoManyConnectionsAndNoMore() throws Exception {
        String many = "many,203.0.113.10,443," + CONNECTIONS_MAX * 2;
        String many6 = "many,2001:db8:113::10,443," + CONNECTIONS_MAX * 2;
        assertThat(attempt("count", EgressPolicy.OPEN, List.of(many)))
                .containsEntry(many, String.valueOf(CONNECTIONS_MAX));
        assertThat(attempt("count", EgressPolicy.OPEN, List.of(many6)))
                .as("the next begins anew")
                .containsEntry(many6, String.valueOf(CONNECTIONS_MAX));
    }

    private static List<String> destinations() {
        return TABLE.stream().map(List::getFirst).toList();
    }

    private static Map<String, String> column(int n) {
        return TABLE.stream().collect(Collectors.toMap(List::getFirst, row -> row.get(n)));
    }

    private Map<String, String> attempt(EgressPolicy policy, List<String> attempts) throws Exception {
        return attempt("tenant" + next++, policy, attempts);
    }

    private Map<String, String> attempt(String tenant, EgressPolicy policy, List<String> attempts) throws Exception {
        List<String> lines = Collections.synchronizedList(new ArrayList<>());
        String[] argv = Stream.concat(Stream.of("try"), attempts.stream()).toArray(String[]::new);
        Sandbox sandbox = runtime.start(spec(tenant, policy, lines, argv));
        sandbox.exit().get(60, TimeUnit.SECONDS);
        assertThat(sandbox.destroy()).isEmpty();
        Map<String, String> seen = outcomes(lines.stream()
                .map(line -> line.substring(line.indexOf(' ') + 1))
                .toList());
        assertThat(seen.keySet())
                .as("%s", lines)
                .containsAll(
                        attempts.stream().filter(each -> !each.equals("then")).toList());
        return seen;
    }

    private static Map<String, String> outcomes(List<String> lines) {
        Map<String, String> outcomes = new LinkedHashMap<>();
        lines.forEach(line -> outcomes.put(line.split(" ")[0], line.substring(line.indexOf(' ') + 1)));
        return outcomes;
    }

    private SandboxSpec spec(String tenant, EgressPolicy policy, List<String> lines, String... arguments) {
        List<String> argv = new ArrayList<>(List.of("/bin/netprobe"));
        argv.addAll(Arrays.asList(arguments));
        return new SandboxSpec(
                "ins_" + System.nanoTime(),
                tenant,
                List.of(layer),
                argv,
                Map.of(),
                "/",
                20_000,
                new SandboxSpec.SandboxLimits(64, 1.0, 200, 16),
                List.of(),
                policy,
                (stderr, line) -> lines.add(stderr + " " + line));
    }

    private static void awaitLine(List<String> lines, String word) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (lines.stream().noneMatch(line -> line.contains(word))) {
            assertThat(System.nanoTime() - deadline).as("%s", lines).isNegative();
            Thread.sleep(20);
        }
    }

    /** Addresses of this machine, but loopback, those of one link only, and those of other servers' links, which come and go. */
    private List<String> ownAddresses() throws Exception {
        return NetworkInterface.networkInterfaces()
                .filter(link ->
                        !link.getName().startsWith("mf") || link.getName().startsWith("mf" + tag))
                .flatMap(NetworkInterface::inetAddresses)
                .filter(address -> !address.isLoopbackAddress() && !address.isLinkLocalAddress())
                .map(address -> address.getHostAddress().replaceAll("%.*", ""))
                .limit(20)
                .toList();
    }

    /** The IPv6 address of the sandbox with this IPv4 address. */
    private String address6(String address) throws Exception {
        Network own = networks.claim(new NetworkRequest("it", "it", EgressPolicy.NONE));
        networks.release(own);
        int distance = number(address) - number(own.address());
        String own6 = own.address6().orElseThrow();
        int at = own6.lastIndexOf(':') + 1;
        return own6.substring(0, at) + Integer.toHexString(Integer.parseInt(own6.substring(at), 16) + distance);
    }

    private static int number(String address) {
        return ByteBuffer.wrap(InetAddress.ofLiteral(address).getAddress()).getInt();
    }

    private static String neighbour(Network network) {
        int dot = network.address().lastIndexOf('.') + 1;
        int last = Integer.parseInt(network.address().substring(dot));
        return network.address().substring(0, dot) + (last < 128 ? last + 4 : last - 4);
    }
}

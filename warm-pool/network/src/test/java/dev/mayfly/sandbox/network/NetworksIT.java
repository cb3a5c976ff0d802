package dev.mayfly.sandbox.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.model.Destination;
import dev.mayfly.model.EgressPolicy;
import dev.mayfly.model.MayflyException;
import dev.mayfly.sandbox.HostCommands;
import dev.mayfly.testkit.NetworksOnMachine;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real namespaces, links and sets. Needs root and a mount namespace of its own. */
class NetworksIT {
    private static final EgressPolicy LIST =
            new EgressPolicy.Only(List.of(new Destination("203.0.113.9", 443), new Destination("a.example", 443)));

    private final String tag = "%04x".formatted(ProcessHandle.current().pid() * 31 & 0xffff);
    private List<String> before = List.of();

    @TempDir
    Path folder;

    @BeforeEach
    void look() throws Exception {
        before = NetworksOnMachine.of(tag);
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        assertThat(NetworksOnMachine.of(tag)).isEqualTo(before);
    }

    @Test
    void thePoolFillsAndAClaimIsReadyToUse() throws Exception {
        try (Networks networks = open(8, 1_000, 4)) {
            await(networks, counts -> counts.ready() == 8);
            Network network = networks.claim(request("a", EgressPolicy.OPEN));
            assertThat(network.namespace()).exists();
            String inside = HostCommands.run("nsenter", "--net=" + network.namespace(), "ip", "-o", "address");
            assertThat(inside).contains("lo ").contains("inet " + network.address() + "/30");
            network.address6().ifPresent(address -> assertThat(inside).contains("inet6 fd6d:6179:666c:"));
            assertThat(inside).as("no address but ours").doesNotContain("fe80:");
            assertThat(HostCommands.run("nsenter", "--net=" + network.namespace(), "ip", "route"))
                    .contains("default via ");
            await(networks, counts -> counts.ready() == 8 && counts.claimed() == 1);
        }
    }

    @Test
    void whatWasUsedComesBackToTheSameTenantOnly() throws Exception {
        try (Networks networks = open(0, 0, 4)) {
            Network first = networks.claim(request("a", LIST));
            networks.release(first);
            Network other = networks.claim(request("b", EgressPolicy.NONE));
            assertThat(other.link()).isNotEqualTo(first.link());
            Network again = networks.claim(request("a", EgressPolicy.OPEN));
            assertThat(again.link()).isEqualTo(first.link());
            assertThat(again.number()).isNotEqualTo(first.number());
            assertThatThrownBy(() -> networks.release(first)).isInstanceOf(IllegalStateException.class);
            networks.release(again);
            assertThatThrownBy(() -> networks.release(again)).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void whatIsNotKeptIsProvedGone() throws Exception {
        try (Networks networks = open(0, 0, 0)) {
            List<Network> claimed = new ArrayList<>();
            for (EgressPolicy policy : List.of(EgressPolicy.OPEN, EgressPolicy.NONE, LIST)) {
                claimed.add(networks.claim(request("a", policy)));
            }
            assertThat(table()).contains("\"mf" + tag + "0\"").contains("203.0.113.9");
            claimed.forEach(networks::release);
            await(networks, counts -> counts.equals(new Networks.Counts(0, 0, 0, 0, 0)));
            assertThat(NetworksOnMachine.of(tag)).noneMatch(each -> each.matches("link mf" + tag + "\\d+@.*"));
            claimed.forEach(network -> assertThat(network.namespace()).doesNotExist());
            assertThat(table()).doesNotContain("\"mf" + tag + "0\"").doesNotContain("203.0.113.9");
        }
    }

    @Test
    void aPolicyIsOffWhenTheNetworkIsKept() throws Exception {
        try (Networks networks = open(0, 0, 4)) {
            networks.release(networks.claim(request("a", LIST)));
            assertThat(networks.counts().kept()).isEqualTo(1);
            String table = table();
            assertThat(table).as("still its own address").contains("\"mf" + tag + "0\" . 10.");
            assertThat(table).doesNotContain("203.0.113.9");
            for (String set : List.of("set open", "set listed", "map marks", "set flows", "set connections")) {
                String content = table.substring(table.indexOf("\t" + set + " {"));
                assertThat(content.substring(0, content.indexOf("}\n"))).as(set).doesNotContain("elements");
            }
        }
    }

    @Test
    void manyAtOnceNeverShareALinkAndAllComeHome() throws Exception {
        Set<Integer> held = ConcurrentHashMap.newKeySet();
        try (Networks networks = open(8, 100, 8);
                var threads = Executors.newFixedThreadPool(6)) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                String tenant = "t" + i % 3;
                EgressPolicy policy = List.of(EgressPolicy.OPEN, LIST).get(i % 2);
                Callable<?> work = () -> {
                    for (int n = 0; n < 60; n++) {
                        Network network = networks.claim(request(tenant, policy));
                        assertThat(held.add(network.link())).isTrue();
                        assertThat(network.namespace()).exists();
                        held.remove(network.link());
                        networks.release(network);
                    }
                    return null;
                };
                all.add(threads.submit(work));
            }
            for (Future<?> each : all) {
                each.get(120, TimeUnit.SECONDS);
            }
            await(networks, counts -> counts.claimed() == 0 && counts.going() == 0 && counts.ready() == 8);
            assertThat(networks.counts().kept()).isLessThanOrEqualTo(8);
            long links = NetworksOnMachine.of(tag).stream()
                    .filter(each -> each.matches("link mf" + tag + "\\d+@.*"))
                    .count();
            assertThat(links).isEqualTo(8 + networks.counts().kept());
        }
    }

    @Test
    void whatAPredecessorLeftIsTakenAwayOrNotUsed() throws Exception {
        HostCommands.run("ip", "link", "add", "mf" + tag + "0", "type", "veth", "peer", "name", "mf" + tag + "y");
        HostCommands.run("ip", "link", "add", "mf" + tag + "dns", "type", "veth", "peer", "name", "mf" + tag + "dnsx");
        HostCommands.run("nft", "add", "table", "inet", "mayfly_" + tag);
        Files.createDirectories(folder.resolve("netns"));
        Files.createFile(folder.resolve("netns/link3"));
        try (Networks networks = open(0, 0, 0)) {
            assertThat(folder.resolve("netns/link3")).doesNotExist();
            Network claimed = networks.claim(request("a", EgressPolicy.OPEN));
            assertThat(claimed.link()).as("the other may have a sandbox").isNotZero();
            networks.release(claimed);
        }
    }

    @Test
    void theNetworkOfASandboxThatOutlivedItsServerIsAdopted() throws Exception {
        Network before;
        try (Networks networks = open(0, 0, 0)) {
            before = networks.claim(request("a", EgressPolicy.OPEN));
        }
        String link = "mf" + tag + before.link();
        HostCommands.run("ip", "link", "add", link, "type", "veth", "peer", "name", "mf" + tag + "y");
        try (Networks networks = open(0, 0, 4)) {
            NetworkRequest request = request("a", EgressPolicy.OPEN);
            String elsewhere = before.trace().replace(before.address(), "10.1.2.3");
            for (String other : List.of(
                    "", "x", elsewhere, "99999 1 10.1.2.3 -", before.trace().replaceFirst("^\\d+", "7"))) {
                assertThat(networks.adopt(other, request)).as(other).isEmpty();
            }
            Network adopted = networks.adopt(before.trace(), request).orElseThrow();
            assertThat(adopted).isEqualTo(before);
            assertThat(networks.adopt(before.trace(), request)).as("once").isEmpty();
            assertThat(table())
                    .contains("\"" + link + "\" . " + before.address())
                    .contains("\"" + link + "\" . 0x%08x".formatted(before.number()));
            assertThat(networks.counts().claimed()).isEqualTo(1);
            networks.release(adopted);
            await(networks, counts -> counts.equals(Networks.Counts.NONE));
            assertThat(NetworksOnMachine.of(tag)).noneMatch(each -> each.startsWith("link " + link));
        }
    }

    @Test
    void whatCannotBeMadeIsSaidAndLeavesNothing() throws Exception {
        try (Networks networks = open(0, 0, 0)) {
            HostCommands.run("ip", "link", "add", "mf" + tag + "0", "type", "veth", "peer", "name", "mf" + tag + "y");
            assertThatThrownBy(() -> networks.claim(request("a", EgressPolicy.OPEN)))
                    .isInstanceOf(MayflyException.class)
                    .hasMessageContaining("mf" + tag + "0");
            Network next = networks.claim(request("a", EgressPolicy.OPEN));
            assertThat(next.link()).isEqualTo(1);
            await(networks, counts -> counts.going() == 0);
        }
    }

    @Test
    void whoIsStillInsideIsCutOffBeforeTheLinkIsFree() throws Exception {
        try (Networks networks = open(0, 0, 0)) {
            Network network = networks.claim(request("a", EgressPolicy.OPEN));
            Process inside = new ProcessBuilder("nsenter", "--net=" + network.namespace(), "sleep", "60").start();
            try {
                long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
                Path own = Path.of("/proc/self/ns/net");
                Path its = Path.of("/proc/" + inside.pid() + "/ns/net");
                while (Files.readSymbolicLink(its).equals(Files.readSymbolicLink(own))) {
                    assertThat(System.nanoTime() - deadline).isNegative();
                    Thread.sleep(5);
                }
                networks.release(network);
                await(networks, counts -> counts.going() == 0);
                assertThat(NetworksOnMachine.of(tag)).noneMatch(each -> each.startsWith("link mf" + tag + "0"));
                assertThat(inside.isAlive()).isTrue();
                assertThat(networks.claim(request("b", EgressPolicy.OPEN)).link())
                        .isNotEqualTo(network.link());
            } finally {
                inside.destroyForcibly().onExit().join();
            }
        }
    }

    @Test
    void aServerThatCannotStartLeavesNothing() throws Exception {
        NetworkConfig d = NetworkConfig.DEFAULTS;
        NetworkConfig taken = new NetworkConfig(
                Optional.of("10.99.208.0/20"),
                List.of(),
                List.of(),
                d.ipv6(),
                d.smtp(),
                d.sharedSpace(),
                d.connectionsMax(),
                d.pool());
        HostCommands.run("ip", "address", "add", "10.99.223.253/32", "dev", "lo");
        try (var squatter = new ServerSocket(53, 5, InetAddress.ofLiteral("10.99.223.253"))) {
            assertThat(squatter.isBound()).isTrue();
            assertThatThrownBy(() -> new Networks(taken, folder.resolve("netns"), tag))
                    .hasMessageContaining("10.99.223.253");
            assertThat(NetworksOnMachine.of(tag)).isEqualTo(before);
        } finally {
            HostCommands.run("ip", "address", "delete", "10.99.223.253/32", "dev", "lo");
        }
    }

    @Test
    void aTableThatSomebodyRemovedIsWrittenAgain() throws Exception {
        try (Networks networks = open(2, 100, 4)) {
            await(networks, counts -> counts.ready() == 2);
            Network open = networks.claim(request("a", EgressPolicy.OPEN));
            Network listed = networks.claim(request("a", LIST));
            await(networks, counts -> counts.ready() == 2);
            String expected = sorted(table());
            HostCommands.run("nft", "delete", "table", "inet", "mayfly_" + tag);
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
            String seen = "";
            while (!seen.equals(expected)) {
                assertThat(System.nanoTime() - deadline)
                        .as("%s instead of %s", seen, expected)
                        .isNegative();
                Thread.sleep(50);
                seen = sorted(HostCommands.attempt("", List.of("nft", "list", "table", "inet", "mayfly_" + tag))
                        .output());
            }
            networks.release(open);
            networks.release(listed);
            assertThat(networks.counts().kept()).isEqualTo(2);
        }
    }

    /** Elements come in no order. */
    private static String sorted(String table) {
        return table.chars()
                .filter(c -> !Character.isWhitespace(c) && c != ',')
                .sorted()
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    @Test
    void closingTakesClaimedOnesAway() throws Exception {
        Set<Path> files = new HashSet<>();
        try (Networks networks = open(4, 100, 4)) {
            for (int i = 0; i < 6; i++) {
                files.add(networks.claim(request("a", LIST)).namespace());
            }
        }
        assertThat(files).hasSize(6).allSatisfy(file -> assertThat(file).doesNotExist());
    }

    private Networks open(int ready, int refillRate, int kept) throws InterruptedException {
        NetworkConfig d = NetworkConfig.DEFAULTS;
        return new Networks(
                new NetworkConfig(
                        d.subnet(),
                        d.refused(),
                        List.of("198.51.100.53"),
                        d.ipv6(),
                        d.smtp(),
                        d.sharedSpace(),
                        d.connectionsMax(),
                        new NetworkPoolConfig(ready, refillRate, kept, Duration.ofMinutes(1), 1_000)),
                folder.resolve("netns"),
                tag);
    }

    private String table() throws InterruptedException {
        return HostCommands.run("nft", "list", "table", "inet", "mayfly_" + tag);
    }

    private static NetworkRequest request(String tenant, EgressPolicy policy) {
        return new NetworkRequest("test", tenant, policy);
    }

    private static void await(Networks networks, Predicate<Networks.Counts> wanted) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!wanted.test(networks.counts())) {
            assertThat(System.nanoTime() - deadline)
                    .as("still %s", networks.counts())
                    .isNegative();
            Thread.sleep(10);
        }
    }
}

package dev.mayfly.sandbox.network;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import dev.mayfly.sandbox.HostCommands;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the machine's own network looks like: its routes, its name servers, the size of its packets.
 *
 * @param ipv6 whether it has a default route for IPv6
 * @param ipv6Advertised whether that route came by a router's advertisement, which a forwarding machine ignores by default
 */
record HostNetwork(List<int[]> routes, int mtu, boolean ipv6, boolean ipv6Advertised) {
    private static final Logger log = LoggerFactory.getLogger(HostNetwork.class);
    private static final Pattern NETWORK = Pattern.compile(
            "^(?:unreachable |blackhole )?(\\d+\\.\\d+\\.\\d+\\.\\d+)(?:/(\\d+))?.*?(?: dev (\\S+))?.*");
    private static final Pattern DEFAULT = Pattern.compile("^default .*dev (\\S+).*");
    private static final int MTU_MIN = 1_280;
    private static final int MTU_DEFAULT = 1_500;
    private static final Path FORWARD = Path.of("/proc/sys/net/ipv4/ip_forward");
    private static final Path FORWARD6 = Path.of("/proc/sys/net/ipv6/conf/all/forwarding");

    /** @param ownPrefix links of this server, which do not count */
    static HostNetwork read(String ownPrefix) throws InterruptedException {
        List<int[]> routes = new ArrayList<>();
        int mtu = MTU_DEFAULT;
        for (String line : HostCommands.run("ip", "-4", "route", "show", "table", "main")
                .lines()
                .toList()) {
            Matcher network = NETWORK.matcher(line);
            Matcher standard = DEFAULT.matcher(line);
            if (standard.matches()) {
                mtu = mtuOf(standard.group(1));
            } else if (network.matches() && !line.contains(" dev " + ownPrefix)) {
                String bits = network.group(2);
                routes.add(new int[] {Subnet.address(network.group(1)), bits == null ? 32 : Integer.parseInt(bits)});
            }
        }
        List<String> defaults6 = HostCommands.attempt("", List.of("ip", "-6", "route", "show", "default"))
                .output()
                .lines()
                .filter(line -> DEFAULT.matcher(line).matches())
                .toList();
        return new HostNetwork(
                routes,
                mtu,
                Files.exists(FORWARD6) && !defaults6.isEmpty(),
                defaults6.stream().anyMatch(line -> line.contains(" proto ra ")));
    }

    private static int mtuOf(String link) {
        try {
            return Math.max(
                    MTU_MIN,
                    Integer.parseInt(Files.readString(Path.of("/sys/class/net", link, "mtu"))
                            .strip()));
        } catch (IOException e) {
            return MTU_DEFAULT;
        }
    }

    /** The first /20 that no route of the machine overlaps, looking from a place that the tag picks. */
    Subnet freeSubnet(String tag) {
        int start = Integer.parseInt(tag, 16);
        for (int i = 0; i < 1 << 10; i++) {
            Subnet subnet = Subnet.ofPrivateRange(start + i, tag);
            if (routes.stream().noneMatch(route -> subnet.overlaps(route[0], route[1]))) {
                return subnet;
            }
        }
        throw new MayflyException(
                ErrorCode.CONFIG_INVALID,
                "network.subnet: nothing in 10.64.0.0/10 is free (expected: a /20 that this machine does not use)");
    }

    /** Turns on what packets of sandboxes need to get on. Returns whether IPv6 ones do. */
    boolean forward(boolean wanted6) {
        turnOn(FORWARD, "IPv4");
        if (!wanted6 || !ipv6) {
            return false;
        }
        if (ipv6Advertised && !isOn(FORWARD6)) {
            log.warn(
                    "Sandboxes get no IPv6: this machine has its IPv6 route by a router's advertisement and would lose it"
                            + " by forwarding. Set net.ipv6.conf.LINK.accept_ra = 2 and net.ipv6.conf.all.forwarding = 1, or"
                            + " network.ipv6 = false");
            return false;
        }
        return turnOn(FORWARD6, "IPv6");
    }

    private static boolean isOn(Path setting) {
        try {
            return !Files.readString(setting).strip().equals("0");
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean turnOn(Path setting, String family) {
        if (isOn(setting)) {
            return true;
        }
        try {
            Files.writeString(setting, "1\n");
            log.atInfo().addKeyValue("family", family).log("Turned on forwarding: apps need it to reach anything");
            return true;
        } catch (IOException e) {
            log.atWarn()
                    .addKeyValue("family", family)
                    .setCause(e)
                    .log("Cannot turn on forwarding: apps and builds will reach nothing");
            return false;
        }
    }

    /** The machine's name servers as it uses them itself. */
    static List<String> ownResolvers() {
        return nameServers(Path.of("/etc/resolv.conf"));
    }

    /** The machine's name servers; where it has a local cache only, the servers behind that. */
    static List<String> resolvers() {
        for (String file : List.of("/etc/resolv.conf", "/run/systemd/resolve/resolv.conf")) {
            List<String> servers = nameServers(Path.of(file)).stream()
                    .filter(server -> !InetAddress.ofLiteral(server).isLoopbackAddress())
                    .toList();
            if (!servers.isEmpty()) {
                return servers;
            }
        }
        return List.of();
    }

    private static List<String> nameServers(Path file) {
        try {
            return Files.readAllLines(file).stream()
                    .map(String::strip)
                    .filter(line -> line.startsWith("nameserver "))
                    .map(line -> line.substring("nameserver ".length()).strip())
                    .filter(server -> server.matches("\\d{1,3}(\\.\\d{1,3}){3}|[0-9a-fA-F:]+:[0-9a-fA-F:.]*"))
                    .toList();
        } catch (IOException e) {
            return List.of(); // Not on this machine.
        }
    }
}

package dev.mayfly.sandbox.network;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import dev.mayfly.sandbox.Commands;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the machine's own network looks like: its routes, its name servers, the size of its packets. */
record HostNetwork(List<int[]> routes, int mtu) {
    private static final Pattern NETWORK = Pattern.compile(
            "^(?:unreachable |blackhole )?(\\d+\\.\\d+\\.\\d+\\.\\d+)(?:/(\\d+))?.*?(?: dev (\\S+))?.*");
    private static final Pattern DEFAULT = Pattern.compile("^default .*dev (\\S+).*");
    private static final int MTU_MIN = 1_280;
    private static final int MTU_DEFAULT = 1_500;

    /** @param ownPrefix links of this server, which do not count */
    static HostNetwork read(String ownPrefix) throws InterruptedException {
        List<int[]> routes = new ArrayList<>();
        int mtu = MTU_DEFAULT;
        for (String line : Commands.run("ip", "-4", "route", "show", "table", "main")
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
        return new HostNetwork(routes, mtu);
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
            Subnet subnet = Subnet.ofPrivateRange(start + i);
            if (routes.stream().noneMatch(route -> subnet.overlaps(route[0], route[1]))) {
                return subnet;
            }
        }
        throw new MayflyException(
                ErrorCode.CONFIG_INVALID,
                "network.subnet: nothing in 10.64.0.0/10 is free (expected: a /20 that this machine does not use)");
    }

    /** The machine's name servers; where it has a local cache only, the servers behind that. */
    static List<String> resolvers() {
        for (String file : List.of("/etc/resolv.conf", "/run/systemd/resolve/resolv.conf")) {
            try {
                List<String> servers = Files.readAllLines(Path.of(file)).stream()
                        .map(String::strip)
                        .filter(line -> line.startsWith("nameserver "))
                        .map(line -> line.substring("nameserver ".length()).strip())
                        .filter(server -> server.matches("\\d+\\.\\d+\\.\\d+\\.\\d+") && !server.startsWith("127."))
                        .toList();
                if (!servers.isEmpty()) {
                    return servers;
                }
            } catch (IOException e) {
                // Not on this machine.
            }
        }
        return List.of();
    }
}

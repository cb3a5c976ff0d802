package dev.mayfly.sandbox.network;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import dev.mayfly.sandbox.Commands;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes one network for each sandbox: a namespace with loopback and, over a pair of virtual links, an address that the host
 * can reach. What may leave is decided by this server's own firewall table (see {@link Firewall}). Namespaces are held by a
 * file in the data folder inside this process' mount namespace: they go with it.
 */
public final class Networks implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Networks.class);

    /**
     * @param namespace file of the namespace
     * @param address address of the sandbox
     */
    public record Network(int link, Path namespace, String address) {}

    private final Path folder;
    private final String prefix;
    private final Subnet subnet;
    private final Firewall firewall;
    private final List<String> resolvers;
    private final BitSet links = new BitSet(Subnet.LINKS);
    private final int mtu;

    /** @param tag four characters that tell this server from others on the machine */
    public Networks(NetworkConfig config, Path folder, String tag) throws InterruptedException {
        this.folder = folder;
        this.prefix = "mf" + tag;
        HostNetwork host = HostNetwork.read(prefix);
        this.subnet = config.subnet().map(Subnet::parse).orElseGet(() -> host.freeSubnet(tag));
        this.resolvers = config.resolvers().isEmpty() ? HostNetwork.resolvers() : config.resolvers();
        this.mtu = host.mtu();
        this.firewall = new Firewall("mayfly_" + tag, prefix, subnet, resolvers, config.refused());
        try {
            Files.createDirectories(folder);
            removeNames(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        removeLinks(); // Of a predecessor that was killed.
        firewall.install();
        allowForwarding();
    }

    /** Names of a predecessor's namespaces. What was mounted on them went with its mount namespace. */
    private static void removeNames(Path folder) throws IOException {
        try (Stream<Path> names = Files.list(folder)) {
            for (Path each : names.toList()) {
                Files.deleteIfExists(each);
            }
        }
    }

    public List<String> resolvers() {
        return resolvers;
    }

    /** Makes a network; {@code open}: its sandbox may reach what the firewall does not refuse. */
    public Network create(String id, boolean open) throws InterruptedException {
        int link = take();
        Path namespace = folder.resolve(id);
        String name = prefix + link;
        try {
            Files.createFile(namespace);
            Commands.run("unshare", "--net=" + namespace, "true");
            Commands.run(
                    String.format(
                            Locale.ROOT,
                            "link add %1$s mtu %2$d type veth peer name eth0 mtu %2$d netns %3$s%naddr add %4$s/30 dev %1$s%nlink set %1$s up%n",
                            name,
                            mtu,
                            namespace,
                            subnet.host(link)),
                    List.of("ip", "-batch", "-"));
            Commands.run(
                    String.format(
                            Locale.ROOT,
                            "link set lo up%naddr add %s/30 dev eth0%nlink set eth0 up%nroute add default via %s%n",
                            subnet.sandbox(link),
                            subnet.host(link)),
                    List.of("nsenter", "--net=" + namespace, "ip", "-batch", "-"));
            if (open) {
                firewall.open(name);
            }
            return new Network(link, namespace, subnet.sandbox(link));
        } catch (IOException e) {
            destroy(link, namespace);
            throw new UncheckedIOException(e);
        } catch (RuntimeException | InterruptedException e) {
            destroy(link, namespace);
            throw e;
        }
    }

    /** Removes the network. */
    public void destroy(Network network) throws InterruptedException {
        destroy(network.link(), network.namespace());
    }

    private void destroy(int link, Path namespace) throws InterruptedException {
        String name = prefix + link;
        firewall.close(name);
        // Removing the host's end removes the other one and with it every way in.
        Commands.attempt("", List.of("ip", "link", "delete", name));
        Commands.attempt("", List.of("umount", "--lazy", namespace.toString()));
        try {
            Files.deleteIfExists(namespace);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        give(link);
    }

    /** What is left of a network that was destroyed. */
    public List<String> leftovers(Network network) {
        Path link = Path.of("/sys/class/net", prefix + network.link());
        List<String> left = new java.util.ArrayList<>();
        if (Files.exists(network.namespace())) {
            left.add("network namespace " + network.namespace());
        }
        if (Files.exists(link) && !taken(network.link())) {
            left.add("link " + link.getFileName());
        }
        return left;
    }

    private synchronized int take() {
        int link = links.nextClearBit(0);
        if (link >= Subnet.LINKS) {
            throw new MayflyException(ErrorCode.CAPACITY_EXHAUSTED, "all " + Subnet.LINKS + " networks are in use");
        }
        links.set(link);
        return link;
    }

    private synchronized void give(int link) {
        links.clear(link);
    }

    private synchronized boolean taken(int link) {
        return links.get(link);
    }

    private void removeLinks() throws InterruptedException {
        try (var entries = Files.list(Path.of("/sys/class/net"))) {
            for (Path entry : entries.toList()) {
                String name = String.valueOf(entry.getFileName());
                if (name.matches(prefix + "\\d+")) {
                    Commands.attempt("", List.of("ip", "link", "delete", name));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void allowForwarding() {
        Path setting = Path.of("/proc/sys/net/ipv4/ip_forward");
        try {
            if (Files.readString(setting).strip().equals("0")) {
                Files.writeString(setting, "1\n");
                log.info("Turned on IPv4 forwarding: apps need it to reach anything");
            }
        } catch (IOException e) {
            log.atWarn().setCause(e).log("Cannot turn on IPv4 forwarding: apps and builds will reach nothing");
        }
    }

    @Override
    public void close() {
        try {
            removeLinks();
            firewall.remove();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

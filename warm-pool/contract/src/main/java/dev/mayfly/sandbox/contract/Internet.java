package dev.mayfly.sandbox.contract;

import dev.mayfly.sandbox.HostCommands;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A piece of internet in a namespace of its own, behind a link of this machine: servers under public-looking, private,
 * link-local and metadata-like addresses that nothing but the firewall keeps a sandbox from.
 */
public final class Internet implements AutoCloseable {
    static final List<String> NETWORKS = List.of(
            "203.0.113.0/24",
            "192.168.213.0/24",
            "169.254.113.0/24",
            "2001:db8:113::/64",
            "fd00:213::/64",
            "fd00:ec2:0:113::/64",
            "64:ff9b::cb00:7100/120");

    /** Single addresses of clouds, and IPv4 ones in the dress of IPv6; the networks above have the rest. */
    static final List<String> METADATA = List.of(
            "100.100.100.200",
            "100.96.0.96",
            "100.80.80.80",
            "100.64.113.10",
            "168.63.129.16",
            "192.0.0.192",
            "169.254.170.2",
            "169.254.0.23",
            "fd00:ec2::23",
            "fd20:ce::254",
            "fd00:c1::a9fe:a9fe",
            "fd00:a9fe:a9fe::1",
            "fd00:42::42",
            "fd00:100::100:200",
            "64:ff9b::6464:64c8",
            "2002:6464:64c8::1",
            "2001:0:6464:64c8::1");

    private final String link;
    private final Path namespace;
    private final Process server;
    private final List<String> said = Collections.synchronizedList(new ArrayList<>());

    Internet(String tag, Path folder, Path probe, String... ports) throws Exception {
        link = "ut" + tag;
        namespace = folder.resolve("internet");
        Files.createFile(namespace);
        HostCommands.run("unshare", "--net=" + namespace, "true");
        HostCommands.run(
                "ip", "link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", namespace.toString());
        StringBuilder near = new StringBuilder("link set " + link + " up\n");
        StringBuilder far = new StringBuilder("link set lo up\nlink set eth0 up\n");
        for (String network : NETWORKS) {
            int slash = network.indexOf('/');
            String base = network.substring(0, slash).replaceAll("(::|\\.0|:7100)$", "");
            String bits = network.substring(slash);
            String nodad = network.contains(":") ? " nodad" : "";
            near.append("addr add " + host(base, network, 1) + bits + " dev " + link + nodad + "\n");
            for (int server : new int[] {10, 20, 30}) {
                far.append("addr add " + host(base, network, server) + bits + " dev eth0" + nodad + "\n");
            }
        }
        for (String address : METADATA) {
            String dress = address.contains(":") ? "/128" : "/32";
            near.append("route add " + address + dress + " via " + gateway(address) + "\n");
            far.append("addr add " + address + dress + " dev eth0" + (address.contains(":") ? " nodad" : "") + "\n");
        }
        far.append("route add default via 203.0.113.1\n-6 route add default via 2001:db8:113::1\n");
        HostCommands.run(near.toString(), List.of("ip", "-batch", "-"));
        HostCommands.run(
                far.toString().replace("-6 route", "route"),
                List.of("nsenter", "--net=" + namespace, "ip", "-batch", "-"));
        List<String> argv = new ArrayList<>(List.of("nsenter", "--net=" + namespace, probe.toString(), "serve"));
        argv.addAll(List.of(ports));
        server = new ProcessBuilder(argv).redirectErrorStream(true).start();
        CountDownLatch ready = new CountDownLatch(1);
        Thread.ofPlatform().daemon().start(() -> listen(server.inputReader(), ready));
        if (!ready.await(20, TimeUnit.SECONDS)) {
            throw new IllegalStateException("the internet did not start: " + said);
        }
    }

    /** A server of the first network of the same family. */
    private static String gateway(String address) {
        return address.contains(":") ? "2001:db8:113::10" : "203.0.113.10";
    }

    /** Server n of a network: n itself as it is written, for IPv4 and IPv6 alike. */
    private static String host(String base, String network, int n) {
        if (network.startsWith("64:ff9b")) {
            return base + ":71" + "%02x".formatted(n);
        }
        return network.contains(":") ? base + "::" + n : base + "." + n;
    }

    private void listen(BufferedReader out, CountDownLatch ready) {
        try (out) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                said.add(line);
                ready.countDown();
            }
        } catch (IOException e) {
            // It was ended.
        }
    }

    /** Lines of the server: whose packets came. */
    List<String> said() {
        synchronized (said) {
            return List.copyOf(said);
        }
    }

    @Override
    public void close() throws IOException {
        server.destroyForcibly().onExit().join();
        try {
            HostCommands.attempt("", List.of("ip", "link", "delete", link));
            HostCommands.attempt("", List.of("umount", namespace.toString()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Files.deleteIfExists(namespace);
    }
}

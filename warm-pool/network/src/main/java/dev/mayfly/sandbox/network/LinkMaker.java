package dev.mayfly.sandbox.network;

import dev.mayfly.sandbox.network.netlink.Address;
import dev.mayfly.sandbox.network.netlink.Links;
import dev.mayfly.sandbox.network.netlink.Namespaces;
import dev.mayfly.sandbox.network.netlink.Pair;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** Makes the networks of links and takes them away, with proof. Decides nothing. */
final class LinkMaker implements Background.Maker, AutoCloseable {
    private static final Path ALL = Path.of("/sys/class/net");

    /** The kernel cleans up after namespaces in a queue of its own; past this the link is removed by name. */
    private static final long GONE_BY_ITSELF_MS = 2_000;

    private static final long GONE_LIMIT_MS = 10_000;
    private static final long POLL_MS = 5;

    private final String prefix;
    private final Path folder;
    private final Subnet subnet;
    private final int mtu;
    private final boolean ipv6;
    private final Firewall firewall;
    private final Links links = Links.open();
    private final Namespaces namespaces = new Namespaces(links);
    private final Map<Integer, PolicyBinding> unended = new ConcurrentHashMap<>();

    LinkMaker(String prefix, Path folder, Subnet subnet, int mtu, boolean ipv6, Firewall firewall) {
        this.prefix = prefix;
        this.folder = folder;
        this.subnet = subnet;
        this.mtu = mtu;
        this.ipv6 = ipv6;
        this.firewall = firewall;
    }

    String name(int link) {
        return prefix + link;
    }

    boolean isThere(int link) {
        return links.exists(name(link));
    }

    Path file(int link) {
        return folder.resolve("link" + link);
    }

    /** Makes all of it; only on the one thread that does nothing else. @throws RuntimeException and then parts may be there */
    @Override
    public void make(int link) {
        List<Address> near = new ArrayList<>(List.of(subnet.host(link)));
        List<Address> far = new ArrayList<>(List.of(subnet.sandbox(link)));
        if (ipv6) {
            near.add(subnet.host6(link));
            far.add(subnet.sandbox6(link));
        }
        firewall.join(name(link), own(link));
        namespaces.make(file(link), new Pair(name(link), mtu, mac(0x02, link), mac(0x06, link), near, far));
    }

    /** Links of which anything is there. */
    List<Integer> there() {
        String file = file(0).getFileName().toString().replaceFirst("0$", "");
        Set<Integer> numbers = new TreeSet<>();
        try (Stream<Path> all = Files.list(ALL);
                Stream<Path> files = Files.list(folder)) {
            all.forEach(path -> number(path, prefix).ifPresent(numbers::add));
            files.forEach(path -> number(path, file).ifPresent(numbers::add));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return List.copyOf(numbers);
    }

    private static Optional<Integer> number(Path path, String before) {
        String name = String.valueOf(path.getFileName());
        return name.startsWith(before) && name.substring(before.length()).matches("\\d{1,4}")
                ? Optional.of(Integer.valueOf(name.substring(before.length())))
                : Optional.empty();
    }

    /** Lets the link send in a new table. */
    void rejoin(int link) {
        firewall.join(name(link), own(link));
    }

    /** Before {@link #destroy}, also take the policy off it. */
    void endLater(int link, PolicyBinding binding) {
        unended.put(link, binding);
    }

    /** Takes links away and returns those of which something is left. */
    @Override
    public List<Integer> destroy(List<Integer> going) throws InterruptedException {
        List<Integer> left = new ArrayList<>();
        for (int link : going) {
            try {
                PolicyBinding binding = unended.get(link);
                if (binding != null) {
                    binding.end();
                    unended.remove(link);
                }
                firewall.leave(name(link), own(link));
                Namespaces.remove(file(link));
            } catch (RuntimeException e) {
                left.add(link);
            }
        }
        awaitGone(going.stream().map(this::name).toList());
        for (int link : going) {
            boolean isLeft = links.exists(name(link)) || Files.exists(file(link));
            if (isLeft && !left.contains(link)) {
                left.add(link);
            }
        }
        return left;
    }

    private void awaitGone(List<String> names) throws InterruptedException {
        List<String> there = new ArrayList<>(names);
        long start = System.nanoTime();
        boolean forced = false;
        for (long ms = 0; ms < GONE_LIMIT_MS; ms = (System.nanoTime() - start) / 1_000_000) {
            there.removeIf(name -> !links.exists(name));
            if (there.isEmpty()) {
                return;
            }
            if (ms > GONE_BY_ITSELF_MS && !forced) {
                forced = true;
                there.forEach(links::remove);
            }
            Thread.sleep(POLL_MS);
        }
    }

    /** The link that holds the address of our name server. */
    void makeNameServer() {
        links.makeHolder(prefix + "dns", List.of(subnet.nameServer()));
    }

    /**
     * Takes away what a predecessor that was killed can have left, but for the links of sandboxes that may outlive it: those are
     * in the answer, with some that are going.
     */
    List<Integer> succeed() throws InterruptedException {
        removeFiles();
        links.remove(prefix + "dns");
        awaitGone(List.of(prefix + "dns"));
        return there();
    }

    /** Takes away whatever bears our names. */
    void removeAll() throws InterruptedException {
        removeFiles();
        List<String> names;
        try (Stream<Path> all = Files.list(ALL)) {
            names = all.map(path -> String.valueOf(path.getFileName()))
                    .filter(name -> name.matches(prefix + "(\\d+|dns)"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        links.remove(prefix + "dns");
        awaitGone(names);
    }

    private void removeFiles() {
        try {
            Files.createDirectories(folder);
            try (Stream<Path> files = Files.list(folder)) {
                files.forEach(Namespaces::remove);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<byte[]> own(int link) {
        byte[] v4 = subnet.sandbox(link).address().getAddress();
        return ipv6 ? List.of(v4, subnet.sandbox6(link).address().getAddress()) : List.of(v4);
    }

    /** Local addresses that differ between the sides and between links. */
    private long mac(int first, int link) {
        return ((long) first << 40) | ((long) 'm' << 32) | ((subnet.base() + link * 4L) & 0xffffffffL);
    }

    @Override
    public void close() {
        namespaces.close();
        links.close();
    }
}

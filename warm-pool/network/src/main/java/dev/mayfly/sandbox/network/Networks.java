package dev.mayfly.sandbox.network;

import dev.mayfly.model.EgressPolicy;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import dev.mayfly.runtime.health.Health;
import dev.mayfly.sandbox.MountNamespace;
import dev.mayfly.sandbox.Sweep;
import dev.mayfly.sandbox.network.names.Clients;
import dev.mayfly.sandbox.network.names.Forwarder;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One network for each sandbox: a namespace with loopback and, over a pair of virtual links, an address that the host can
 * reach. They are made ahead; a claim takes one that stands ready and binds the policy to it. What was used is used again for
 * the same tenant only, else destroyed in the background. What may leave is decided by this server's own firewall table (see
 * {@link Firewall}); names are looked up by our own name server where a policy is a list (see {@link Forwarder}).
 *
 * <p>Namespaces are held by files in the data folder inside this process' mount namespace: they go with it, but for those of
 * sandboxes that outlive it. Those can be adopted by a successor.
 */
public final class Networks implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Networks.class);
    private static final long MAKE_LIMIT_S = 20;
    private static final long FULL_LIMIT_MS = 3_000;

    /**
     * How many there are of each kind.
     *
     * @param kept used, and waiting for their tenant
     * @param going to be destroyed, or being destroyed
     * @param stuck something of them is left that does not go; tried again, and not used before it is gone
     */
    public record Counts(int ready, int claimed, int kept, int going, int stuck) {
        public static final Counts NONE = new Counts(0, 0, 0, 0, 0);
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final LinkPool pool;
    private final LinkMaker maker;
    private final Background background;
    private final Firewall firewall;
    private final Forwarder names;
    private final Subnet subnet;
    private final boolean ipv6;
    private final List<String> openResolvers;
    private final Map<Integer, PolicyBinding> bindings = new ConcurrentHashMap<>();

    /** Begins anywhere, so that marks of a predecessor's connections mean nothing. */
    private final AtomicInteger numbers = new AtomicInteger(new SecureRandom().nextInt(1, 1 << 30));

    /** With a health that nobody asks. */
    public Networks(NetworkConfig config, Path folder, String tag) throws InterruptedException {
        this(config, folder, tag, new Health());
    }

    /**
     * @param folder for the namespaces' files; emptied
     * @param tag four characters that tell this server from others on the machine
     * @param health learns whether networks can be made and names be looked up
     */
    public Networks(NetworkConfig config, Path folder, String tag, Health health) throws InterruptedException {
        MountNamespace.refusal().ifPresent(why -> {
            throw new MayflyException(ErrorCode.UNSUPPORTED, "networks: " + why);
        });
        String prefix = "mf" + tag;
        HostNetwork host = HostNetwork.read(prefix);
        this.subnet = config.subnet().map(text -> Subnet.parse(text, tag)).orElseGet(() -> host.freeSubnet(tag));
        this.ipv6 = host.forward(config.ipv6());
        this.openResolvers = (config.resolvers().isEmpty() ? HostNetwork.resolvers() : config.resolvers())
                .stream().filter(server -> ipv6 || !server.contains(":")).toList();
        this.firewall = new Firewall("mayfly_" + tag, prefix, FirewallRules.of(config, subnet, openResolvers));
        this.maker = new LinkMaker(prefix, folder, subnet, host.mtu(), ipv6, firewall);
        this.pool = new LinkPool(Subnet.LINKS, config.pool(), now());
        try {
            maker.succeed().stream().filter(link -> link < Subnet.LINKS).forEach(link -> pool.left(link, now()));
            firewall.install();
            maker.makeNameServer();
            this.names = new Forwarder(
                    subnet.nameServer().address(),
                    config.resolvers().isEmpty() ? HostNetwork.ownResolvers() : config.resolvers(),
                    config.refusedPrefixes(),
                    new Listed(),
                    health);
        } catch (RuntimeException | InterruptedException e) {
            removeAll();
            throw e;
        }
        this.background = new Background(maker, new Registry(), health);
    }

    /**
     * Takes a network that stands ready, or makes one, and binds the policy to it.
     *
     * @throws MayflyException {@code CAPACITY_EXHAUSTED} if all are in use; {@code INTERNAL} if the kernel refuses
     */
    public Network claim(NetworkRequest request) throws InterruptedException {
        int link = take(request);
        try {
            Network network = network(link, numbers.incrementAndGet(), request);
            bindings.put(link, new PolicyBinding(firewall, maker.name(link), network, request));
            return network;
        } catch (RuntimeException e) {
            giveBack(link, null);
            throw new MayflyException(
                    ErrorCode.INTERNAL, "cannot bind the network of " + request.id() + ": " + e.getMessage(), e);
        } catch (Error e) {
            giveBack(link, null);
            throw e;
        }
    }

    private Network network(int link, int number, NetworkRequest request) {
        return new Network(
                link,
                number,
                maker.file(link),
                subnet.sandbox(link).address().getHostAddress(),
                ipv6 ? Optional.of(subnet.sandbox6(link).address().getHostAddress()) : Optional.empty(),
                resolvers(request.policy()));
    }

    /**
     * Claims the network of a sandbox that outlived the server that had claimed it, with the same policy. What it has connected
     * stays connected, but for names that it looked up under a list. After its release it is destroyed.
     *
     * @param trace what the other server wrote of it ({@link Network#trace})
     * @return empty if it is not there any more, or has other addresses than this server would give it
     * @throws MayflyException {@code INTERNAL} if the kernel refuses
     */
    public Optional<Network> adopt(String trace, NetworkRequest request) {
        Optional<Network.Trace> seen = Network.Trace.parse(trace);
        Network network = null;
        lock.lock();
        try {
            if (seen.isPresent() && maker.isThere(seen.get().link())) {
                Network same = network(seen.get().link(), seen.get().number(), request);
                network = same.trace().equals(trace) && pool.adopt(same.link()) ? same : null;
            }
        } finally {
            lock.unlock();
        }
        if (network == null) {
            return Optional.empty();
        }
        try {
            maker.rejoin(network.link());
            bindings.put(network.link(), new PolicyBinding(firewall, maker.name(network.link()), network, request));
            return Optional.of(network);
        } catch (RuntimeException e) {
            giveBack(network.link(), null);
            throw new MayflyException(
                    ErrorCode.INTERNAL, "cannot adopt the network of " + request.id() + ": " + e.getMessage(), e);
        } catch (Error e) {
            giveBack(network.link(), null);
            throw e;
        }
    }

    /**
     * Binds another policy to a network that is claimed, and makes it another tenant's: for a sandbox that nobody's code has
     * run in. Connections of before are cut off.
     *
     * @throws IllegalStateException if it was given back before
     * @throws MayflyException {@code INTERNAL} if the kernel refuses; the network then leads nowhere and is to be discarded
     */
    public Network rebind(Network network, NetworkRequest request) {
        PolicyBinding before = bindings.get(network.link());
        if (before == null || !before.network().equals(network)) {
            throw new IllegalStateException("network " + network.link() + " is not claimed by " + network.number());
        }
        Network after = new Network(
                network.link(),
                numbers.incrementAndGet(),
                network.namespace(),
                network.address(),
                network.address6(),
                resolvers(request.policy()));
        try {
            before.end();
            PolicyBinding bound = new PolicyBinding(firewall, maker.name(network.link()), after, request);
            if (!bindings.replace(network.link(), before, bound)) {
                bound.end();
                throw new IllegalStateException("it was given back meanwhile");
            }
            return after;
        } catch (RuntimeException e) {
            throw new MayflyException(
                    ErrorCode.INTERNAL, "cannot bind the network of " + request.id() + ": " + e.getMessage(), e);
        }
    }

    /**
     * Gives a network back. Nothing may run in it any more. At once nothing may leave it; then it is kept for its tenant or
     * destroyed in the background.
     *
     * @throws IllegalStateException if it was given back before
     */
    public void release(Network network) {
        release(network, true);
    }

    /**
     * Gives a network back whose namespace is not as it was: it is not used again.
     *
     * @throws IllegalStateException if it was given back before
     */
    public void discard(Network network) {
        release(network, false);
    }

    private void release(Network network, boolean again) {
        PolicyBinding binding = bindings.get(network.link());
        if (binding == null || !binding.network().equals(network) || !bindings.remove(network.link(), binding)) {
            throw new IllegalStateException("network " + network.link() + " is not claimed by " + network.number());
        }
        try {
            binding.end();
            // An adopted one has no file here: it goes with its sandbox.
            giveBack(network.link(), again && Files.exists(network.namespace()) ? binding.tenant() : null);
        } catch (RuntimeException e) {
            log.atWarn()
                    .addKeyValue("link", network.link())
                    .setCause(e)
                    .log("A network's policy could not be taken off it; it is destroyed");
            maker.endLater(network.link(), binding);
            giveBack(network.link(), null);
        }
    }

    public Counts counts() {
        lock.lock();
        try {
            return new Counts(
                    pool.count(LinkPool.State.READY),
                    pool.count(LinkPool.State.CLAIMED),
                    pool.count(LinkPool.State.KEPT),
                    pool.count(LinkPool.State.GOING)
                            + pool.count(LinkPool.State.DESTROYING)
                            - pool.stuck().size(),
                    pool.stuck().size());
        } finally {
            lock.unlock();
        }
    }

    /**
     * Finds links and namespaces that bear this server's names although none of its networks is there, and has them destroyed
     * in the background. What does not go is in the answer of a later sweep.
     */
    public Sweep sweep() {
        List<Integer> there = maker.there();
        int found = 0;
        List<String> left = new ArrayList<>();
        lock.lock();
        try {
            for (int link : there) {
                found += link < Subnet.LINKS && pool.found(link, now()) ? 1 : 0;
            }
            pool.stuck().forEach(link -> left.add("link " + maker.name(link)));
        } finally {
            lock.unlock();
        }
        background.wake();
        return new Sweep(found, left);
    }

    private List<String> resolvers(EgressPolicy policy) {
        return switch (policy) {
            case EgressPolicy.None _ -> List.of();
            case EgressPolicy.Open _ -> openResolvers;
            case EgressPolicy.Only _ -> List.of(subnet.nameServer().address().getHostAddress());
        };
    }

    private int take(NetworkRequest request) throws InterruptedException {
        CompletableFuture<Integer> made;
        lock.lockInterruptibly();
        try {
            long limit = TimeUnit.MILLISECONDS.toNanos(FULL_LIMIT_MS);
            LinkPool.Claim claim = pool.claim(request.tenant(), now());
            while (claim instanceof LinkPool.Claim.Full(boolean soon)) {
                background.wake();
                if (!soon || limit <= 0) {
                    throw new MayflyException(
                            ErrorCode.CAPACITY_EXHAUSTED, "all " + Subnet.LINKS + " networks are in use");
                }
                limit = changed.awaitNanos(limit);
                claim = pool.claim(request.tenant(), now());
            }
            background.wake();
            if (claim instanceof LinkPool.Claim.Take(int link)) {
                return link;
            }
            made = background.make(((LinkPool.Claim.Make) claim).link());
        } finally {
            lock.unlock();
        }
        return await(made, request.id());
    }

    private int await(CompletableFuture<Integer> made, String id) throws InterruptedException {
        try {
            return made.get(MAKE_LIMIT_S, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new MayflyException(
                    ErrorCode.INTERNAL, "cannot make the network of " + id + ": " + e.getCause(), e.getCause());
        } catch (TimeoutException e) {
            var _ = made.thenAccept(link -> giveBack(link, null));
            throw new MayflyException(
                    ErrorCode.INTERNAL, "the network of " + id + " was not made within " + MAKE_LIMIT_S + " s", e);
        } catch (InterruptedException e) {
            var _ = made.thenAccept(link -> giveBack(link, null));
            throw e;
        }
    }

    private void giveBack(int link, @Nullable String tenant) {
        lock.lock();
        try {
            pool.release(link, tenant, now());
        } finally {
            lock.unlock();
        }
        background.wake();
    }

    private static long now() {
        return System.nanoTime() / 1_000_000;
    }

    /** Takes all of it away, claimed or not. */
    @Override
    public void close() {
        background.close();
        names.close();
        removeAll();
    }

    private void removeAll() {
        try {
            maker.removeAll();
            firewall.remove();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            maker.close();
            firewall.close();
        }
    }

    /** The pool's registry, as the background sees them. */
    private final class Registry implements Background.Registry {
        @Override
        public List<LinkPool.Action> plan(int max) {
            lock.lock();
            try {
                return pool.plan(now(), max);
            } finally {
                lock.unlock();
            }
        }

        @Override
        public boolean busy() {
            lock.lock();
            try {
                return pool.busy();
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void made(int link) {
            note(() -> pool.made(link));
        }

        @Override
        public void failed(int link) {
            note(() -> pool.failed(link, now()));
        }

        @Override
        public void gone(int link) {
            note(() -> pool.gone(link));
        }

        @Override
        public void stuck(int link) {
            note(() -> pool.stuck(link, now()));
        }

        /** Without the table nothing is refused: it is written again within a second, with all that was in it. */
        @Override
        public void watch() throws InterruptedException {
            if (firewall.isThere()) {
                return;
            }
            log.error("Somebody removed the firewall table of sandboxes; writing it again");
            firewall.install();
            for (int link = 0; link < Subnet.LINKS; link++) {
                if (stateOf(link) != LinkPool.State.FREE) {
                    maker.rejoin(link);
                }
            }
            bindings.values().forEach(PolicyBinding::renew);
        }

        private LinkPool.State stateOf(int link) {
            lock.lock();
            try {
                return pool.state(link);
            } finally {
                lock.unlock();
            }
        }

        private void note(Runnable change) {
            lock.lock();
            try {
                change.run();
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    /** The sandboxes that ask our name server. */
    private final class Listed implements Clients {
        @Override
        public Optional<Client> at(InetAddress source) {
            return Optional.ofNullable(bindings.get(subnet.linkOf(source)))
                    .filter(PolicyBinding::isListed)
                    .map(PolicyBinding::network)
                    .map(network -> new Client(network.link(), network.number()));
        }

        @Override
        public Set<Integer> ports(Client client, String name) {
            return binding(client).map(binding -> binding.ports(name)).orElse(Set.of());
        }

        @Override
        public boolean hasIpv6() {
            return ipv6;
        }

        @Override
        public boolean allow(Client client, List<InetAddress> addresses, Set<Integer> ports, long ttlMs) {
            return binding(client)
                    .map(binding -> binding.allow(addresses, ports, ttlMs))
                    .orElse(false);
        }

        private Optional<PolicyBinding> binding(Client client) {
            return Optional.ofNullable(bindings.get(client.link()))
                    .filter(binding -> binding.network().number() == client.number());
        }
    }
}

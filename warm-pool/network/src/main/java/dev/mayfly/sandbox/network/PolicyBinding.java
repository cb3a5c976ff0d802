package dev.mayfly.sandbox.network;

import dev.mayfly.model.EgressPolicy;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** A policy on a link, from claim to release, with what was looked up meanwhile. Safe from many threads. */
final class PolicyBinding {
    private final Firewall firewall;
    private final String link;
    private final Network network;
    private final String tenant;
    private final EgressPolicy policy;
    private final Map<String, Set<Integer>> names = new TreeMap<>();
    private final Pins pins = new Pins();
    private boolean ended;

    /** Binds. @throws RuntimeException if the kernel refuses; then nothing is bound */
    PolicyBinding(Firewall firewall, String link, Network network, NetworkRequest request) {
        this.firewall = firewall;
        this.link = link;
        this.network = network;
        this.tenant = request.tenant();
        this.policy = request.policy();
        if (policy instanceof EgressPolicy.Only only) {
            only.destinations().stream()
                    .filter(destination -> destination.address().isEmpty())
                    .forEach(destination -> names.computeIfAbsent(destination.host(), _ -> new TreeSet<>())
                            .add(destination.port()));
        }
        firewall.bind(link, policy, network.number());
    }

    Network network() {
        return network;
    }

    String tenant() {
        return tenant;
    }

    boolean isListed() {
        return policy instanceof EgressPolicy.Only;
    }

    Set<Integer> ports(String name) {
        return names.getOrDefault(name, Set.of());
    }

    /** Opens the way; false if it is too late. */
    synchronized boolean allow(List<InetAddress> addresses, Set<Integer> ports, long ttlMs) {
        if (ended) {
            return false;
        }
        List<Pin> wanted = new ArrayList<>();
        for (InetAddress address : addresses) {
            for (int port : ports) {
                wanted.add(new Pin(address, Pin.TCP, port));
                wanted.add(new Pin(address, Pin.UDP, port));
            }
        }
        if (wanted.size() > Pins.MAX) {
            return false;
        }
        long now = System.nanoTime() / 1_000_000;
        Pins.Change change = pins.plan(wanted, ttlMs, now);
        firewall.pin(link, change);
        pins.done(change, now);
        return true;
    }

    /** Binds again in a new table. What was looked up must be looked up again; what is connected stays so. */
    synchronized void renew() {
        if (!ended) {
            pins.forget();
            firewall.bind(link, policy, network.number());
        }
    }

    /** Unbinds; from now on nothing is opened. @throws RuntimeException if the kernel refuses */
    synchronized void end() {
        ended = true;
        firewall.unbind(link, policy, network.number(), pins.all());
    }
}

package dev.mayfly.sandbox.network.names;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Who asks, and what may be opened for them. Called from many threads. */
public interface Clients {
    /**
     * A sandbox with a list of destinations.
     *
     * @param link number of its link
     * @param number of the claim, so that what comes late does not open anything for the next owner of the link
     */
    record Client(int link, int number) {}

    /** The sandbox behind an address; empty if it is none with a list. */
    Optional<Client> at(InetAddress source);

    /** Ports that the name has on the sandbox's list; empty if the name is not on it. */
    Set<Integer> ports(Client client, String name);

    /** Whether the sandbox has addresses of IPv6. */
    boolean hasIpv6();

    /** Lets the sandbox reach these for at least so long. Returns false if it cannot: then it must not be answered. */
    boolean allow(Client client, List<InetAddress> addresses, Set<Integer> ports, long ttlMs);
}

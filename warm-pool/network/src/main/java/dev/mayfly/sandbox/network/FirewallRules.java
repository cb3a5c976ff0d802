package dev.mayfly.sandbox.network;

import dev.mayfly.sandbox.network.names.Prefix;
import java.util.List;

/**
 * What the firewall's rules are made of.
 *
 * @param nameServer address of our own name server
 * @param resolvers name servers that open sandboxes ask themselves
 */
record FirewallRules(
        Prefix subnet,
        Prefix subnet6,
        String nameServer,
        List<Prefix> resolvers,
        List<Prefix> refused,
        boolean smtp,
        boolean sharedSpace,
        int connectionsMax) {
    static FirewallRules of(NetworkConfig config, Subnet subnet, List<String> resolvers) {
        return new FirewallRules(
                subnet.prefix(),
                subnet.prefix6(),
                subnet.nameServer().address().getHostAddress(),
                resolvers.stream().map(Prefix::parse).toList(),
                config.refusedPrefixes(),
                config.smtp(),
                config.sharedSpace(),
                config.connectionsMax());
    }
}

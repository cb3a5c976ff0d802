package dev.mayfly.sandbox.network;

import dev.mayfly.runtime.config.ConfigException;
import dev.mayfly.runtime.config.ConfigReader;
import dev.mayfly.sandbox.network.names.Prefix;
import java.util.List;
import java.util.Optional;

/**
 * The sandboxes' networks.
 *
 * @param subnet {@code network.subnet}: IPv4 network of size /20 for them, or empty to pick a free one out of
 *     10.64.0.0/10
 * @param refused {@code network.refused}: networks of either family that no sandbox may reach, besides those that are
 *     always refused
 * @param resolvers {@code network.resolvers}: addresses of name servers, or empty for those of the machine
 * @param ipv6 {@code network.ipv6}: whether sandboxes get an IPv6 address, if the machine has a default route for it
 * @param smtp {@code network.smtp}: whether sandboxes with {@code egress = "open"} may send mail to other mail servers
 *     (TCP port 25)
 * @param sharedSpace {@code network.shared-space}: whether sandboxes may reach 100.64.0.0/10, where VPNs such as
 *     Tailscale have their addresses; what clouds keep there for metadata stays refused
 * @param connectionsMax {@code network.connections-max}: connections out that one sandbox may have open at once, 1 to
 *     65,536
 * @param pool how many are made ahead
 */
public record NetworkConfig(
        Optional<String> subnet,
        List<String> refused,
        List<String> resolvers,
        boolean ipv6,
        boolean smtp,
        boolean sharedSpace,
        int connectionsMax,
        NetworkPoolConfig pool) {
    public static final NetworkConfig DEFAULTS = new NetworkConfig(
            Optional.empty(), List.of(), List.of(), true, false, false, 1_024, NetworkPoolConfig.DEFAULTS);

    public NetworkConfig {
        refused = List.copyOf(refused);
        resolvers = List.copyOf(resolvers);
        subnet.ifPresent(text -> {
            if (!text.matches("\\d{1,3}(\\.\\d{1,3}){3}/20")) {
                throw ConfigException.of("network.subnet", "'" + text + "'", "an IPv4 network of size /20");
            }
        });
        for (String network : refused) {
            requirePrefix("network.refused", network, "networks such as 10.0.0.0/8 or fd00::/8");
        }
        for (String resolver : resolvers) {
            if (resolver.contains("/")) {
                throw ConfigException.of("network.resolvers", "'" + resolver + "'", "addresses");
            }
            requirePrefix("network.resolvers", resolver, "addresses");
        }
        if (connectionsMax < 1 || connectionsMax > 65_536) {
            throw ConfigException.of("network.connections-max", String.valueOf(connectionsMax), "1 to 65536");
        }
    }

    private static void requirePrefix(String key, String value, String expected) {
        try {
            Prefix.parse(value);
        } catch (IllegalArgumentException e) {
            throw ConfigException.of(key, "'" + value + "'", expected);
        }
    }

    List<Prefix> refusedPrefixes() {
        return refused.stream().map(Prefix::parse).toList();
    }

    public static NetworkConfig from(ConfigReader config) {
        return new NetworkConfig(
                config.optional("network.subnet"),
                config.list("network.refused", DEFAULTS.refused()),
                config.list("network.resolvers", DEFAULTS.resolvers()),
                config.bool("network.ipv6", DEFAULTS.ipv6()),
                config.bool("network.smtp", DEFAULTS.smtp()),
                config.bool("network.shared-space", DEFAULTS.sharedSpace()),
                config.integer("network.connections-max", DEFAULTS.connectionsMax()),
                NetworkPoolConfig.from(config));
    }
}

package dev.mayfly.sandbox.network;

import dev.mayfly.runtime.config.ConfigException;
import dev.mayfly.runtime.config.ConfigReader;
import java.util.List;
import java.util.Optional;

/**
 * The sandboxes' networks.
 *
 * @param subnet IPv4 network of size /20 for them, or empty to pick a free one out of 10.64.0.0/10
 * @param refused networks that no sandbox may reach, besides those that are always refused
 * @param resolvers name servers for sandboxes, or empty for those of the machine
 */
public record NetworkConfig(Optional<String> subnet, List<String> refused, List<String> resolvers) {
    public static final NetworkConfig DEFAULTS = new NetworkConfig(Optional.empty(), List.of(), List.of());

    public NetworkConfig {
        refused = List.copyOf(refused);
        resolvers = List.copyOf(resolvers);
        subnet.ifPresent(text -> {
            if (!text.matches("\\d{1,3}(\\.\\d{1,3}){3}/20")) {
                throw ConfigException.of("network.subnet", "'" + text + "'", "an IPv4 network of size /20");
            }
        });
        for (String network : refused) {
            if (!network.matches("\\d{1,3}(\\.\\d{1,3}){3}(/\\d{1,2})?")) {
                throw ConfigException.of("network.refused", "'" + network + "'", "IPv4 networks");
            }
        }
    }

    public static NetworkConfig from(ConfigReader config) {
        return new NetworkConfig(
                config.optional("network.subnet"),
                config.list("network.refused", List.of()),
                config.list("network.resolvers", List.of()));
    }
}

package dev.mayfly.cluster;

import dev.mayfly.runtime.config.ConfigException;
import dev.mayfly.runtime.config.ConfigReader;
import dev.mayfly.runtime.health.Health;
import java.util.List;

/**
 * Other servers.
 *
 * @param name {@code cluster.name}: servers with different names ignore each other
 * @param host {@code cluster.host}: address to listen on for them
 * @param port {@code cluster.port}: to listen on for them
 * @param members {@code cluster.members}: {@code host:port} of the others; none: this server is alone
 */
public record ClusterConfig(String name, String host, int port, List<String> members) {
    public static final ClusterConfig DEFAULTS = new ClusterConfig("mayfly", "127.0.0.1", 9_002, List.of());

    public ClusterConfig {
        members = List.copyOf(members);
        if (port < 1 || port > 65_535) {
            throw ConfigException.of("cluster.port", port, "1 to 65535");
        }
        for (String member : members) {
            if (!member.matches("[A-Za-z0-9.-]{1,253}:\\d{1,5}")) {
                throw ConfigException.of("cluster.members", "'" + member + "'", "host:port");
            }
        }
    }

    public static ClusterConfig from(ConfigReader config) {
        return new ClusterConfig(
                config.string("cluster.name", DEFAULTS.name),
                config.string("cluster.host", DEFAULTS.host),
                config.integer("cluster.port", DEFAULTS.port),
                config.list("cluster.members", DEFAULTS.members));
    }

    /** Opens what the configuration asks for; the health learns whether it is heard. */
    public Cluster open(String self, Health health) {
        return members.isEmpty() ? new LocalCluster(self) : new HazelcastCluster(this, self, health);
    }
}

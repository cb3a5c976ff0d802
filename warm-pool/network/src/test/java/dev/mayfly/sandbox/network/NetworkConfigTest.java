package dev.mayfly.sandbox.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.runtime.config.ConfigException;
import dev.mayfly.runtime.config.ConfigReader;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class NetworkConfigTest {
    @Test
    void nothingMeansTheDefaults() {
        assertThat(NetworkConfig.from(ConfigReader.of(Map.of()))).isEqualTo(NetworkConfig.DEFAULTS);
    }

    @Test
    void everythingCanBeSet() {
        Map<String, String> values = Map.ofEntries(
                Map.entry("network.subnet", "10.80.0.0/20"),
                Map.entry("network.refused", "10.0.0.0/8,fd00::/8"),
                Map.entry("network.resolvers", "198.51.100.53,2001:db8::53"),
                Map.entry("network.ipv6", "false"),
                Map.entry("network.smtp", "true"),
                Map.entry("network.shared-space", "true"),
                Map.entry("network.connections-max", "7"),
                Map.entry("network.pool-size", "0"),
                Map.entry("network.refill-rate", "1"),
                Map.entry("network.reuse-size", "2"),
                Map.entry("network.reuse-time", "3s"),
                Map.entry("network.destroy-rate", "4"));
        assertThat(NetworkConfig.from(ConfigReader.of(values)))
                .isEqualTo(new NetworkConfig(
                        Optional.of("10.80.0.0/20"),
                        List.of("10.0.0.0/8", "fd00::/8"),
                        List.of("198.51.100.53", "2001:db8::53"),
                        false,
                        true,
                        true,
                        7,
                        new NetworkPoolConfig(0, 1, 2, Duration.ofSeconds(3), 4)));
    }

    @ParameterizedTest
    @CsvSource({
        "network.subnet, 10.0.0.0/24",
        "network.refused, private",
        "network.refused, 10.0.0.0/33",
        "network.refused, 10.0.0.1/8",
        "network.resolvers, dns.example",
        "network.resolvers, 10.0.0.0/8",
        "network.connections-max, 0",
        "network.connections-max, 65537",
        "network.pool-size, 257",
        "network.refill-rate, -1",
        "network.reuse-size, 257",
        "network.reuse-time, 0s",
        "network.destroy-rate, 0"
    })
    void whatIsWrongIsNamed(String key, String value) {
        assertThatThrownBy(() -> NetworkConfig.from(ConfigReader.of(Map.of(key, value))))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(key)
                .hasMessageContaining("(expected: ");
    }
}

package dev.mayfly.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.gateway.forward.CallLimits;
import dev.mayfly.runtime.config.ConfigException;
import dev.mayfly.runtime.config.ConfigReader;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class GatewayConfigTest {
    @Test
    void withoutSettingsAllIsAsByDefault() {
        assertThat(GatewayConfig.from(ConfigReader.of(Map.of()))).isEqualTo(GatewayConfig.DEFAULTS);
    }

    @Test
    void eachSettingHasItsKey() {
        ConfigReader config = ConfigReader.of(Map.ofEntries(
                Map.entry("gateway.host", "127.0.0.1"),
                Map.entry("gateway.port", "1"),
                Map.entry("gateway.loops", "2"),
                Map.entry("gateway.connections-max", "3"),
                Map.entry("gateway.header-bytes-max", "1024"),
                Map.entry("gateway.headers-max", "8"),
                Map.entry("gateway.uri-bytes-max", "256"),
                Map.entry("gateway.head-timeout", "4s"),
                Map.entry("gateway.keep-alive", "5s"),
                Map.entry("gateway.in-flight-max", "6"),
                Map.entry("gateway.in-flight-per-app-max", "7"),
                Map.entry("gateway.drain-timeout", "0s"),
                Map.entry("gateway.queue-timeout", "8s"),
                Map.entry("gateway.idle-timeout", "9s"),
                Map.entry("gateway.body-bytes-max", "0")));
        CallLimits d = CallLimits.DEFAULTS;
        assertThat(GatewayConfig.from(config))
                .isEqualTo(new GatewayConfig(
                        "127.0.0.1",
                        1,
                        2,
                        3,
                        1_024,
                        8,
                        256,
                        Duration.ofSeconds(4),
                        Duration.ofSeconds(5),
                        6,
                        7,
                        Duration.ZERO,
                        new CallLimits(
                                Duration.ofSeconds(8),
                                Duration.ofSeconds(9),
                                0,
                                d.connectTimeout(),
                                d.deathWait(),
                                d.connectionsPerInstance())));
        config.rejectUnknown();
    }

    @ParameterizedTest
    @CsvSource({
        "port, 65536",
        "loops, 1025",
        "connections-max, 0",
        "header-bytes-max, 1023",
        "headers-max, 7",
        "uri-bytes-max, 255",
        "head-timeout, 0s",
        "keep-alive, 0s",
        "in-flight-max, 0",
        "in-flight-per-app-max, 0",
        "queue-timeout, 0s",
        "idle-timeout, 0s",
        "body-bytes-max, -1"
    })
    void aValueOutOfItsBoundsIsNamed(String key, String value) {
        assertThatThrownBy(() -> GatewayConfig.from(ConfigReader.of(Map.of("gateway." + key, value))))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("gateway." + key);
    }
}

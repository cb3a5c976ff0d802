package dev.mayfly.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.runtime.config.ConfigReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ChosenPortsTest {
    @TempDir
    Path data;

    @Test
    void everyPortThatIsLeftToTheServerIsChosenAndManagementIsNotTheNextOne() {
        try (ChosenPorts chosen = ChosenPorts.choose(settings(Map.of("gateway.port", "0", "control.port", "0")))) {
            assertThat(chosen.settings()).containsOnlyKeys("gateway.port", "control.port", "management.port");
            Settings known = settings(chosen.settings());
            assertThat(Set.of(
                            known.gateway().port(),
                            known.control().port(),
                            known.management().port()))
                    .hasSize(3)
                    .doesNotContain(0);
            assertThat(known.control().url())
                    .isEqualTo("http://localhost:" + known.control().port());
        }
    }

    @Test
    void whatTheConfigurationNamesIsLeftAlone() {
        try (ChosenPorts chosen = ChosenPorts.choose(
                settings(Map.of("gateway.port", "8080", "control.port", "9000", "management.port", "0")))) {
            assertThat(chosen.settings()).isEmpty();
        }
    }

    @Test
    void aChosenPortIsNobodyElsesAndTheServerCanListenOnIt() throws IOException {
        try (ChosenPorts chosen = ChosenPorts.choose(settings(Map.of("gateway.port", "0", "control.port", "0")))) {
            InetSocketAddress address = new InetSocketAddress(
                    InetAddress.getLoopbackAddress(),
                    settings(chosen.settings()).control().port());
            try (ServerSocket stranger = new ServerSocket()) {
                stranger.setReuseAddress(false);
                assertThatThrownBy(() -> stranger.bind(address)).isInstanceOf(IOException.class);
            }
            try (ServerSocket own = new ServerSocket()) {
                own.setReuseAddress(true);
                own.bind(address);
                try (Socket caller = new Socket(address.getAddress(), address.getPort());
                        Socket accepted = own.accept()) {
                    assertThat(accepted.getPort()).isEqualTo(caller.getLocalPort());
                }
            }
        }
    }

    @Test
    void serversThatStartTogetherChooseDifferentOnes() {
        Set<ChosenPorts> all = new HashSet<>();
        Set<String> ports = new HashSet<>();
        try {
            for (int i = 0; i < 50; i++) {
                ChosenPorts chosen = ChosenPorts.choose(settings(Map.of("gateway.port", "0", "control.port", "0")));
                all.add(chosen);
                ports.addAll(chosen.settings().values());
            }
            assertThat(ports).hasSize(150);
        } finally {
            all.forEach(ChosenPorts::close);
        }
    }

    @Test
    void theyAreBelowThoseThatTheKernelTakesForConnections() throws Exception {
        Process cat = new ProcessBuilder("cat", "/proc/sys/net/ipv4/ip_local_port_range").start();
        int first = Integer.parseInt(
                new String(cat.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).split("\\s")[0]);
        // A machine whose connections may have nearly all ports leaves none below.
        assertThat(ChosenPorts.endOfRange()).isEqualTo(first >= 11_000 ? first : 65_536);
    }

    private Settings settings(Map<String, String> some) {
        Map<String, String> values = new HashMap<>(some);
        values.put("data", data.toString());
        return Settings.read(ConfigReader.of(values), Map.of());
    }
}

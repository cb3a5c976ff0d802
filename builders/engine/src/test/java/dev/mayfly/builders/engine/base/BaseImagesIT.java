package dev.mayfly.builders.engine.base;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.builders.image.LayerStore;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Needs mmdebstrap and the privilege to make namespaces. */
final class BaseImagesIT {
    @TempDir
    Path folder;

    /** The mirror takes the connection and never answers, so that it is killed in the midst of its work. */
    @Test
    void nothingThatMakesABaseImageOutlivesAServerThatIsKilled() throws Exception {
        try (ServerSocket mirror = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            mirror.setSoTimeout(60_000);
            Process server = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin/java").toString(),
                            "-cp",
                            System.getProperty("java.class.path"),
                            Server.class.getName(),
                            folder.toString(),
                            "http://127.0.0.1:" + mirror.getLocalPort() + "/debian")
                    .inheritIO()
                    .start();
            try (Socket asked = mirror.accept()) {
                assertThat(asked.isConnected()).isTrue();
                assertThat(making()).as("it is at work").isNotEmpty();
                server.destroyForcibly();
                assertThat(server.waitFor(10, TimeUnit.SECONDS)).isTrue();
                Instant deadline = Instant.now().plus(Duration.ofSeconds(10));
                while (making().findAny().isPresent()) {
                    assertThat(Instant.now()).as("deadline").isBefore(deadline);
                    Thread.sleep(20);
                }
            } finally {
                server.destroyForcibly().waitFor();
                making().forEach(ProcessHandle::destroyForcibly);
            }
        }
    }

    private Stream<ProcessHandle> making() {
        return ProcessHandle.allProcesses()
                .filter(each -> each.info().commandLine().orElse("").contains("mmdebstrap"))
                .filter(each -> each.info().commandLine().orElse("").contains(folder.toString()));
    }

    static final class Server {
        private Server() {}

        public static void main(String[] args) throws IOException, InterruptedException {
            Path folder = Path.of(args[0]);
            BaseConfig config = new BaseConfig(folder, BaseConfig.DEFAULT_SUITE, Optional.of(args[1]), Set.of());
            new BaseImages(config, Map.of("http_proxy", "", "https_proxy", "", "HTTP_PROXY", "", "HTTPS_PROXY", ""))
                    .prepare(new LayerStore(folder.resolve("layers")), each -> {});
        }
    }
}

package dev.mayfly.e2e;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * An operator's HTTP proxy on an address that is not this machine's: {@code outside-proxy.py} in a network namespace that ends
 * with it. It fetches as this machine does and writes down who asked for what.
 */
final class OutsideProxy implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int PORT = 3128;

    private final Path log;
    private final Path refuse;
    private final Path link;
    private final Process process;

    /** Another address of the proxy on each run, so that two runs on a machine do not meet. */
    private final String address;

    OutsideProxy(Path folder) throws IOException {
        long pid = ProcessHandle.current().pid();
        String network = "198.18." + (pid / 32) % 256;
        long first = (pid % 32) * 8;
        String name = "outpx" + pid;
        this.address = network + "." + (first + 2);
        this.log = Files.createFile(folder.resolve("requests"));
        this.refuse = folder.resolve("refuse");
        this.link = Path.of("/sys/class/net", name);
        Path program = folder.resolve("outside-proxy.py");
        try (InputStream text = OutsideProxy.class.getResourceAsStream("/outside-proxy.py")) {
            Files.copy(Objects.requireNonNull(text), program);
        }
        Path output = folder.resolve("output");
        this.process = new Shell(folder, Map.of())
                .start(
                        output,
                        "/usr/bin/python3",
                        program.toString(),
                        name,
                        network,
                        String.valueOf(first),
                        log.toString(),
                        refuse.toString());
        try {
            Wait.until("the proxy listens", LIMIT, () -> lines().contains("ready") || !process.isAlive());
            if (!process.isAlive()) {
                throw new AssertionError("the proxy ended: " + Shell.text(output));
            }
        } catch (AssertionError e) {
            close();
            throw e;
        }
    }

    String url() {
        return "http://" + address + ":" + PORT;
    }

    /** Hosts and ports that builds asked for, each time they did. */
    List<String> fromSandboxes() {
        return targets("sandbox CONNECT ");
    }

    /** The same of the server and the package clients that it runs. */
    List<String> fromTheMachine() {
        return targets("machine CONNECT ");
    }

    /** From now on, or no longer, sandboxes get nothing but 403. */
    void refuseSandboxes(boolean refused) throws IOException {
        Files.deleteIfExists(refuse);
        if (refused) {
            Files.createFile(refuse);
        }
    }

    private List<String> targets(String start) {
        return lines().stream()
                .filter(line -> line.startsWith(start))
                .map(line -> line.substring(start.length()))
                .toList();
    }

    List<String> lines() {
        try {
            return Files.readAllLines(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                throw new AssertionError("the proxy does not end");
            }
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted", e);
        }
        Wait.until("the link of the proxy is gone", LIMIT, () -> !Files.exists(link));
    }
}

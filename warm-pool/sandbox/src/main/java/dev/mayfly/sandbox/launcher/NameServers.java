package dev.mayfly.sandbox.launcher;

import dev.mayfly.sandbox.SandboxSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The {@code resolv.conf} of sandboxes: a file for each set of name servers, mounted where one is wanted. */
final class NameServers {
    private final Path folder;
    private final Map<List<String>, Path> written = new ConcurrentHashMap<>();

    NameServers(Path folder) {
        this.folder = folder;
    }

    /** The mount that names these servers; none if there are none. */
    Optional<SandboxSpec.Mount> mount(List<String> servers) {
        return servers.isEmpty()
                ? Optional.empty()
                : Optional.of(new SandboxSpec.Mount(
                        written.computeIfAbsent(List.copyOf(servers), this::write), "/etc/resolv.conf", true));
    }

    private Path write(List<String> servers) {
        StringBuilder text = new StringBuilder();
        servers.forEach(server -> text.append("nameserver ").append(server).append('\n'));
        try {
            Path file = Files.createDirectories(folder)
                    .toRealPath()
                    .resolve(String.join("_", servers).replace(':', '-'));
            return Files.writeString(file, text.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

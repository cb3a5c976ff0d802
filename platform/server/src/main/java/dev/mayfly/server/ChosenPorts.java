package dev.mayfly.server;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Free ports for the settings that ask for any ({@code 0}), known before anything starts, since URLs are made of them. Each is
 * held by a socket that is bound and does not listen, until the server does. They are below the range that the kernel takes
 * ports of connections from, so that a server that stops and starts again on the same ports finds them free.
 */
final class ChosenPorts implements AutoCloseable {
    private static final int LOWEST = 10_000;
    private static final int ATTEMPTS_MAX = 1_000;
    private static final Path OF_CONNECTIONS = Path.of("/proc/sys/net/ipv4/ip_local_port_range");
    private static final int OF_CONNECTIONS_USUALLY = 32_768;

    private final List<SocketChannel> held = new ArrayList<>();
    private final Map<String, String> settings = new LinkedHashMap<>();

    private ChosenPorts() {}

    /** @throws MayflyException {@code CONFIG_INVALID} if no port of a host that was asked for can be had */
    static ChosenPorts choose(Settings asked) {
        ChosenPorts chosen = new ChosenPorts();
        try {
            chosen.add("gateway.port", asked.gateway().host(), asked.gateway().port());
            chosen.add("control.port", asked.control().host(), asked.control().port());
            chosen.add(
                    "management.port",
                    asked.management().host(),
                    asked.management().port());
            return chosen;
        } catch (RuntimeException e) {
            chosen.close();
            throw e;
        }
    }

    /** What to set instead of {@code 0}, keys as in the configuration reference. */
    Map<String, String> settings() {
        return Map.copyOf(settings);
    }

    private void add(String key, String host, int port) {
        if (port != 0) {
            return;
        }
        int end = endOfRange();
        String last = "";
        for (int i = 0; i < ATTEMPTS_MAX; i++) {
            int candidate = ThreadLocalRandom.current().nextInt(LOWEST, end);
            try {
                bound(host, candidate, false).close(); // Which only succeeds where nobody else holds it.
                held.add(bound(host, candidate, true));
                settings.put(key, String.valueOf(candidate));
                return;
            } catch (IOException e) {
                last = String.valueOf(e.getMessage());
            }
        }
        throw new MayflyException(
                ErrorCode.CONFIG_INVALID, key + ": none of " + host + " is free (expected: a free port): " + last);
    }

    /** @param shared whether a socket that is shared too may be bound to it and listen, as the server's will */
    private static SocketChannel bound(String host, int port, boolean shared) throws IOException {
        SocketChannel socket = SocketChannel.open();
        try {
            socket.setOption(StandardSocketOptions.SO_REUSEADDR, shared);
            socket.bind(new InetSocketAddress(host, port));
            return socket;
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    /** One more than the highest that is chosen. */
    static int endOfRange() {
        int first = OF_CONNECTIONS_USUALLY;
        try (InputStream in = Files.newInputStream(OF_CONNECTIONS)) {
            byte[] text = new byte[64];
            int length = in.read(text); // In one read: the kernel gives nothing to a second one.
            first = Integer.parseInt(new String(text, 0, Math.max(0, length), StandardCharsets.US_ASCII)
                    .strip()
                    .split("\\s+")[0]);
        } catch (IOException | NumberFormatException e) {
            // A system that does not tell has the usual range.
        }
        return first - LOWEST < ATTEMPTS_MAX ? 65_536 : first;
    }

    @Override
    public void close() {
        for (SocketChannel each : held) {
            try {
                each.close();
            } catch (IOException e) {
                // It was only bound; nothing is lost with it.
            }
        }
        held.clear();
    }
}

package dev.mayfly.server;

import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/** Asks before anything slow happens whether the ports are free. Who listens later still says so if one was taken meanwhile. */
final class Ports {
    private Ports() {}

    /** @throws MayflyException {@code CONFIG_INVALID} naming the first port that is taken */
    static void requireFree(Settings settings) {
        requireFree(
                "gateway.port", settings.gateway().host(), settings.gateway().port());
        requireFree(
                "control.port", settings.control().host(), settings.control().port());
        requireFree(
                "management.port",
                settings.management().host(),
                settings.management().port());
    }

    private static void requireFree(String key, String host, int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true); // As the servers do: connections that end still hold the port.
            socket.bind(new InetSocketAddress(host, port));
        } catch (IOException e) {
            throw new MayflyException(
                    ErrorCode.CONFIG_INVALID,
                    key + ": " + host + ":" + port + " (expected: a free port): " + e.getMessage(),
                    e);
        }
    }
}

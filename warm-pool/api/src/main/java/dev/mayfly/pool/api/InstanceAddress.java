package dev.mayfly.pool.api;

import java.nio.file.Path;

/** Where the gateway reaches an instance. */
public sealed interface InstanceAddress {
    /** A shim behind a unix socket on this machine. */
    record UnixSocket(Path path) implements InstanceAddress {}

    /** A port on the instance's private address on this machine. */
    record Tcp(String host, int port) implements InstanceAddress {}
}

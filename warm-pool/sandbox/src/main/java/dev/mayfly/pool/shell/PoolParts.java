package dev.mayfly.pool.shell;

import dev.mayfly.pool.api.ImageRoots;
import dev.mayfly.sandbox.RuntimeClasses;
import java.nio.file.Path;

/**
 * What the pool stands on.
 *
 * @param sockets folder for the sockets of functions; its path must leave room for a socket's name (108 bytes in all)
 */
public record PoolParts(RuntimeClasses runtimes, ImageRoots images, Path sockets) {}

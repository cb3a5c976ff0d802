package dev.mayfly.pool.engine;

import dev.mayfly.pool.api.ImageRoots;
import dev.mayfly.runtime.health.Health;
import dev.mayfly.sandbox.RuntimeClasses;
import java.nio.file.Path;

/**
 * What the pool stands on.
 *
 * @param sockets folder for the sockets of functions; its path must leave room for a socket's name (108 bytes in all)
 * @param health learns whether the pool decides
 */
public record PoolParts(RuntimeClasses runtimes, ImageRoots images, Path sockets, Health health) {
    /** With a health that nobody asks. */
    public PoolParts(RuntimeClasses runtimes, ImageRoots images, Path sockets) {
        this(runtimes, images, sockets, new Health());
    }
}

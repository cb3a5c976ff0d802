package dev.mayfly.builders.toolchains;

import java.nio.file.Path;
import java.util.Map;

/**
 * One version of a runtime or compiler on this machine. It never changes once it is there.
 *
 * @param name as in a build plan: {@code node}, {@code python}, {@code jdk}, {@code maven}, {@code go}
 * @param version exact version
 * @param root directory laid out from an image's root; all of it lies below {@code insidePath}
 * @param insidePath where it lies inside, {@code /cnb/toolchains/<name>/<version>}
 * @param env what processes need that use it, besides {@code bin} on their PATH
 */
public record Toolchain(String name, String version, Path root, String insidePath, Map<String, String> env) {
    public Toolchain {
        env = Map.copyOf(env);
    }
}

package dev.mayfly.builders.toolchains.host;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Where one kind of toolchain comes from. */
interface Source {
    /** As in build plans. */
    String name();

    /**
     * The exact version for a range.
     *
     * @param range empty: the default
     * @return empty if there is none
     */
    Optional<String> choose(Optional<String> range) throws IOException, InterruptedException;

    /** Versions to name when none fits, newest first; not more than a person reads. */
    List<String> available() throws IOException, InterruptedException;

    /**
     * Where a toolchain is made.
     *
     * @param root lies over the base image's root wherever the toolchain is used
     * @param directory the toolchain's own, below {@code root}; empty
     * @param temp gone afterwards, on the same file system
     */
    record Place(Path root, Path directory, Path temp) {}

    /** Fetches and verifies a version, so that programs lie in {@code bin} of its directory. */
    void fetch(String version, Place place) throws IOException, InterruptedException;

    /** What processes need that use it. */
    default Map<String, String> env(String insidePath) {
        return Map.of();
    }
}

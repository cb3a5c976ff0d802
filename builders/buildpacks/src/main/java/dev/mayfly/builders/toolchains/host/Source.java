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

    /** Fetches and verifies a version into this empty directory, so that programs lie in its {@code bin}. */
    void fetch(String version, Path directory, Path temp) throws IOException, InterruptedException;

    /** What processes need that use it. */
    default Map<String, String> env(String insidePath) {
        return Map.of();
    }
}

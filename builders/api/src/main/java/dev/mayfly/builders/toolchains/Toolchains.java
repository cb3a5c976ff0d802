package dev.mayfly.builders.toolchains;

import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** Toolchains of this machine: fetched once, verified, shared by all builds. Blocking; safe from many threads. */
public interface Toolchains {
    /** Names that build plans may ask for. */
    Set<String> names();

    /**
     * The newest version within the range, fetched if it is not here yet.
     *
     * @param range as the language's own tools write it, for example {@code ^22} or {@code 21}; empty: the default
     * @param progress lines for the person who waits
     * @throws dev.mayfly.model.MayflyException {@code BUILD_VERSION_UNAVAILABLE} naming those that can be had
     */
    Toolchain resolve(String name, Optional<String> range, Consumer<String> progress) throws InterruptedException;
}

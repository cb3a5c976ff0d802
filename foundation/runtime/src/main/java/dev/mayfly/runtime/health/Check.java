package dev.mayfly.runtime.health;

import java.util.Optional;

/** Tries whether something works. Asked at most once a second, by one at a time. */
@FunctionalInterface
public interface Check {
    /**
     * What does not work, in words for the operator; empty if it works. May block; after {@link Health#CHECK_LIMIT} it counts
     * as not working. An exception counts as not working, too.
     */
    Optional<String> trouble() throws Exception;
}

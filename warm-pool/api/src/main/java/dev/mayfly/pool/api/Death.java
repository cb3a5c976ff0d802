package dev.mayfly.pool.api;

import dev.mayfly.model.DeathReason;
import java.util.Optional;

/**
 * How an instance died.
 *
 * @param detail more of it for the tenant, for example {@code exit code 1}
 */
public record Death(DeathReason reason, Optional<String> detail) {
    /** For people, in one line. */
    public String describe() {
        return reason.wireName() + detail.map(more -> " (" + more + ")").orElse("");
    }
}

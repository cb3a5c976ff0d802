package dev.mayfly.pool.api;

import dev.mayfly.model.DeathReason;
import dev.mayfly.model.ReleaseRef;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What people see of one instance.
 *
 * @param id {@code ins_…}
 * @param server which server runs it
 * @param active requests in it now
 * @param served requests it has answered
 * @param boundAt when it got its release; empty: it was started for it
 * @param diedOf empty while it lives
 * @param detail more about the death for the tenant, for example {@code exit code 1}
 * @param life how it lived in the last hour, oldest first; short pauses between requests may be left out
 */
public record InstanceView(
        String id,
        ReleaseRef release,
        String server,
        String runtimeClass,
        InstanceState state,
        int active,
        long served,
        Instant bornAt,
        Optional<Instant> boundAt,
        Optional<Instant> readyAt,
        Optional<Instant> diedAt,
        Optional<DeathReason> diedOf,
        Optional<String> detail,
        List<LifeStep> life) {
    public InstanceView {
        life = List.copyOf(life);
    }
}

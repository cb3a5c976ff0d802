package dev.mayfly.pool.api;

import dev.mayfly.model.ReleaseRef;
import java.time.Instant;
import java.util.Optional;

/**
 * What people see of one instance.
 *
 * @param id {@code ins_…}
 * @param server which server runs it
 * @param active requests in it now
 * @param served requests it has answered
 * @param diedOf reason of death in one word ({@code idle}, {@code deploy}, {@code OOMKilled}, {@code PidsLimit}, {@code RuntimeLost}, {@code crash}, {@code exit},
 *     {@code start-failed}, {@code shutdown}, {@code destroyed}); empty while it lives
 * @param detail more about the death for the tenant, for example {@code exit code 1}
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
        Optional<Instant> readyAt,
        Optional<Instant> diedAt,
        Optional<String> diedOf,
        Optional<String> detail) {}

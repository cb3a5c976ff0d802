package dev.mayfly.control.api.json;

import dev.mayfly.store.Builds;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A build.
 *
 * @param phases those that are over, in order; empty until the build has ended
 * @param release version of the one that it made
 */
public record BuildJson(
        String id,
        String app,
        String tenant,
        String state,
        String commit,
        String tree,
        String by,
        String server,
        Instant createdAt,
        @Nullable Instant startedAt,
        @Nullable Instant endedAt,
        List<Phase> phases,
        @Nullable Failure error,
        @Nullable Integer release) {
    /** How many milliseconds a phase took. */
    public record Phase(String name, long ms) {}

    /**
     * Why it failed.
     *
     * @param code as in problems
     */
    public record Failure(String code, String phase, String reason) {}

    public static BuildJson of(Builds.Build build) {
        return new BuildJson(
                build.id(),
                build.app().app().value(),
                build.app().tenant().value(),
                build.state().wireName(),
                build.commit(),
                build.tree(),
                build.by(),
                build.server(),
                build.createdAt(),
                build.startedAt().orElse(null),
                build.endedAt().orElse(null),
                build.phases().entrySet().stream()
                        .map(each -> new Phase(each.getKey(), each.getValue()))
                        .toList(),
                build.failure()
                        .map(why -> new Failure(why.code(), why.phase(), why.reason()))
                        .orElse(null),
                build.release().orElse(null));
    }
}

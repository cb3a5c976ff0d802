package dev.mayfly.control.api.json;

import dev.mayfly.model.DeathReason;
import dev.mayfly.pool.api.InstanceState;
import dev.mayfly.pool.api.InstanceView;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An instance.
 *
 * @param release {@code v} and the version
 * @param active requests in it now
 * @param served requests it has answered
 * @param boundAt when a generic instance got this release
 * @param life its last hour, oldest first
 * @param url of the app
 */
public record InstanceJson(
        String id,
        String app,
        String tenant,
        String release,
        String state,
        String runtime,
        String server,
        int active,
        long served,
        Instant bornAt,
        @Nullable Instant boundAt,
        @Nullable Instant readyAt,
        @Nullable Instant diedAt,
        @Nullable String diedOf,
        @Nullable String detail,
        List<Step> life,
        String url) {
    /** What it was at from then on. */
    public record Step(String stage, Instant since) {}

    public static InstanceJson of(InstanceView instance, String url) {
        return new InstanceJson(
                instance.id(),
                instance.release().app().app().value(),
                instance.release().app().tenant().value(),
                "v" + instance.release().version(),
                instance.state().wireName(),
                instance.runtimeClass(),
                instance.server(),
                instance.active(),
                instance.served(),
                instance.bornAt(),
                instance.boundAt().orElse(null),
                instance.readyAt().orElse(null),
                instance.diedAt().orElse(null),
                instance.diedOf().map(DeathReason::wireName).orElse(null),
                instance.detail().orElse(null),
                instance.life().stream()
                        .map(step -> new Step(step.stage().wireName(), step.since()))
                        .toList(),
                url);
    }

    /** Not written: the state says it. */
    public boolean died() {
        return InstanceState.REAPED.wireName().equals(state);
    }
}

package dev.mayfly.control.api.json;

import dev.mayfly.store.Releases;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A release.
 *
 * @param id {@code v} and the version
 * @param commit what was pushed; null if it came of no push
 * @param url of the app
 */
public record ReleaseJson(
        String id,
        int version,
        String app,
        String tenant,
        String state,
        String image,
        int configVersion,
        String reason,
        String description,
        String by,
        Instant createdAt,
        @Nullable String commit,
        @Nullable String buildId,
        String url) {
    public static ReleaseJson of(Releases.Release release, String url) {
        Releases.NewRelease made = release.of();
        return new ReleaseJson(
                "v" + release.version(),
                release.version(),
                made.app().app().value(),
                made.app().tenant().value(),
                release.state().wireName(),
                made.image(),
                made.configVersion(),
                made.reason(),
                made.description(),
                made.by(),
                release.createdAt(),
                made.commit().orElse(null),
                made.buildId().orElse(null),
                url);
    }
}

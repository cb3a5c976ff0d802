package dev.mayfly.control.api.json;

import dev.mayfly.control.urls.AppUrls;
import dev.mayfly.store.Apps;
import dev.mayfly.store.Releases;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An app.
 *
 * @param app its name once more, as other objects name the app that they belong to
 * @param kind null before its first release
 * @param release version of the one that serves
 * @param instances those that live
 */
public record AppJson(
        String name,
        String app,
        String tenant,
        String url,
        String gitUrl,
        @Nullable String kind,
        String state,
        @Nullable Integer release,
        long instances,
        Instant createdAt) {
    /**
     * @param live the release that serves
     * @param state one of those in {@code openapi.yaml}
     */
    public static AppJson of(
            Apps.App app, Optional<Releases.Release> live, String state, long instances, AppUrls urls, String gitUrl) {
        return new AppJson(
                app.ref().app().value(),
                app.ref().app().value(),
                app.ref().tenant().value(),
                urls.url(app.ref()),
                gitUrl,
                live.map(release -> release.of().spec().kind().wireName()).orElse(null),
                state,
                live.map(Releases.Release::version).orElse(null),
                instances,
                app.createdAt());
    }
}

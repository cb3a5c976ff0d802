package dev.mayfly.control.api;

import dev.mayfly.control.api.json.AppJson;
import dev.mayfly.control.api.json.ConfigJson;
import dev.mayfly.control.api.json.ReleaseJson;
import dev.mayfly.control.deploy.AppService;
import dev.mayfly.identity.Permission;
import dev.mayfly.model.AppRef;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import dev.mayfly.store.Apps;
import dev.mayfly.store.Builds;
import dev.mayfly.store.Configs;
import dev.mayfly.store.Releases;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Apps, their releases and configuration. */
final class AppApi {
    private static final int LISTED_MAX = 100;

    private final ApiParts parts;

    AppApi(ApiParts parts) {
        this.parts = parts;
    }

    Answer list(Caller caller) {
        return Answer.list(parts.store().apps().list(caller.tenant(Permission.READ)).stream()
                .map(this::view)
                .toList());
    }

    Answer create(Caller caller) {
        AppRef ref = AppRef.of(
                caller.tenant(Permission.DEPLOY).value(), caller.body().getString("name"));
        return Answer.created(view(parts.apps().create(ref)));
    }

    Answer get(Caller caller) {
        return Answer.ok(view(parts.apps().find(caller.app(Permission.READ))));
    }

    Answer delete(Caller caller) throws InterruptedException {
        AppRef ref = caller.app(Permission.DESTROY);
        parts.apps().find(ref);
        if (!caller.query("confirm").orElse("").equals(ref.app().value())) {
            throw new MayflyException(
                    ErrorCode.INVALID_REQUEST,
                    "confirm: missing or wrong (expected: the app's name, '" + ref.app() + "')");
        }
        parts.apps().destroy(ref);
        return Answer.NOTHING;
    }

    Answer releases(Caller caller) {
        AppRef ref = found(caller, Permission.READ);
        String url = parts.urls().url(ref);
        return Answer.list(parts.store().releases().list(ref, LISTED_MAX).stream()
                .map(release -> ReleaseJson.of(release, url))
                .toList());
    }

    Answer rollback(Caller caller) {
        AppRef ref = found(caller, Permission.DEPLOY);
        int version = parts.apps()
                .rollback(
                        ref,
                        Optional.ofNullable(caller.body().getInteger("version")),
                        caller.principal().name());
        return Answer.created(release(ref, version));
    }

    Answer config(Caller caller) {
        AppRef ref = found(caller, Permission.DEPLOY);
        Configs.Config config = parts.store().configs().latest(ref);
        return Answer.ok(ConfigJson.of(config)).with("etag", "\"" + config.version() + "\"");
    }

    Answer changeConfig(Caller caller) {
        AppRef ref = found(caller, Permission.DEPLOY);
        Map<String, String> set = new HashMap<>();
        caller.body()
                .getJsonObject("set", new JsonObject())
                .forEach(each -> set.put(each.getKey(), String.valueOf(each.getValue())));
        Set<String> unset = new HashSet<>();
        caller.body().getJsonArray("unset", new JsonArray()).forEach(each -> unset.add(String.valueOf(each)));
        AppService.ConfigChange change = parts.apps()
                .changeConfig(
                        ref,
                        set,
                        unset,
                        expected(caller.context().request().getHeader("if-match")),
                        caller.principal().name());
        return Answer.ok(ConfigJson.of(change.config())
                        .with(change.release()
                                .map(version -> release(ref, version))
                                .orElse(null)))
                .with("etag", "\"" + change.config().version() + "\"");
    }

    private static Optional<Integer> expected(@Nullable String ifMatch) {
        if (ifMatch == null || ifMatch.equals("*")) {
            return Optional.empty();
        }
        String digits = ifMatch.replace("\"", "");
        if (!digits.matches("\\d{1,9}")) {
            throw new MayflyException(
                    ErrorCode.INVALID_REQUEST, "If-Match: '" + ifMatch + "' (expected: the configuration's ETag)");
        }
        return Optional.of(Integer.parseInt(digits));
    }

    private ReleaseJson release(AppRef ref, int version) {
        return ReleaseJson.of(
                parts.store().releases().find(ref, version).orElseThrow(),
                parts.urls().url(ref));
    }

    private AppRef found(Caller caller, Permission permission) {
        AppRef ref = caller.app(permission);
        parts.apps().find(ref);
        return ref;
    }

    private AppJson view(Apps.App app) {
        AppRef ref = app.ref();
        Optional<Releases.Release> live = parts.store().releases().live(ref);
        return AppJson.of(
                app,
                live,
                live.isPresent() ? "live" : stateBeforeFirstRelease(ref),
                parts.instances().living(ref),
                parts.urls(),
                parts.publicUrl() + "/git/" + ref.tenant() + "/" + ref.app() + ".git");
    }

    private String stateBeforeFirstRelease(AppRef ref) {
        List<Builds.Build> last = parts.store().builds().list(ref, 1);
        if (last.isEmpty()) {
            return "empty";
        }
        return last.getFirst().state().ended() ? "failed" : "building";
    }
}

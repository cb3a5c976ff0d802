package dev.mayfly.control.deploy;

import dev.mayfly.builders.api.BuildOutput;
import dev.mayfly.control.live.LiveEvent;
import dev.mayfly.model.AppRef;
import dev.mayfly.model.Blame;
import dev.mayfly.model.DeathReason;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import dev.mayfly.model.TenantName;
import dev.mayfly.pool.api.ReleaseToRun;
import dev.mayfly.store.Apps;
import dev.mayfly.store.Builds;
import dev.mayfly.store.Configs;
import dev.mayfly.store.Releases;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Everything that changes an app but a push. Blocks. */
public final class AppService {
    private static final Logger log = LoggerFactory.getLogger(AppService.class);
    private static final BuildOutput SILENT = _ -> {};
    private static final int VALUES_MAX = 200;
    private static final int VALUE_CHARS_MAX = 32 * 1024;
    private static final int WRITES_MAX = 10;

    /** Frees what else is kept of a destroyed app: its repository, its logs. */
    public interface Leftovers {
        void delete(AppRef app) throws InterruptedException;
    }

    /** @param release the one that serves with it; empty if the app has none yet */
    public record ConfigChange(Configs.Config config, Optional<Integer> release) {}

    private final DeployParts parts;
    private final Deployer deployer;
    private final Leftovers leftovers;

    public AppService(DeployParts parts, Deployer deployer, Leftovers leftovers) {
        this.parts = parts;
        this.deployer = deployer;
        this.leftovers = leftovers;
    }

    /** @throws MayflyException {@code CONFLICT} if the name is taken, {@code QUOTA_EXCEEDED} if the tenant has too many apps */
    public Apps.App create(AppRef ref) {
        int max = parts.keep().tenantAppsMax();
        if (parts.store().apps().list(ref.tenant()).size() >= max) {
            throw new MayflyException(
                    ErrorCode.QUOTA_EXCEEDED,
                    "tenant '" + ref.tenant() + "' has " + max + " apps already, the most that it may have"
                            + " (tenant.apps-max); destroy one that it does not need");
        }
        Apps.App app = parts.store()
                .apps()
                .create(ref)
                .orElseThrow(() -> new MayflyException(
                        ErrorCode.CONFLICT, "app '" + ref.app() + "' exists already (expected: another name)"));
        parts.routes().putNotDeployed(parts.urls().host(ref), ref);
        parts.events()
                .publish(
                        ref,
                        new LiveEvent.AppCreated(ref.app().value(), parts.urls().url(ref)));
        return app;
    }

    public Apps.App find(AppRef ref) {
        return parts.store().apps().find(ref.tenant(), ref.app()).orElseThrow(() -> missing(ref));
    }

    /** Destroys the app with all that is kept of it. */
    public void destroy(AppRef ref) throws InterruptedException {
        find(ref);
        parts.routes().remove(parts.urls().host(ref));
        deployer.stop(ref); // Else it could start an instance of what is gone.
        List<String> builds = parts.store().builds().list(ref, Integer.MAX_VALUE).stream()
                .map(Builds.Build::id)
                .toList();
        parts.store().apps().delete(ref);
        parts.routes().remove(parts.urls().host(ref)); // Whoever read the books before may have put it once more.
        parts.instances().destroyAll(ref, DeathReason.DESTROYED);
        parts.engine().forget(ref);
        leftovers.delete(ref);
        builds.forEach(id -> deleteLog(Deployer.logOf(parts.builds(), id)));
        parts.events()
                .publish(
                        ref,
                        new LiveEvent.AppDestroyed(
                                ref.app().value(), parts.urls().url(ref)));
    }

    /**
     * Sets and unsets values; if the app serves, a new release with the same image takes over before this returns.
     *
     * @param expected version that the caller has seen; empty: whatever it is
     */
    public ConfigChange changeConfig(
            AppRef ref, Map<String, String> set, Set<String> unset, Optional<Integer> expected, String actor) {
        find(ref);
        Configs.Config after = write(ref, set, unset, expected, actor);
        Optional<DeployResult> result = deployer.relaunch(
                ref,
                // By now another deploy may have taken this configuration along, or brought newer code.
                () -> parts.store()
                        .releases()
                        .live(ref)
                        .filter(live -> live.of().configVersion() < after.version())
                        .map(live -> again(
                                live,
                                parts.store().configs().latest(ref).version(),
                                "config",
                                description(set, unset),
                                actor)),
                SILENT);
        result.ifPresent(AppService::version);
        return new ConfigChange(after, parts.store().releases().live(ref).map(Releases.Release::version));
    }

    private Configs.Config write(
            AppRef ref, Map<String, String> set, Set<String> unset, Optional<Integer> expected, String actor) {
        for (int attempt = 1; ; attempt++) {
            Configs.Config before = parts.store().configs().latest(ref);
            Map<String, String> values = new TreeMap<>(before.values());
            unset.forEach(values::remove);
            values.putAll(set);
            checkConfig(set, values);
            boolean seen = expected.isEmpty() || expected.get() == before.version();
            if (seen && values.equals(before.values())) {
                return before;
            }
            try {
                return parts.store().configs().put(ref, expected.orElse(before.version()), values, actor);
            } catch (MayflyException e) {
                // Who did not say what he has seen means his values on whatever is there.
                if (expected.isPresent() || e.code() != ErrorCode.PRECONDITION_FAILED || attempt == WRITES_MAX) {
                    throw e;
                }
            }
        }
    }

    private static String description(Map<String, String> set, Set<String> unset) {
        List<String> parts = new ArrayList<>();
        if (!set.isEmpty()) {
            parts.add("Set " + String.join(", ", new TreeSet<>(set.keySet())));
        }
        if (!unset.isEmpty()) {
            parts.add("Unset " + String.join(", ", new TreeSet<>(unset)));
        }
        return String.join("; ", parts);
    }

    /** Makes an earlier release's image and configuration the newest release. Returns its version. */
    public int rollback(AppRef ref, Optional<Integer> to, String actor) {
        find(ref);
        return deployer.relaunch(
                        ref,
                        () -> {
                            Releases.Release target = target(ref, to);
                            return Optional.of(again(
                                    target,
                                    target.of().configVersion(),
                                    "rollback",
                                    "Roll back to v" + target.version(),
                                    actor));
                        },
                        SILENT)
                .map(AppService::version)
                .orElseThrow();
    }

    private Releases.Release target(AppRef ref, Optional<Integer> to) {
        Releases.Release target = to.isPresent()
                ? parts.store()
                        .releases()
                        .find(ref, to.get())
                        .orElseThrow(
                                () -> new MayflyException(ErrorCode.NOT_FOUND, "release v" + to.get() + " not found"))
                : parts.store().releases().list(ref, 100).stream()
                        .filter(each -> each.state() == Releases.State.SUPERSEDED)
                        .findFirst()
                        .orElseThrow(() -> new MayflyException(ErrorCode.CONFLICT, "there is no earlier release"));
        return switch (target.state()) {
            case SUPERSEDED -> kept(ref, target);
            case LIVE ->
                throw new MayflyException(ErrorCode.CONFLICT, "release v" + target.version() + " serves already");
            case PENDING, FAILED ->
                throw new MayflyException(
                        ErrorCode.CONFLICT,
                        "release v" + target.version() + " has never served (expected: one that has)");
        };
    }

    /** Images of older ones may be freed at any moment. */
    private Releases.Release kept(AppRef ref, Releases.Release target) {
        int kept = parts.keep().releases();
        if (!parts.store().releases().served(ref, kept).contains(target.version())) {
            throw new MayflyException(
                    ErrorCode.CONFLICT,
                    "the image of release v" + target.version() + " is not kept any more (expected: one of the last "
                            + kept + " that have served; push its commit again)");
        }
        return target;
    }

    /** A release's image once more. */
    private static Releases.NewRelease again(
            Releases.Release from, int config, String reason, String description, String actor) {
        Releases.NewRelease old = from.of();
        return new Releases.NewRelease(
                old.app(),
                old.image(),
                config,
                old.processes(),
                old.spec(),
                reason,
                description,
                actor,
                old.commit(),
                old.buildId());
    }

    private static int version(DeployResult result) {
        return switch (result) {
            case DeployResult.Live live -> live.version();
            case DeployResult.Rejected why -> {
                boolean unhealthy = why.code().blame() == Blame.FUNCTION;
                throw new MayflyException(unhealthy ? ErrorCode.RELEASE_UNHEALTHY : why.code(), why.reason());
            }
        };
    }

    private static void deleteLog(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            log.atWarn().addKeyValue("file", file).setCause(e).log("Build log could not be deleted");
        }
    }

    /**
     * What a start of the server finds: builds and releases that its predecessor left unfinished are failed, and every app's host leads
     * where the books say.
     */
    public void recover() {
        parts.store().deployLeases().releaseAllOf(parts.server());
        deployer.endLost(ErrorCode.SHUTTING_DOWN, "The server was stopped meanwhile.");
        refreshRoutes();
    }

    /** Points every app's host where the books say. What serves goes on meanwhile. */
    public void refreshRoutes() {
        for (TenantName tenant : parts.store().tenants().all()) {
            for (Apps.App app : parts.store().apps().list(tenant)) {
                refreshRoute(app.ref());
            }
        }
    }

    /**
     * The app's host leads where the books say now. A deploy changes the books first and the route then: if the books say the
     * same before and after, none came between.
     */
    public void refreshRoute(AppRef app) {
        Optional<Releases.Release> live = parts.store().releases().live(app);
        while (true) {
            Optional<ReleaseToRun> run = point(app, live);
            Optional<Releases.Release> now = parts.store().releases().live(app);
            if (now.map(Releases.Release::version).equals(live.map(Releases.Release::version))) {
                run.ifPresent(current -> parts.instances().retireOthers(current, DeathReason.DEPLOY));
                return;
            }
            live = now;
        }
    }

    private Optional<ReleaseToRun> point(AppRef app, Optional<Releases.Release> live) {
        String host = parts.urls().host(app);
        Optional<ReleaseToRun> run = live.map(release -> Launcher.toRun(
                release, parts.store().configs().version(app, release.of().configVersion())));
        if (run.isPresent()) {
            parts.routes().put(host, run.get());
        } else if (parts.store().apps().find(app.tenant(), app.app()).isPresent()) {
            parts.routes().putNotDeployed(host, app);
        } else {
            parts.routes().remove(host);
        }
        return run;
    }

    private static void checkConfig(Map<String, String> set, Map<String, String> all) {
        if (all.size() > VALUES_MAX) {
            throw new MayflyException(
                    ErrorCode.QUOTA_EXCEEDED, "values: " + all.size() + " (expected: at most " + VALUES_MAX + ")");
        }
        set.forEach((name, value) -> {
            if (!name.matches("[A-Za-z_][A-Za-z0-9_]{0,127}")) {
                throw new MayflyException(
                        ErrorCode.INVALID_REQUEST, "name: '" + name + "' (expected: letters, digits and '_')");
            }
            if (name.startsWith("MAYFLY_") || name.equals("PORT")) {
                throw new MayflyException(
                        ErrorCode.INVALID_REQUEST, "name: '" + name + "' (expected: not one that Mayfly sets itself)");
            }
            if (value.length() > VALUE_CHARS_MAX || value.indexOf('\0') >= 0) {
                throw new MayflyException(
                        ErrorCode.INVALID_REQUEST,
                        "value of " + name + ": (expected: at most " + VALUE_CHARS_MAX
                                + " characters, none of them NUL)");
            }
        });
    }

    private static MayflyException missing(AppRef ref) {
        return new MayflyException(ErrorCode.APP_NOT_FOUND, "app '" + ref.app() + "' not found");
    }
}

package dev.mayfly.control.deploy;

import dev.mayfly.builders.api.BuildOutput;
import dev.mayfly.builders.api.BuildRequest;
import dev.mayfly.builders.api.BuildResult;
import dev.mayfly.model.AppRef;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.Ids;
import dev.mayfly.model.MayflyException;
import dev.mayfly.store.Builds;
import dev.mayfly.store.Configs;
import dev.mayfly.store.Releases;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Deploys pushed trees. Blocks; each deploy has a virtual thread of its own, whose interrupt cancels it. */
public final class Deployer {
    private static final Logger log = LoggerFactory.getLogger(Deployer.class);

    private final DeployParts parts;
    private final AppQueue queue;
    private final Launcher launcher;
    private final Map<String, Thread> running = new ConcurrentHashMap<>();

    public Deployer(DeployParts parts) {
        this.parts = parts;
        this.queue = new AppQueue(parts.store().deployLeases(), parts.server());
        this.launcher = new Launcher(parts);
    }

    /** File with the output of a build. */
    public static Path logOf(Path builds, String id) {
        return builds.resolve(id + ".log");
    }

    /**
     * Builds and starts to serve, or leaves the app as it was.
     *
     * @throws InterruptedException if it was cancelled
     */
    public DeployResult deploy(DeployRequest request, BuildOutput output) throws InterruptedException {
        AppRef app = request.app();
        String id = Ids.build(parts.clock());
        Builds.Build build = parts.store()
                .builds()
                .create(
                        id,
                        app,
                        request.commit(),
                        request.source().id(),
                        request.actor(),
                        parts.server(),
                        parts.clock().instant());
        parts.live().build("build.queued", build);
        running.put(id, Thread.currentThread());
        try (BuildLog out = new BuildLog(app, id, logOf(parts.builds(), id), output, parts.live())) {
            return guarded(request, id, out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            running.remove(id);
        }
    }

    /** Whatever happens, the build has an end in the books. */
    private DeployResult guarded(DeployRequest request, String id, BuildLog out) throws InterruptedException {
        AppRef app = request.app();
        try (AppQueue.Turn turn = queue.take(app, out)) {
            parts.store().builds().start(app, id, parts.clock().instant());
            parts.store().builds().find(app, id).ifPresent(build -> parts.live().build("build.started", build));
            DeployResult result = buildAndLaunch(request, id, out, turn);
            switch (result) {
                case DeployResult.Live live ->
                    end(app, id, Builds.State.SUCCEEDED, out, Optional.empty(), Optional.of(live.version()));
                case DeployResult.Rejected why ->
                    end(
                            app,
                            id,
                            Builds.State.FAILED,
                            out,
                            Optional.of(new Builds.Failure(why.code().wireName(), "launch", why.reason())),
                            Optional.empty());
            }
            return result;
        } catch (InterruptedException e) {
            out.warning("Cancelled");
            end(app, id, Builds.State.CANCELLED, out, Optional.empty(), Optional.empty());
            throw e;
        } catch (RuntimeException e) {
            ErrorCode code = e instanceof MayflyException known ? known.code() : ErrorCode.INTERNAL;
            String reason = e instanceof MayflyException known ? known.detail() : "Mayfly itself failed; see its log.";
            log.atError()
                    .addKeyValue("build", id)
                    .addKeyValue("app", app)
                    .setCause(e)
                    .log("Deploy failed");
            out.warning(reason);
            end(
                    app,
                    id,
                    Builds.State.FAILED,
                    out,
                    Optional.of(new Builds.Failure(code.wireName(), "platform", reason)),
                    Optional.empty());
            return new DeployResult.Rejected(code, reason, Optional.of(id));
        }
    }

    private DeployResult buildAndLaunch(DeployRequest request, String id, BuildLog out, AppQueue.Turn turn)
            throws InterruptedException {
        AppRef app = request.app();
        Configs.Config config = parts.store().configs().latest(app);
        BuildResult result = parts.engine()
                .build(new BuildRequest(id, app, request.source(), config.values(), request.noCache()), out);
        return switch (result) {
            case BuildResult.Failed failed -> {
                out.warning(failed.reason());
                end(
                        app,
                        id,
                        Builds.State.FAILED,
                        out,
                        Optional.of(new Builds.Failure(failed.code().wireName(), failed.phase(), failed.reason())),
                        Optional.empty());
                yield new DeployResult.Rejected(failed.code(), failed.reason(), Optional.of(id));
            }
            case BuildResult.Built built -> {
                out.step("Image " + built.image().substring(7, 19) + ", " + mebibytes(built.sizeBytes()));
                String commit = request.commit();
                yield launcher.launch(
                        new Releases.NewRelease(
                                app,
                                built.image(),
                                config.version(),
                                built.processes(),
                                built.spec(),
                                "deploy",
                                "Deploy " + commit.substring(0, Math.min(7, commit.length())),
                                request.actor(),
                                Optional.of(commit),
                                Optional.of(id)),
                        out,
                        turn.lease());
            }
        };
    }

    /** A new release out of an old one's image, without a build. */
    DeployResult relaunch(Releases.NewRelease release, BuildOutput output) throws InterruptedException {
        try (AppQueue.Turn turn = queue.take(release.app(), output)) {
            return launcher.launch(release, output, turn.lease());
        }
    }

    /** Cancels a build of this server. Returns false if it does not run here (any more). */
    public boolean cancel(String id) {
        Thread thread = running.get(id);
        if (thread != null) {
            thread.interrupt();
        }
        return thread != null;
    }

    private void end(
            AppRef app,
            String id,
            Builds.State state,
            BuildLog out,
            Optional<Builds.Failure> failure,
            Optional<Integer> release) {
        boolean first = parts.store()
                .builds()
                .end(
                        app,
                        id,
                        state,
                        out.phases(),
                        failure,
                        release,
                        parts.clock().instant());
        if (first) {
            parts.meters().counter("mayfly.builds", "result", state.wireName()).increment();
            parts.store().builds().find(app, id).ifPresent(build -> parts.live().build("build.ended", build));
        }
    }

    private static String mebibytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f MiB", bytes / 1024.0 / 1024.0);
    }
}

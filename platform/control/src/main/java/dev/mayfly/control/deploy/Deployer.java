package dev.mayfly.control.deploy;

import dev.mayfly.builders.api.BuildOutput;
import dev.mayfly.builders.api.BuildRequest;
import dev.mayfly.builders.api.BuildResult;
import dev.mayfly.control.api.json.BuildJson;
import dev.mayfly.control.live.LiveEvent;
import dev.mayfly.model.AppRef;
import dev.mayfly.model.Blame;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.Ids;
import dev.mayfly.model.MayflyException;
import dev.mayfly.store.Builds;
import dev.mayfly.store.Configs;
import dev.mayfly.store.Releases;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Deploys pushed trees. Blocks; an interrupt of the caller cancels. */
public final class Deployer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Deployer.class);

    /** What to launch, chosen when it is the app's turn; empty: nothing is to be done any more. */
    interface Choice {
        Optional<Releases.NewRelease> choose();
    }

    private final DeployParts parts;
    private final AppQueue queue;
    private final Launcher launcher;
    private final Deploys deploys = new Deploys();

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
     * @throws InterruptedException if it was cancelled; a cancellation that comes after the switch changes nothing
     */
    public DeployResult deploy(DeployRequest request, BuildOutput output) throws InterruptedException {
        String id = Ids.build(parts.clock());
        return deploys.run(id, request.app(), cancellation -> {
            Builds.Build build = parts.store()
                    .builds()
                    .create(
                            id,
                            request.app(),
                            request.commit(),
                            request.source().id(),
                            request.actor(),
                            parts.server(),
                            parts.clock().instant());
            parts.events().publish(request.app(), new LiveEvent.BuildQueued(BuildJson.of(build)));
            try (BuildLog out = new BuildLog(request.app(), id, logOf(parts.builds(), id), output, parts.events())) {
                return guarded(request, id, out, cancellation);
            }
        });
    }

    /** Whatever happens, the build has an end in the books. */
    private DeployResult guarded(DeployRequest request, String id, BuildLog out, Cancellation cancellation)
            throws InterruptedException {
        AppRef app = request.app();
        try (AppQueue.Turn turn = queue.take(app, out, cancellation)) {
            parts.store().builds().start(app, id, parts.clock().instant());
            parts.store()
                    .builds()
                    .find(app, id)
                    .ifPresent(build -> parts.events().publish(app, new LiveEvent.BuildStarted(BuildJson.of(build))));
            DeployResult result = buildAndLaunch(request, id, out, turn, cancellation);
            switch (result) {
                case DeployResult.Live live -> {
                    request.whenLive().run();
                    end(app, id, Builds.State.SUCCEEDED, out, Optional.empty(), Optional.of(live.version()));
                }
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
            cancelled(app, id, out);
            throw e;
        } catch (RuntimeException | Error e) {
            if (cancellation.asked() && e instanceof RuntimeException) {
                cancelled(app, id, out);
                throw (InterruptedException) new InterruptedException("cancelled").initCause(e);
            }
            return failed(app, id, out, e);
        }
    }

    private void cancelled(AppRef app, String id, BuildLog out) {
        out.warning("Cancelled");
        end(app, id, Builds.State.CANCELLED, out, Optional.empty(), Optional.empty());
    }

    private DeployResult failed(AppRef app, String id, BuildLog out, Throwable failure) {
        ErrorCode code = failure instanceof MayflyException known ? known.code() : ErrorCode.INTERNAL;
        String reason =
                failure instanceof MayflyException known ? known.detail() : "Mayfly itself failed; see its log.";
        (code.blame() == Blame.PLATFORM ? log.atError() : log.atInfo())
                .addKeyValue("build", id)
                .addKeyValue("app", app)
                .setCause(failure)
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

    private DeployResult buildAndLaunch(
            DeployRequest request, String id, BuildLog out, AppQueue.Turn turn, Cancellation cancellation)
            throws InterruptedException {
        AppRef app = request.app();
        Configs.Config config = parts.store().configs().latest(app);
        BuildRequest order = new BuildRequest(id, app, request.source(), config.values(), request.noCache());
        BuildResult result = cancellation.during(() -> parts.engine().build(order, out));
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
                                // What was set while it was built counts already.
                                parts.store().configs().latest(app).version(),
                                built.processes(),
                                built.spec(),
                                "deploy",
                                "Deploy " + commit.substring(0, Math.min(7, commit.length())),
                                request.actor(),
                                Optional.of(commit),
                                Optional.of(id)),
                        out,
                        turn.lease(),
                        cancellation);
            }
        };
    }

    /**
     * A new release out of an image that is there, without a build. Empty if the choice was to do nothing.
     *
     * @throws MayflyException {@code CONFLICT} if it was cancelled
     */
    Optional<DeployResult> relaunch(AppRef app, Choice choice, BuildOutput output) {
        try {
            return deploys.run(Ids.next("dep_", parts.clock()), app, cancellation -> {
                try (AppQueue.Turn turn = queue.take(app, output, cancellation)) {
                    Optional<Releases.NewRelease> wanted = choice.choose();
                    return wanted.isEmpty()
                            ? Optional.empty()
                            : Optional.of(launcher.launch(wanted.get(), output, turn.lease(), cancellation));
                }
            });
        } catch (InterruptedException e) {
            throw new MayflyException(ErrorCode.CONFLICT, "cancelled: the app is being destroyed or Mayfly stops", e);
        }
    }

    /** Cancels a build of this server. Returns false if it does not run here (any more). */
    public boolean cancel(String id) {
        return deploys.cancel(id);
    }

    /**
     * Fails what of this server is unfinished in the books though nobody carries it on: builds whose end could not be written
     * down when it came, releases of deploys that are over. Harms nothing that goes on. Returns how many builds.
     */
    public int endLost(ErrorCode code, String reason) {
        int ended = 0;
        for (Builds.Build build : parts.store().builds().unfinishedOf(parts.server())) {
            if (!deploys.isRunning(build.id())
                    && parts.store()
                            .builds()
                            .end(
                                    build.app(),
                                    build.id(),
                                    Builds.State.FAILED,
                                    build.phases(),
                                    Optional.of(new Builds.Failure(code.wireName(), "platform", reason)),
                                    Optional.empty(),
                                    parts.clock().instant())) {
                log.atInfo().addKeyValue("build", build.id()).log("Failed a build that nobody carries on");
                ended++;
            }
        }
        parts.store().releases().failAbandoned();
        return ended;
    }

    /** Cancels all that goes on with the app in this server and waits for its end. */
    void stop(AppRef app) throws InterruptedException {
        deploys.stop(app);
    }

    /** Cancels what goes on and lets nothing begin any more. */
    @Override
    public void close() {
        deploys.close();
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
            parts.store()
                    .builds()
                    .find(app, id)
                    .ifPresent(build -> parts.events().publish(app, new LiveEvent.BuildEnded(BuildJson.of(build))));
        }
    }

    private static String mebibytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f MiB", bytes / 1024.0 / 1024.0);
    }
}

package dev.mayfly.control.deploy;

import dev.mayfly.builders.api.BuildOutput;
import dev.mayfly.control.api.json.ReleaseJson;
import dev.mayfly.control.live.LiveEvent;
import dev.mayfly.model.AppRef;
import dev.mayfly.model.DeathReason;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.ProcessSpec;
import dev.mayfly.pool.api.ReleaseToRun;
import dev.mayfly.pool.api.StartOutcome;
import dev.mayfly.store.Configs;
import dev.mayfly.store.DeployLeases;
import dev.mayfly.store.Releases;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Turns an image into the release that serves: writes it down, runs its release command, starts an instance, and only when
 * that is healthy moves the app's hosts over, in one transaction. Until then the old release serves.
 */
final class Launcher {
    private static final String WEB = "web";
    private static final String RELEASE = "release";
    private static final Duration RELEASE_COMMAND_MAX = Duration.ofMinutes(10);

    private final DeployParts parts;

    Launcher(DeployParts parts) {
        this.parts = parts;
    }

    DeployResult launch(
            Releases.NewRelease wanted, BuildOutput output, DeployLeases.Lease lease, Cancellation cancellation)
            throws InterruptedException {
        output.phase("launch");
        AppRef app = wanted.app();
        parts.store().releases().failPending(app); // Whoever held the lease before and wrote one is dead or fenced off.
        Releases.Release release = parts.store().releases().create(wanted);
        String url = parts.urls().url(app);
        parts.events().publish(app, new LiveEvent.ReleaseCreated(ReleaseJson.of(release, url)));
        boolean live = false;
        try {
            ReleaseToRun run = toRun(release, parts.store().configs().version(app, wanted.configVersion()));
            Optional<DeployResult> failure = releaseCommand(release, run, output, cancellation);
            if (failure.isEmpty()) {
                failure = start(release, run, output, cancellation);
            }
            if (failure.isPresent()) {
                return failure.get();
            }
            cancellation.check(); // The last moment: after the switch it serves.
            String host = parts.urls().host(app);
            parts.store().releases().switchTo(release.ref(), List.of(host), lease);
            live = true;
            parts.routes().put(host, run);
            parts.instances().retireOthers(run, DeathReason.DEPLOY);
        } finally {
            if (!live) {
                parts.store().releases().fail(release.ref());
            }
        }
        parts.store()
                .releases()
                .find(app, release.version())
                .ifPresent(now -> parts.events().publish(app, new LiveEvent.ReleaseLive(ReleaseJson.of(now, url))));
        output.step("Released v" + release.version());
        output.detail(url);
        return new DeployResult.Live(release.version(), url, wanted.buildId());
    }

    /** All that the pool needs to run a release's web process. */
    static ReleaseToRun toRun(Releases.Release release, Configs.Config config) {
        ProcessSpec web = Objects.requireNonNull(release.of().processes().get(WEB), "every release has a web process");
        return new ReleaseToRun(
                release.ref(),
                release.of().image(),
                web,
                config.values(),
                release.of().spec());
    }

    private Optional<DeployResult> releaseCommand(
            Releases.Release release, ReleaseToRun run, BuildOutput output, Cancellation cancellation)
            throws InterruptedException {
        ProcessSpec command = release.of().processes().get(RELEASE);
        if (command == null || !release.of().reason().equals("deploy")) {
            return Optional.empty();
        }
        output.step("Running the release command");
        int code =
                cancellation.during(() -> parts.instances().runOnce(run, command, RELEASE_COMMAND_MAX, output::detail));
        if (code == 0) {
            return Optional.empty();
        }
        String reason = "The release command ended with exit code " + code + ".";
        output.warning(reason);
        return rejected(release, ErrorCode.RELEASE_COMMAND_FAILED, reason);
    }

    private Optional<DeployResult> start(
            Releases.Release release, ReleaseToRun run, BuildOutput output, Cancellation cancellation)
            throws InterruptedException {
        output.step("Starting v" + release.version());
        return switch (cancellation.during(() -> parts.instances().startHealthy(run, output::detail))) {
            case StartOutcome.Healthy healthy -> {
                output.detail("healthy after " + healthy.took().toMillis() + " ms");
                yield Optional.empty();
            }
            case StartOutcome.Unhealthy unhealthy -> {
                unhealthy.detail().lines().forEach(output::warning);
                String first = unhealthy.detail().lines().findFirst().orElse("");
                yield rejected(release, unhealthy.code(), "v" + release.version() + " did not start: " + first);
            }
        };
    }

    private static Optional<DeployResult> rejected(Releases.Release release, ErrorCode code, String reason) {
        return Optional.of(new DeployResult.Rejected(code, reason, release.of().buildId()));
    }
}

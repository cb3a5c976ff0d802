package dev.mayfly.pool.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.model.AppRef;
import dev.mayfly.model.AppSpec;
import dev.mayfly.model.Blame;
import dev.mayfly.model.ErrorCode;
import dev.mayfly.model.MayflyException;
import dev.mayfly.model.ProcessSpec;
import dev.mayfly.model.ReleaseRef;
import dev.mayfly.pool.api.InstanceView;
import dev.mayfly.pool.api.LeaseOutcome;
import dev.mayfly.pool.api.PoolListener;
import dev.mayfly.pool.api.ReleaseToRun;
import dev.mayfly.pool.api.StartOutcome;
import dev.mayfly.pool.core.PoolConfig;
import dev.mayfly.sandbox.RuntimeClasses;
import dev.mayfly.sandbox.Sandbox;
import dev.mayfly.sandbox.SandboxExit;
import dev.mayfly.sandbox.SandboxHealth;
import dev.mayfly.sandbox.SandboxRuntime;
import dev.mayfly.sandbox.SandboxSpec;
import dev.mayfly.sandbox.SandboxUsage;
import dev.mayfly.sandbox.Sweep;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A start that fails because of the platform is the platform's doing, whoever asks, and whoever waits is told at once. */
@Timeout(60)
final class BlameTest implements PoolListener {
    private static final ReleaseToRun RELEASE = new ReleaseToRun(
            new ReleaseRef(AppRef.of("local", "shop"), 1),
            "sha256:0",
            new ProcessSpec(List.of("/bin/true"), Map.of(), "/"),
            Map.of(),
            AppSpec.DEFAULTS);

    @TempDir
    Path folder;

    @Test
    void anErrorOfTheServerIsThePlatformsAndReachesWhoWaits() throws Exception {
        assertPlatforms(() -> {
            throw new OutOfMemoryError("of the test");
        });
    }

    @Test
    void aLauncherThatIsGoneIsThePlatforms() throws Exception {
        assertPlatforms(() -> {
            throw new MayflyException(ErrorCode.INTERNAL, "the launcher is gone");
        });
    }

    @Test
    void aSandboxThatWentWithWhatRanItIsThePlatforms() throws Exception {
        assertPlatforms(() -> new Ended(new SandboxExit(137, SandboxExit.Cause.RUNTIME_LOST)));
    }

    @Test
    void aProgramThatEndsIsStillTheFunctions() throws Exception {
        LeaseOutcome.StartFailed failed = lease(() -> new Ended(new SandboxExit(3, SandboxExit.Cause.ENDED)), 1);
        assertThat(failed.code()).isEqualTo(ErrorCode.START_FAILED);
    }

    /** Also of who comes later and is turned away without a try. */
    private void assertPlatforms(Supplier<Sandbox> start) throws Exception {
        for (int asked : List.of(1, 3)) {
            LeaseOutcome.StartFailed failed = lease(start, asked);
            assertThat(failed.code()).as("asked %d times", asked).isEqualTo(ErrorCode.START_IMPOSSIBLE);
            assertThat(failed.code().blame()).isEqualTo(Blame.PLATFORM);
        }
        try (WarmPool pool = pool(start)) {
            assertThat(pool.startHealthy(RELEASE, _ -> {}))
                    .isInstanceOfSatisfying(StartOutcome.Unhealthy.class, told -> {
                        assertThat(told.code()).isEqualTo(ErrorCode.START_IMPOSSIBLE);
                        assertThat(told.detail()).contains("Mayfly could not make its sandbox");
                    });
        }
    }

    private LeaseOutcome.StartFailed lease(Supplier<Sandbox> start, int times) throws Exception {
        try (WarmPool pool = pool(start)) {
            for (int i = 1; i < times; i++) {
                ask(pool);
            }
            LeaseOutcome outcome = ask(pool);
            assertThat(outcome).isInstanceOf(LeaseOutcome.StartFailed.class);
            return (LeaseOutcome.StartFailed) outcome;
        }
    }

    private static LeaseOutcome ask(WarmPool pool) throws Exception {
        return pool.lease(RELEASE)
                .outcome()
                .toCompletionStage()
                .toCompletableFuture()
                .get(20, TimeUnit.SECONDS);
    }

    private WarmPool pool(Supplier<Sandbox> start) throws InterruptedException {
        PoolParts parts = new PoolParts(new Only(start), _ -> List.of(folder), folder.resolve("run"));
        return new WarmPool(PoolConfig.DEFAULTS, parts, this, Clock.systemUTC(), "one");
    }

    @Override
    public void instanceChanged(InstanceView instance) {
        // Only whose doing it was is the question.
    }

    @Override
    public void line(ReleaseRef release, String instanceId, boolean stderr, String line) {
        // As above.
    }

    private record Only(Supplier<Sandbox> start) implements RuntimeClasses, SandboxRuntime {
        @Override
        public SandboxRuntime of(Optional<String> name) {
            return this;
        }

        @Override
        public List<String> offered() {
            return List.of(name());
        }

        @Override
        public String name() {
            return "fake";
        }

        @Override
        public Sandbox start(SandboxSpec spec) {
            return start.get();
        }

        @Override
        public Sweep sweep() {
            return new Sweep(0, List.of());
        }

        @Override
        public SandboxHealth health() {
            return SandboxHealth.NOTHING;
        }

        @Override
        public Map<String, String> orphans() {
            return Map.of();
        }

        @Override
        public void destroyOrphans(Set<String> ids) {}

        @Override
        public void close() {}
    }

    private record Ended(SandboxExit how) implements Sandbox {
        @Override
        public String id() {
            return "ended";
        }

        @Override
        public Optional<String> address() {
            return Optional.of("127.0.0.1");
        }

        @Override
        public CompletableFuture<SandboxExit> exit() {
            return CompletableFuture.completedFuture(how);
        }

        @Override
        public void terminate() {}

        @Override
        public void freeze() {}

        @Override
        public void thaw() {}

        @Override
        public SandboxUsage usage() {
            throw new UnsupportedOperationException();
        }

        @Override
        public List<String> destroy() {
            return List.of();
        }
    }
}

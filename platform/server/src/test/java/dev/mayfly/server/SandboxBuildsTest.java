package dev.mayfly.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.builders.api.BuildSandbox;
import dev.mayfly.model.RunOutcome;
import dev.mayfly.sandbox.Sandbox;
import dev.mayfly.sandbox.SandboxExit;
import dev.mayfly.sandbox.SandboxHealth;
import dev.mayfly.sandbox.SandboxRuntime;
import dev.mayfly.sandbox.SandboxSpec;
import dev.mayfly.sandbox.SandboxUsage;
import dev.mayfly.sandbox.Sweep;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

final class SandboxBuildsTest {
    private final List<String> output = new ArrayList<>();
    private int destroyed;

    @Test
    void anExitCodeIsTheCommandsOwnWhateverItIs() throws Exception {
        for (int code : new int[] {0, 1, 124, 137}) {
            assertThat(run(exit(code, SandboxExit.Cause.ENDED))).isEqualTo(new RunOutcome.Exited(code));
        }
        assertThat(destroyed).isEqualTo(4);
    }

    @Test
    void whatDoesNotEndInItsTimeIsEnded() throws Exception {
        assertThat(run(new CompletableFuture<>())).isEqualTo(new RunOutcome.TimedOut(Duration.ofMillis(20)));
        assertThat(destroyed).isEqualTo(1);
    }

    @Test
    void whatTheMachineEndedIsTold() throws Exception {
        assertThat(run(exit(137, SandboxExit.Cause.OOM_KILLED)))
                .isEqualTo(new RunOutcome.Killed(RunOutcome.Cause.OUT_OF_MEMORY));
        assertThat(output).containsExactly(" !     Out of memory: the build may use 64 MiB");
        assertThat(run(exit(137, SandboxExit.Cause.RUNTIME_LOST)))
                .isEqualTo(new RunOutcome.Killed(RunOutcome.Cause.RUNTIME_LOST));
    }

    @Test
    void whatEndsWellAfterOneOfItsProcessesWasKilledEndedWell() throws Exception {
        assertThat(run(exit(0, SandboxExit.Cause.OOM_KILLED))).isEqualTo(new RunOutcome.Exited(0));
    }

    private static CompletableFuture<SandboxExit> exit(int code, SandboxExit.Cause cause) {
        return CompletableFuture.completedFuture(new SandboxExit(code, cause));
    }

    private RunOutcome run(CompletableFuture<SandboxExit> exit) throws InterruptedException {
        return new SandboxBuilds(new PlayedRuntime(exit))
                .run(
                        new BuildSandbox.Command(
                                "bld_1_build",
                                "acme",
                                List.of(Path.of("/base")),
                                List.of(),
                                List.of("build"),
                                Map.of(),
                                "/workspace",
                                false,
                                64,
                                Duration.ofMillis(20)),
                        output::add);
    }

    /** Makes sandboxes that end in this way. */
    private final class PlayedRuntime implements SandboxRuntime {
        private final CompletableFuture<SandboxExit> exit;

        PlayedRuntime(CompletableFuture<SandboxExit> exit) {
            this.exit = exit;
        }

        @Override
        public String name() {
            return "played";
        }

        @Override
        public Sandbox start(SandboxSpec spec) {
            return new OneSandbox(spec.id());
        }

        @Override
        public Sweep sweep() {
            throw new UnsupportedOperationException();
        }

        @Override
        public SandboxHealth health() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {}

        private final class OneSandbox implements Sandbox {
            private final String id;

            OneSandbox(String id) {
                this.id = id;
            }

            @Override
            public String id() {
                return id;
            }

            @Override
            public Optional<String> address() {
                return Optional.empty();
            }

            @Override
            public CompletableFuture<SandboxExit> exit() {
                return exit;
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
                destroyed++;
                return List.of();
            }
        }
    }
}
